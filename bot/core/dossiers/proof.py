"""Who is the owner of a dossier: proved by the slip's signature or by what only owners know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import Enum
from itertools import product
from typing import Any, Literal, Protocol, cast

from bot.core.dossiers.codes import DossierCode
from bot.core.dossiers.dossier import DossierSource, OwnerCheck
from bot.core.dossiers.guard import Marks
from bot.core.errors import SourceUnavailable

LASTS = timedelta(days=30)
TRY_WINDOW = timedelta(days=1)
MOST_BY_CITIZEN = 3  # attempts at one dossier, within the window
MOST_BY_ALL = 10
Kind = Literal["phone", "secret"]


class Outcome(Enum):
    """What an attempt to prove came to."""

    PROVED = "proved"
    WRONG = "wrong"  # wrong digits, nothing on file, no such dossier: never told apart
    SPENT = "spent"
    SILENT = "silent"  # a source did not answer; the attempt does not count


class ProofBook(Protocol):
    """Keeps proofs and counts attempts, durably and for all processes."""

    def owns(self, citizen_id: int, key: str, now: datetime) -> bool:
        """Whether a proof is kept and has not ended."""

    def keys_of(self, citizen_id: int, now: datetime) -> frozenset[str]:
        """Return the digests of the codes a citizen proved."""

    def begin_try(self, citizen_id: int, key: str, now: datetime) -> int | None:
        """Count an attempt and return its number; None when there were too many."""

    def tries_left(self, citizen_id: int, key: str, now: datetime) -> int:
        """Return how many more attempts would be counted, 0 for none."""

    def undo_try(self, number: int) -> None:
        """Take an attempt back."""

    def end_slips(self, key: str) -> int:
        """End the proofs that a slip of this dossier was; return how many."""


class Proofs:
    """Decides who may see the owner's answer."""

    def __init__(self, book: ProofBook, sources: Iterable[DossierSource], marks: Marks) -> None:
        self._book = book
        self._checks = [cast(OwnerCheck, each) for each in sources if hasattr(each, "confirm")]
        self._marks = marks

    def owner(self, citizen_id: int, code: DossierCode, now: datetime) -> bool:
        """Whether the citizen proved within the last 30 days that this dossier is theirs."""
        return self._book.owns(citizen_id, self._key(code), now)

    def among(self, citizen_id: int, keys: Iterable[str], now: datetime) -> tuple[str, ...]:
        """Return those of the matching ``keys`` that the citizen proved to be theirs."""
        proved = self._book.keys_of(citizen_id, now)
        if not proved:
            return ()
        return tuple(key for key in keys if self._marks.digest(key, "proof") in proved)

    def attempt(self, citizen_id: int, code: DossierCode, value: str, now: datetime) -> Outcome:
        """Compare what somebody says with what is on file. Keeps nothing of ``value``.

        Four digits may be the end of the phone's number or the look-up secret of the slip; both
        are one attempt.
        """
        number = self._book.begin_try(citizen_id, self._key(code), now)
        if number is None:
            return Outcome.SPENT
        try:
            proved = self._confirmed(code, value)
        except SourceUnavailable:
            self._book.undo_try(number)
            return Outcome.SILENT
        return Outcome.PROVED if proved else Outcome.WRONG

    def left(self, citizen_id: int, code: DossierCode, now: datetime) -> int:
        """Return how many attempts the citizen still has, at a dossier that exists or not."""
        return self._book.tries_left(citizen_id, self._key(code), now)

    def end_slips(self, code: DossierCode) -> int:
        """End what slips of this dossier proved, once they are taken back; return how many."""
        return self._book.end_slips(self._key(code))

    def effect(self, code: DossierCode, how: Literal["known", "slip"]) -> Mapping[str, Any]:
        """Return the change that keeps a proof."""
        return {"effect": "prove_dossier", "key": self._key(code), "how": how}

    def _confirmed(self, code: DossierCode, value: str) -> bool:
        """Ask every source that can tell; one that says yes is enough, a silent one is not no."""
        silent: SourceUnavailable | None = None
        kinds: tuple[Kind, ...] = ("phone", "secret") if value.isdigit() else ("secret",)
        for check, kind in product(self._checks, kinds):
            try:
                if check.confirm(code, kind, value):
                    return True
            except SourceUnavailable as error:
                silent = error
        if silent:
            raise silent
        return False

    def _key(self, code: DossierCode) -> str:
        return self._marks.digest(code.key, "proof")
