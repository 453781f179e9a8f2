"""Reads rows from CSV and JSON files and says on which line a bad one stands."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_DELIMITERS = ",;\t|"


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

    def get(self, name: str) -> str:
        """Return a cell with its spaces tidied, "" when it is missing."""
        return " ".join(self.cells.get(name.lower(), "").split())

    def need(self, name: str) -> str:
        """Return a cell that must not be empty. Raises BadRow."""
        value = self.get(name)
        if not value:
            raise BadRow(f"{name} is missing")
        return value


def read_rows(path: Path, needed: tuple[str, ...]) -> Iterator[Row]:
    """Yield the rows of a .csv or .json file; names of columns are compared in lower case.

    Raises BadFile when the file is missing, is not text, or lacks a needed column.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror}") from error
    if b"\0" in data[:4096]:
        raise BadFile(f"{path}: not a UTF-8 text file; save it as CSV (UTF-8) or JSON")
    text = data.decode("utf-8-sig", errors="surrogateescape")
    rows = _json_rows(text) if path.suffix.lower() in (".json", ".jsonl") else _csv_rows(text)
    yield from _checked(path, rows, needed)


def _checked(path: Path, rows: Iterator[Row], needed: tuple[str, ...]) -> Iterator[Row]:
    for index, row in enumerate(rows):
        missing = [name for name in needed if name.lower() not in row.cells]
        if index == 0 and missing and not row.error and path.suffix.lower() == ".csv":
            raise BadFile(f"{path}: no column {', '.join(missing)}")
        yield row


def _csv_rows(text: str) -> Iterator[Row]:
    heading = text.split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=heading.count)
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter)
    try:
        names = [name.strip().lower() for name in next(reader, [])]
    except csv.Error as error:
        raise BadFile(f"heading: {error}") from error
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
    while 0 <= position < len(text):
        line = text.count("\n", 0, position) + 1
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
