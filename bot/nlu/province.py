"""Reads the names in the province's own tables, for the gazetteer."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from bot.nlu.words import spelling, words_of

TABLES = {
    "procedure": "procedures.csv",
    "field": "fields.csv",
    "topic": "topics.csv",
    "area": "areas.csv",
    "office": "offices.csv",
}
_NAME_COLUMNS = re.compile(
    r"^(?:short_name|name|alias|aliases|old_name|old_names|former)(?:_vi)?$"
)
_LONGEST = 8  # words; longer official names are never typed


def known_names(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield ``(entity, spelling)`` from every table that is there."""
    for entity, table in TABLES.items():
        path = folder / table
        if path.exists():
            with path.open(encoding="utf-8-sig", newline="") as file:
                for row in csv.DictReader(file):
                    yield from _names_in(entity, row)


def sources_digest(folder: Path | None = None) -> str:
    """Return a hash of this package and of the tables in ``folder``.

    Rasa's cache asks for it: by itself it sees a component's own class only, and would put a
    part trained by yesterday's code beside today's.
    """
    here = Path(__file__).parent
    files = [*here.glob("*.py"), *here.glob("*.yml")]
    files += [folder / table for table in TABLES.values()] if folder else []
    digest = hashlib.sha256()
    for path in sorted(path for path in files if path.exists()):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def _names_in(entity: str, row: Mapping[str, str | None]) -> Iterator[tuple[str, str]]:
    for text in _spellings(row):
        if entity == "procedure":
            text = _without_generic(text)
        elif entity == "area":
            text = text.replace("(cũ)", "").strip()
            if not row.get("needs_kind"):
                yield entity, _without_kind(text)
        if text and len(words_of(text)) <= _LONGEST:
            yield entity, text


def _spellings(row: Mapping[str, str | None]) -> Iterator[str]:
    for column, cell in row.items():
        if column and cell and _NAME_COLUMNS.match(column):
            yield from (part.strip(" .") for part in cell.split(";") if part.strip(" ."))


def _without_kind(name: str) -> str:
    """Drop what sort of place it is: people say "bến lức" for the commune and the old district."""
    kinds = "|".join(map(re.escape, spelling()["area_kinds"]))
    return re.sub(rf"^(?:{kinds})[. ]+", "", name, flags=re.IGNORECASE)


def _without_generic(text: str) -> str:
    """Drop leading words such as "làm giấy": they do not say which procedure."""
    words = words_of(text)
    plain = [word.plain for word in words]
    generic = [tuple(item.split()) for item in spelling()["generic_words"]]
    at = 0
    while size := next((len(g) for g in generic if tuple(plain[at : at + len(g)]) == g), 0):
        at += size
    return text[words[at].start :] if at < len(words) else ""
