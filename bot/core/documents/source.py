"""Where documents come from: a list of entries, each opened on its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from bot.core.documents.document import IncomingDocument
from bot.core.errors import DeskError

WAITING = "waiting"  # the code of what will be there at a later look


@dataclass(frozen=True)
class Problem:
    """An entry that cannot be used: ``where`` names the file, ``line`` counts from 1 (0: none).

    ``code`` is safe to log, ``reason`` may quote what stood there.
    """

    where: str
    line: int
    code: str
    reason: str

    def __str__(self) -> str:
        line = f" line {self.line}" if self.line else ""
        return f"{self.where}{line}: {self.reason}"


@dataclass(frozen=True)
class Entry:
    """One document of a list, its PDF not yet opened. ``file`` names it in the source's way.

    ``stamp`` changes whenever what the list says of it, or the file beside it, does.
    """

    where: str
    line: int
    number: str
    day: date
    signer: str
    abstract: str
    issuer: str
    file: str
    stamp: str = ""

    def problem(self, code: str, reason: str) -> Problem:
        """Return a problem of this entry."""
        return Problem(self.where, self.line, code, reason)


@dataclass(frozen=True)
class Opened:
    """A document, and the stamp that says later whether it is still the same."""

    document: IncomingDocument
    stamp: str


class EntryUnusable(DeskError):
    """The PDF of an entry cannot be used as it is; asking again may bring another one."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


class StillWriting(DeskError):
    """The PDF of an entry is still being written; it is whole at a later look."""


class DocumentSource(Protocol):
    """A place documents come from."""

    @property
    def name(self) -> str:
        """Return what its looks are remembered under; says nothing about its address."""

    def entries(self, since: datetime | None) -> Sequence[Entry | Problem]:
        """Return what there is, at least what came after ``since``.

        Raises SourceUnavailable.
        """

    def open(self, entry: Entry, before: str) -> Opened | None:
        """Return a document, or None if it still is what had the stamp ``before``.

        Raises EntryUnusable, StillWriting or SourceUnavailable.
        """
