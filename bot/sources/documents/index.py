"""Rows of a list of documents: which column is what, and what a row must hold."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterator
from datetime import date, datetime, tzinfo

from bot.core.documents.source import Entry, Problem
from bot.registry.days import stored_moment
from bot.registry.rows import BadFile, BadRow, Loaded, Row

MOST_ROWS = 5_000
# By their own name, as the national exchange calls them, and as people head a table.
_COLUMNS = {
    "number": ("number", "sokyhieu", "so", "sovanban"),
    "date": ("date", "ngaybanhanh", "ngayvanban"),
    "signer": ("signer", "nguoiky"),
    "abstract": ("abstract", "trichyeu", "trichyeunoidung"),
    "issuer": ("issuer", "coquanbanhanh", "tencoquanbanhanh"),
    "file": ("file", "tepdinhkem", "tep", "tentep"),
}
_SHOWN = {
    "number": "SoKyHieu",
    "date": "NgayBanHanh",
    "signer": "NguoiKy",
    "abstract": "TrichYeu",
    "issuer": "CoQuanBanHanh",
    "file": "TepDinhKem",
}
_LONGEST = {"number": 100, "date": 40, "signer": 200, "abstract": 2000, "issuer": 200}
_LONGEST_FILE = 1000


def read_index(file: Loaded, zone: tzinfo, beside: str = "") -> Iterator[Entry | Problem]:
    """Yield the entries of a list; ``beside`` is the PDF's name where rows need not say it.

    A moment with an offset is a day in ``zone``.

    Raises BadFile when the list as a whole cannot be read.
    """
    for number, row in enumerate(file.rows(())):
        if number >= MOST_ROWS:
            raise BadFile(f"{file.name}: more than {MOST_ROWS} documents; divide it")
        try:
            yield _entry(file.name, row, zone, beside)
        except BadRow as error:
            yield Problem(file.name, row.line, "row", str(error))


def _entry(where: str, row: Row, zone: tzinfo, beside: str) -> Entry:
    if row.error:
        raise BadRow(row.error)
    cells = {name: _cell(row, name) for name in _COLUMNS}
    cells["file"] = cells["file"] or beside
    for name in ("number", "date", "abstract", "issuer", "file"):
        if not cells[name]:
            raise BadRow(f"{_SHOWN[name]} is missing")
    for name, text in cells.items():
        if len(text) > _LONGEST.get(name, _LONGEST_FILE):
            raise BadRow(f"{_SHOWN[name]} is longer than {_LONGEST.get(name, _LONGEST_FILE)}")
    said = "\0".join(cells.values())
    return Entry(
        where=where,
        line=row.line,
        day=_day(cells.pop("date"), zone),
        stamp=hashlib.sha256(said.encode()).hexdigest()[:16],
        **cells,
    )


def _cell(row: Row, name: str) -> str:
    """Return the first of a column's names that holds something, as plain text on one line."""
    for known in _COLUMNS[name]:
        if text := row.get(known):
            return _plain(text, name)
    return ""


def _plain(text: str, name: str) -> str:
    # Marks nobody sees turn a line around or hide what it says; text processors leave them.
    seen = "".join(letter for letter in text if unicodedata.category(letter) != "Cf")
    if any(unicodedata.category(letter) in ("Cc", "Cs", "Co") for letter in seen):
        raise BadRow(f"{_SHOWN[name]} holds letters that cannot be seen; write it anew")
    return unicodedata.normalize("NFC", seen).strip()


def _day(text: str, zone: tzinfo) -> date:
    moment = stored_moment(text, _SHOWN["date"])
    if moment is None:
        raise BadRow(f"{_SHOWN['date']} is missing")
    found = datetime.fromisoformat(moment)
    return (found.astimezone(zone) if found.tzinfo else found).date()
