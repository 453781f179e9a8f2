"""A one-stop system as a source of dossiers: asked, remembered for a moment, known when silent."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from typing import Literal, TypeVar

from bot.core.dossiers.codes import DossierCode
from bot.core.dossiers.dossier import Dossier
from bot.core.errors import DossierNotFound, SourceUnavailable
from bot.sources.onestop.client import Client
from bot.sources.onestop.faults import Fault
from bot.sources.onestop.known import KnownStates
from bot.sources.onestop.parse import Parser, Record

_MOST_REMEMBERED = 5_000
_UNKNOWN_SECONDS = 5.0  # a code not found is asked for again after this
_AT_ONCE = 100  # codes in one question
_LIST_SECONDS = 10.0  # nobody waits in a chat for a list
_T = TypeVar("_T")


def _now() -> datetime:
    return datetime.now(timezone.utc)


class Remembered:
    """What was answered in the last seconds: a dossier, or None for "no such dossier"."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[float, Dossier | None]] = OrderedDict()

    def find(self, key: str) -> tuple[Dossier | None] | None:
        """Return a tuple of what is remembered, or None when nothing is."""
        with self._lock:
            until, dossier = self._kept.get(key, (0.0, None))
            return (dossier,) if self._clock() < until else None

    def keep(self, key: str, dossier: Dossier | None) -> None:
        """Remember an answer instead of the one before."""
        seconds = self._seconds if dossier else min(self._seconds, _UNKNOWN_SECONDS)
        with self._lock:
            self._kept.pop(key, None)
            self._kept[key] = (self._clock() + seconds, dossier)
            while len(self._kept) > _MOST_REMEMBERED:
                self._kept.popitem(last=False)


class OneStopSource:
    """The DossierSource and OwnerCheck of a one-stop system.

    ``seconds`` is all the time a look-up may take. ``clock`` gives the present (aware).
    """

    name = "onestop"

    def __init__(
        self,
        client: Client,
        parser: Parser,
        known: KnownStates,
        remembered: Remembered,
        seconds: float,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._client = client
        self._parser = parser
        self._known = known
        self._remembered = remembered
        self._seconds = seconds
        self._clock = clock

    def fetch(self, code: DossierCode) -> Dossier:
        """Return the dossier whose code has the same key.

        While the system is silent that is its last known state, marked ``stale``. Raises
        DossierNotFound when the system answered that there is none, and SourceUnavailable when it
        did not answer and nothing is known.
        """
        remembered = self._remembered.find(code.key)
        if remembered is None:
            try:
                remembered = (self._asked(code),)
            except SourceUnavailable:
                if last := self._known.find(code.key, self._clock()):
                    return last
                raise
        if remembered[0] is None:
            raise DossierNotFound(self.name)
        return remembered[0]

    def states(self, codes: Sequence[DossierCode]) -> Mapping[str, Dossier]:
        """Return the present state of each dossier by key, for looking after followed ones.

        A key that is missing tells nothing: the system may have none or its record be unusable.
        Raises SourceUnavailable when the system does not answer; nothing here is ever stale.
        """
        found: dict[str, Dossier] = {}
        asked = {code.key: code for code in codes}
        for part in _parts(list(asked.values())):
            found.update(self._listed(part))
        self._known.keep(list(found.items()), self._clock())
        for key, dossier in found.items():
            self._remembered.keep(key, dossier)
        return found

    def confirm(self, code: DossierCode, kind: Literal["phone", "secret"], value: str) -> bool:
        """Whether ``value`` is what the system holds about the owner; see OwnerCheck."""
        record = self._record(code)
        return record is not None and self._parser.knows_owner(record, kind, value)

    def close(self) -> None:
        """Give back what is open."""
        self._known.close()

    def _asked(self, code: DossierCode) -> Dossier | None:
        record = self._record(code)
        if record is None:
            self._known.forget(code.key)
            dossier = None
        else:
            dossier = self._read(record)
            self._known.keep([(code.key, dossier)], self._clock())
        self._remembered.keep(code.key, dossier)
        return dossier

    def _record(self, code: DossierCode) -> Record | None:
        answer = self._client.ask(code, self._seconds)
        return self._checked(lambda: self._parser.record_of(code, answer))

    def _read(self, record: Record) -> Dossier:
        return self._checked(lambda: self._parser.dossier(record, self._clock()))

    def _listed(self, codes: Sequence[DossierCode]) -> dict[str, Dossier]:
        if not self._client.takes_lists:
            return dict(self._one_by_one(codes))
        answer = self._client.ask_many(codes, _LIST_SECONDS)
        records = self._checked(lambda: self._parser.records(answer))
        return dict(self._usable(records, {code.key for code in codes}))

    def _one_by_one(self, codes: Iterable[DossierCode]) -> Iterator[tuple[str, Dossier]]:
        for code in codes:
            try:
                record = self._record(code)
                if record is not None:
                    yield code.key, self._read(record)
            except Fault as fault:
                if not fault.alive:
                    raise

    def _usable(self, records: Sequence[Record], asked: set[str]) -> Iterator[tuple[str, Dossier]]:
        """Yield the records that can be used; a bad one is left out, not the others with it."""
        for record in records:
            try:
                key = self._parser.code_of(record).key
                dossier = self._parser.dossier(record, self._clock())
            except Fault as fault:
                self._client.note(fault)
                continue
            if key in asked:
                yield key, dossier

    def _checked(self, work: Callable[[], _T]) -> _T:
        try:
            return work()
        except Fault as fault:
            self._client.note(fault)
            raise


def _parts(codes: Sequence[DossierCode]) -> Iterator[Sequence[DossierCode]]:
    for start in range(0, len(codes), _AT_ONCE):
        yield codes[start : start + _AT_ONCE]
