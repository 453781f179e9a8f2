"""Reads the tables of ``docs/privacy.md``, so that tests can hold the page to the code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "privacy.md"
_STAYS = "stays without the citizen"
_NAME = re.compile(r"`([^`]+)`")


def tables_under(heading: str) -> Iterator[dict[str, str]]:
    """Yield the rows of the one table under a heading, by the names of its columns."""
    text = PAGE.read_text(encoding="utf-8")
    part = re.split(r"^## ", text.split(f"## {heading}\n", 1)[1], flags=re.MULTILINE)[0]
    lines = [line for line in part.splitlines() if line.startswith("|")]
    names, _, *found = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    for cells in found:
        assert len(cells) == len(names), cells
        yield dict(zip(names, cells, strict=True))


def named(cell: str) -> list[str]:
    """Return what stands in backquotes in a cell."""
    return _NAME.findall(cell)


def kept_after_erasure() -> set[str]:
    """Return the tables whose rows go on counting without the citizen."""
    rows = tables_under("Tables")
    return {name for row in rows if _STAYS in row["on request"] for name in named(row["table"])}
