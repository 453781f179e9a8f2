"""Takes documents in: each content once, whenever it is cut short and however often it looks."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Protocol

from bot.core.documents.document import Document, IncomingDocument
from bot.core.documents.signature import Signature, SignatureCheck
from bot.core.documents.source import (
    WAITING,
    DocumentSource,
    Entry,
    EntryUnusable,
    Problem,
    StillWriting,
)
from bot.core.errors import SourceUnavailable

log = logging.getLogger(__name__)

_OVERLAP = timedelta(days=1)  # clocks and time zones of two systems are never quite the same
_MOST_PATIENCE = 6  # times the usual rest, for a source that is silent
_REMEMBERED = 10_000  # entries


class Fate(str, Enum):
    """What became of one entry at one look."""

    NEW = "new"
    CHANGED = "changed"  # a new version of a document we had
    KNOWN = "known"
    WAITING = "waiting"  # still being written
    BAD = "bad"
    SILENT = "silent"  # its PDF could not be fetched now


@dataclass(frozen=True)
class Outcome:
    """One entry and its fate; ``problem`` for a bad one."""

    fate: Fate
    problem: Problem | None = None
    document: Document | None = None


@dataclass(frozen=True)
class Turn:
    """The turn to look: when a look last saw everything, how many since found nobody there."""

    looked_at: datetime | None
    failures: int


class Documents(Protocol):
    """The part of the store this lane uses."""

    def begin(self, source: str, now: datetime, again_at: datetime) -> Turn | None:
        """Take the turn to look, or None if it is not due or somebody else's."""

    def end(
        self, source: str, failures: int, again_at: datetime, looked_at: datetime | None
    ) -> None:
        """Note how a look went; ``looked_at`` only if it saw everything."""

    def knows(self, document: IncomingDocument) -> bool:
        """Return whether this very content was taken in."""

    def take_in(
        self, document: IncomingDocument, signature: Signature, now: datetime, actor: str
    ) -> tuple[Document, bool]:
        """Keep a document; False beside it if it was kept before."""


class Intake:
    """Looks through a source once after the other and keeps what is new."""

    def __init__(
        self,
        documents: Documents,
        source: DocumentSource,
        check: SignatureCheck,
        actor: str = "worker",
    ) -> None:
        self._documents = documents
        self._source = source
        self._check = check
        self._actor = actor
        self._done: dict[tuple[str, str], str] = {}  # stamps of what needs no second look

    def entries(self, since: datetime | None) -> Sequence[Entry | Problem]:
        """Return what there is to look at. Raises SourceUnavailable."""
        if len(self._done) > _REMEMBERED:
            self._done.clear()
        return self._source.entries(since)

    def take(self, entry: Entry | Problem, now: datetime) -> Outcome:
        """Take one entry in."""
        if isinstance(entry, Problem):
            return Outcome(Fate.WAITING if entry.code == WAITING else Fate.BAD, entry)
        key = entry.where, entry.file
        try:
            opened = self._source.open(entry, self._done.get(key, ""))
        except EntryUnusable as error:
            return Outcome(Fate.BAD, error.problem)
        except StillWriting:
            problem = entry.problem(WAITING, "still being written, or cut off")
            return Outcome(Fate.WAITING, problem)
        except SourceUnavailable as error:
            return Outcome(Fate.SILENT, entry.problem("silent", str(error)))
        if opened is None:
            return Outcome(Fate.KNOWN)
        outcome = self._keep(opened.document, now)
        self._done[key] = opened.stamp
        return outcome

    def _keep(self, document: IncomingDocument, now: datetime) -> Outcome:
        if self._documents.knows(document):  # spares the look at its signatures
            return Outcome(Fate.KNOWN)
        signature = self._check(document.data, now)
        kept, new = self._documents.take_in(document, signature, now, self._actor)
        if not new:
            return Outcome(Fate.KNOWN, document=kept)
        verdict = signature.verdict.value
        log.info(
            "event=document_came document=%d version=%d signature=%s",
            kept.id,
            kept.version,
            verdict,
        )
        return Outcome(Fate.NEW if kept.version == 1 else Fate.CHANGED, document=kept)


class DocumentLane:
    """Looks at the source every so often, one process at a time."""

    def __init__(
        self, documents: Documents, source: DocumentSource, check: SignatureCheck, rest: timedelta
    ) -> None:
        self._documents = documents
        self._source = source
        self._intake = Intake(documents, source, check)
        self._rest = rest
        self._told: set[Problem] = set()
        self._waiting: set[Problem] = set()

    def step(self, clock: Callable[[], datetime], stopping: Callable[[], bool]) -> int:
        """Look if it is time; return how many documents came."""
        name, now = self._source.name, clock()
        turn = self._documents.begin(name, now, now + self._rest)
        if turn is None:
            return 0
        since = turn.looked_at - _OVERLAP if turn.looked_at else None
        try:
            outcomes = list(self._look(since, clock, stopping))
        except SourceUnavailable:
            self._silent(turn.failures + 1, clock())
            return 0
        # What could not be read now must be in the next list, too.
        seen_all = not stopping() and all(
            each.fate not in (Fate.SILENT, Fate.WAITING) for each in outcomes
        )
        self._documents.end(name, 0, now + self._rest, now if seen_all else None)
        return sum(each.fate in (Fate.NEW, Fate.CHANGED) for each in outcomes)

    def _look(
        self, since: datetime | None, clock: Callable[[], datetime], stopping: Callable[[], bool]
    ) -> Iterator[Outcome]:
        for entry in self._intake.entries(since):
            if stopping():
                return
            outcome = self._intake.take(entry, clock())
            if outcome.problem:
                self._tell(outcome.fate, outcome.problem)
            yield outcome

    def _tell(self, fate: Fate, problem: Problem) -> None:
        """Log what went wrong, once; what is being written at two looks may be cut off."""
        if len(self._told) + len(self._waiting) > _REMEMBERED:
            self._told.clear()
            self._waiting.clear()
        if fate is Fate.WAITING and problem not in self._waiting:
            self._waiting.add(problem)
        elif problem not in self._told:
            self._told.add(problem)
            log.warning(
                "event=document_%s line=%d code=%s", fate.value, problem.line, problem.code
            )

    def _silent(self, failures: int, now: datetime) -> None:
        pause = self._rest * min(failures, _MOST_PATIENCE)
        log.warning("event=document_source_silent failures=%d", failures)
        self._documents.end(self._source.name, failures, now + pause, None)
