"""Reads rows from CSV, JSON and Excel files and says on which line a bad one stands."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

from bot.core.vietnamese import fold

_DELIMITERS = ",;\t|"
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_MOST_BYTES = 512 * 2**20
_CHUNK = 16 * 2**20


class BadFile(Exception):
    """The file as a whole cannot be read; the message says why."""


class BadRow(Exception):
    """One row cannot be used; the message says why."""


@dataclass(frozen=True)
class Problem:
    """A row that was left out: ``line`` counts from 1, the heading included."""

    line: int
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"


@dataclass(frozen=True)
class Row:
    """A row with the line it starts on. ``error`` is set when it could not even be split."""

    line: int
    cells: Mapping[str, str]
    error: str = ""

    def find(self, name: str) -> str | None:
        """Return a cell with its spaces tidied, None when the file has no such column."""
        value = self.cells.get(name.lower())
        return None if value is None else " ".join(value.split())

    def get(self, name: str) -> str:
        """Return a cell with its spaces tidied, "" when it is missing."""
        return self.find(name) or ""

    def need(self, name: str) -> str:
        """Return a cell that must not be empty. Raises BadRow."""
        value = self.get(name)
        if not value:
            raise BadRow(f"{name} is missing")
        return value


@dataclass(frozen=True)
class Loaded:
    """The bytes of a file, read once, so that what is hashed is what is imported."""

    name: str  # without its folder
    data: bytes
    sheet: str = ""  # of an Excel file; empty means the first
    most_unpacked: int = 0  # bytes an Excel file may unpack to; 0 is what a command may take

    @cached_property
    def digest(self) -> str:
        """Return the content hash."""
        return hashlib.sha256(self.data + b"\0" + self.sheet.encode()).hexdigest()

    @cached_property
    def guess(self) -> int:
        """Return about how many rows there are, 0 when only reading would tell."""
        if not self.data.startswith(_ZIP):
            return self.data.count(b"\n")
        from bot.registry.workbook import guessed_rows

        return guessed_rows(self.data)

    def rows(self, needed: Sequence[str]) -> Iterator[Row]:
        """Yield the rows; names of columns are compared in lower case, without marks and spaces.

        Raises BadFile when the file is not text and no workbook, or lacks a needed column.
        """
        try:
            yield from self._rows(needed)
        except BadFile as error:
            raise BadFile(f"{self.name}: {error}") from error

    def _rows(self, needed: Sequence[str]) -> Iterator[Row]:
        if self.data.startswith(_ZIP):
            from bot.registry.sheets import sheet_rows

            return sheet_rows(self.data, needed, self.sheet, self.most_unpacked)
        if self.data.startswith(_OLE):
            raise BadFile("an old or password-protected Excel file; save it as .xlsx")
        if b"\0" in self.data[:4096]:
            raise BadFile("not a UTF-8 text file; save it as .xlsx, CSV (UTF-8) or JSON")
        if self.sheet:
            raise BadFile("only .xlsx files have sheets")
        text = self.data.decode("utf-8-sig", errors="surrogateescape")
        is_json = self.name.lower().endswith((".json", ".jsonl"))
        return _json_rows(text) if is_json else _csv_rows(text, needed)


def load(path: Path, sheet: str = "") -> Loaded:
    """Return the content of a file. Raises BadFile when it is missing or too large."""
    try:
        with path.open("rb") as file:
            data = _read(file)
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror}") from error
    if len(data) > _MOST_BYTES:
        raise BadFile(f"{path}: larger than {_MOST_BYTES >> 20} MiB; divide it")
    return Loaded(path.name, data, sheet)


def _read(file: BinaryIO) -> bytes:
    """Return the content, or a little more than is allowed; memory is taken for what is there.

    A pipe tells no size, and a file may grow while it is read.
    """
    size = min(os.fstat(file.fileno()).st_size, _MOST_BYTES)
    data = file.read(size + 1)
    while size < len(data) <= _MOST_BYTES and (more := file.read(_CHUNK)):
        data += more
    return data


def read_rows(path: Path, needed: Sequence[str]) -> Iterator[Row]:
    """Yield the rows of a file, see ``Loaded.rows``. Raises BadFile."""
    return load(path).rows(needed)


def heading(name: str) -> str:
    """Return the name of a column as rows keep it.

    >>> heading("MaHoSo"), heading(" Mã hồ sơ "), heading("name_vi")
    ('mahoso', 'mahoso', 'name_vi')
    """
    return fold(name).replace(" ", "")


def missing(names: Sequence[str], needed: Sequence[str]) -> list[str]:
    """Return the needed columns that are not among ``names``."""
    return [name for name in needed if name.lower() not in names]


def _csv_rows(text: str, needed: Sequence[str]) -> Iterator[Row]:
    delimiter = max(_DELIMITERS, key=text.split("\n", 1)[0].count)
    # newline="": only line ends end a line, not the other characters Unicode calls so.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        names = [heading(name) for name in next(reader, [])]
    except csv.Error as error:
        raise BadFile(f"heading: {error}") from error
    if absent := missing(names, needed):
        raise BadFile(f"no column {', '.join(absent)}")
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Row(line, {}, f"not CSV: {error}")
            continue
        if any(cell.strip() for cell in cells):
            yield _csv_row(line, names, cells)


def _csv_row(line: int, names: list[str], cells: list[str]) -> Row:
    if len(cells) != len(names):
        return Row(line, {}, f"{len(cells)} cells, the heading has {len(names)}")
    return _decoded(line, dict(zip(names, cells, strict=True)))


def _json_rows(text: str) -> Iterator[Row]:
    """Yield the objects of a JSON list, of the first list inside an object, or one a line."""
    decoder = json.JSONDecoder()
    position = _first_object(text)
    line, counted = 1, 0
    while 0 <= position < len(text):
        line += text.count("\n", counted, position)
        counted = position
        try:
            item, position = decoder.raw_decode(text, position)
        except (ValueError, RecursionError) as error:
            yield Row(line, {}, f"not JSON: {error}")
            return
        yield _json_row(line, item)
        while position < len(text) and text[position] in " \t\r\n,":
            position += 1
        if text[position : position + 1] in ("]", ""):
            return


def _first_object(text: str) -> int:
    """Return where the first record starts, len(text) when the list is empty."""
    stripped = text.lstrip()
    if not stripped:
        raise BadFile("the file is empty")
    if stripped[0] not in "[{":
        raise BadFile("not JSON: a list of objects is expected")
    start = len(text) - len(stripped)
    if stripped[0] == "{":
        inner = text.find("[", start)
        wrapped = inner > 0 and text[start + 1 : inner].count('"') == 2
        if not wrapped:
            return start
        start = inner
    start += 1
    while start < len(text) and text[start].isspace():
        start += 1
    return len(text) if text[start : start + 1] == "]" else start


def _json_row(line: int, item: Any) -> Row:
    if not isinstance(item, dict):
        return Row(line, {}, "not an object")
    cells = {
        str(name).lower(): "" if value is None else str(value)
        for name, value in item.items()
        if not isinstance(value, (list, dict))
    }
    return _decoded(line, cells)


def _decoded(line: int, cells: dict[str, str]) -> Row:
    broken = [name for name, value in cells.items() if not value.isprintable() and _bad(value)]
    if broken:
        return Row(line, cells, f"{broken[0]} is not UTF-8 text")
    return Row(line, cells)


def _bad(value: str) -> bool:
    return any("\ud800" <= char <= "\udfff" for char in value)
