"""Prints figures as they stand in docs/benchmarks.md."""

from __future__ import annotations

from collections.abc import Mapping


def print_table(cells: Mapping[str, object]) -> None:
    """Print a table of one row, with the headings as keys."""
    print("\n")  # below a progress bar
    for line in (cells, ["---"] * len(cells), cells.values()):
        print("|", " | ".join(map(str, line)), "|")
