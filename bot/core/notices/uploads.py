"""Lists of citizens brought along as a file: read row by row, bad rows named, nothing guessed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

MOST_ROWS = 1_000_000
_LARGEST = 2**63 - 1


@dataclass(frozen=True)
class BadRow:
    """A row that names nobody: its line number (from 1) and ``not_a_number`` or ``repeated``."""

    line: int
    reason: str


@dataclass(frozen=True)
class IdList:
    """The ids of a list, ascending, each once, and the rows that were left out."""

    ids: tuple[int, ...]
    bad: tuple[BadRow, ...] = ()

    @property
    def digest(self) -> str:
        """Return the name of the list: the SHA-256 of its ids."""
        return hashlib.sha256("\n".join(map(str, self.ids)).encode()).hexdigest()


@dataclass(frozen=True)
class ListReport:
    """What became of an uploaded list: whom we know, who said STOP, and the rows left out."""

    digest: str
    known: int
    unknown: int
    stopped: int
    bad: tuple[BadRow, ...] = ()


def read_ids(lines: Iterable[str]) -> IdList:
    """Read one citizen's number a line; empty lines and a heading on the first are passed over.

    >>> read = read_ids(["id", "7", " 3 ", "", "7", "x"])
    >>> read.ids, [(row.line, row.reason) for row in read.bad]
    ((3, 7), [(5, 'repeated'), (6, 'not_a_number')])
    """
    ids: set[int] = set()
    bad = []
    for number, line in enumerate(lines, start=1):
        word = line.strip().strip('"').lstrip("\ufeff")
        if not word or (number == 1 and not word[0].isdecimal()):
            continue
        if not _is_id(word):
            bad.append(BadRow(number, "not_a_number"))
        elif int(word) in ids:
            bad.append(BadRow(number, "repeated"))
        else:
            ids.add(int(word))
        if len(ids) + len(bad) > MOST_ROWS:
            raise ValueError(f"a list may have {MOST_ROWS:,} rows")
    return IdList(tuple(sorted(ids)), tuple(bad))


def _is_id(word: str) -> bool:
    short = len(word) <= len(str(_LARGEST))
    return short and word.isascii() and word.isdecimal() and 0 < int(word) <= _LARGEST
