"""Finds planted words wherever a desk may have left them, however they are written."""

from __future__ import annotations

import json
import re
import sqlite3
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_LONG = 8  # digits in a row that are nobody else's by chance


def spellings(word: str) -> set[bytes]:
    """Return the bytes a word may be kept as: forms, capitals, JSON, URL, UTF-16."""
    forms = {unicodedata.normalize(form, word) for form in ("NFC", "NFD")}
    forms |= {each.lower() for each in forms} | {each.upper() for each in forms}
    forms |= {json.dumps(each)[1:-1] for each in forms} | {quote(each) for each in forms}
    encoded = {each.encode(code) for each in forms for code in ("utf-8", "utf-16-le", "utf-16-be")}
    return encoded


def in_bytes(data: bytes, words: Iterable[str]) -> set[str]:
    """Return the words that stand in ``data`` in any spelling, numbers also with gaps in them."""
    found = {word for word in words if any(each in data for each in spellings(word))}
    text = data.decode("utf-8", errors="ignore")
    text = _ESCAPED.sub(lambda match: chr(int(match.group(1), 16)), text)
    found |= {word for word in words if word.casefold() in text.casefold()}
    lines = [re.sub(r"\D", "", line) for line in re.split(r"[^\d .()+-]+", text)]
    for word in words:
        digits = re.sub(r"\D", "", word)
        if len(digits) >= _LONG and any(digits in line for line in lines):
            found.add(word)
    return found


def in_tables(path: Path, words: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Yield table, column and word wherever a row of a SQLite file holds a planted word."""
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    try:
        named = connection.execute("select name from sqlite_master where type = 'table'")
        for (table,) in named.fetchall():
            rows = connection.execute(f'select * from "{table}"')  # noqa: S608 - its own names
            columns = [each[0] for each in rows.description]
            for row in rows:
                for column, value in zip(columns, row, strict=True):
                    data = value if isinstance(value, bytes) else str(value).encode()
                    for word in in_bytes(data, words):
                        yield table, column, word
    finally:
        connection.close()


def in_files(folder: Path, words: Iterable[str], pattern: str = "*") -> Iterator[tuple[str, str]]:
    """Yield file and word for every planted word in the bytes of a file."""
    for path in sorted(folder.rglob(pattern)):
        if path.is_file():
            for word in in_bytes(path.read_bytes(), words):
                yield path.relative_to(folder).as_posix(), word
