"""The one way from a code to a dossier for a citizen: who may be told, and how much."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from bot.core.desk import Ask
from bot.core.dossiers.codes import DossierCode
from bot.core.dossiers.dossier import Dossier, DossierSource
from bot.core.dossiers.guard import Guard, LookupsClosed, Who
from bot.core.dossiers.lookup import look_up
from bot.core.dossiers.nearby import is_near, near_codes, slips_of
from bot.core.dossiers.proof import Proofs
from bot.core.errors import DossierNotFound, SourceUnavailable

VerifySlip = Callable[[str], DossierCode | None]


class Followed(Protocol):
    """The dossiers a citizen follows."""

    def codes_of(self, citizen_id: int) -> tuple[str, ...]:
        """Return their codes."""


class Gate:
    """Looks dossiers up within the citizen's budget; their own ones always.

    Without ``guard``, ``proofs``, ``followed`` and ``verify`` everything is a stranger's dossier
    and nothing is counted.
    """

    def __init__(
        self,
        sources: Sequence[DossierSource],
        guard: Guard | None = None,
        proofs: Proofs | None = None,
        followed: Followed | None = None,
        verify: VerifySlip | None = None,
    ) -> None:
        self._sources = sources
        self._guard = guard
        self._proofs = proofs
        self._followed = followed
        self._verify = verify

    def open(self, code: DossierCode, ask: Ask, *, owner: bool = False) -> Dossier:
        """Return the dossier; ``owner``: it was proved in this very turn.

        Raises DossierNotFound, SourceUnavailable, or LookupsClosed, which says nothing about
        whether there is such a dossier.
        """
        if self._guard is None or owner or self.is_own(code, ask):
            return look_up(code, self._sources)
        if self._guard.is_closed(Who(ask.citizen_id), ask.now):
            raise LookupsClosed
        try:
            dossier = look_up(code, self._sources)
        except DossierNotFound:
            # Who mistypes an own code is no stranger trying numbers.
            if not self.near(code, ask) and not self._count(code, ask, wrong=True):
                raise LookupsClosed from None
            raise
        if not self._count(code, ask, wrong=False):
            raise LookupsClosed
        return dossier

    def is_open(self, ask: Ask) -> bool:
        """Whether the citizen may try codes at all."""
        return self._guard is None or not self._guard.is_closed(Who(ask.citizen_id), ask.now)

    def count_proof(self, code: DossierCode, ask: Ask) -> None:
        """Count an attempt to prove that failed."""
        if self._guard:
            self._guard.count_proof(Who(ask.citizen_id), code, ask.now)

    def slip(self, ask: Ask) -> DossierCode | None:
        """Return the code of the valid signed slip that came with the request, or None."""
        token = ask.first("slip")
        return self._verify(token) if token and self._verify else None

    def is_forged(self, ask: Ask) -> bool:
        """Whether a slip came with the request that is none of ours, or no longer."""
        return bool(ask.first("slip")) and bool(self._verify) and self.slip(ask) is None

    def is_owner(self, code: DossierCode, ask: Ask) -> bool:
        """Whether the citizen holds the slip or has proved to be the owner."""
        if self.slip(ask) == code:
            return True
        return bool(self._proofs and self._proofs.owner(ask.citizen_id, code, ask.now))

    def is_followed(self, code: DossierCode, ask: Ask) -> bool:
        """Whether the citizen follows this dossier."""
        return any(DossierCode(own) == code for own in self._codes_followed(ask))

    def is_own(self, code: DossierCode, ask: Ask) -> bool:
        """Whether a dossier is the citizen's own: followed, proved, or its slip is here."""
        return self.is_followed(code, ask) or self.is_owner(code, ask)

    def new_proof(self, code: DossierCode, ask: Ask) -> tuple[Mapping[str, Any], ...]:
        """Return the change that keeps the proof a slip is, if it is not kept already."""
        if self._proofs is None or self.slip(ask) != code:
            return ()
        if self._proofs.owner(ask.citizen_id, code, ask.now):
            return ()
        return (self._proofs.effect(code, "slip"),)

    def near(self, code: DossierCode, ask: Ask) -> str | None:
        """Return the code of the only own dossier that is one slip away, or None."""
        found = {
            DossierCode(own).key: own
            for own in self._codes_followed(ask)
            if is_near(code.key, DossierCode(own).key)
        }
        if self._proofs:
            for key in self._proofs.among(ask.citizen_id, slips_of(code.key), ask.now):
                found.setdefault(key, key)
        return self._stored(*found.values()) if len(found) == 1 else None

    def near_text(self, ask: Ask) -> str | None:
        """Return the code of the only followed dossier whose code the text means, or None."""
        found = near_codes(ask.text, self._codes_followed(ask))
        return found[0] if len(found) == 1 else None

    def _stored(self, code: str) -> str | None:
        """Return a code as its source writes it; None when it is not to be had now."""
        try:
            return look_up(DossierCode(code), self._sources).code
        except (DossierNotFound, SourceUnavailable):
            return None

    def _codes_followed(self, ask: Ask) -> tuple[str, ...]:
        return self._followed.codes_of(ask.citizen_id) if self._followed else ()

    def _count(self, code: DossierCode, ask: Ask, *, wrong: bool) -> bool:
        who = Who(ask.citizen_id)
        return self._guard is None or self._guard.count(who, code, ask.now, wrong=wrong)
