"""A dossier somebody follows, and what they were told about it last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from bot.core.dossiers.codes import DossierCode
from bot.core.dossiers.dossier import Dossier
from bot.core.dossiers.statuses import Stage, status_of

CONSENT = "2026-11"  # version of the text in wording/follow/consent
MOST = 20  # dossiers one citizen may follow
KEPT_AFTER_END = timedelta(days=30)
_NEEDS_CITIZEN = (5, 6)


@dataclass(frozen=True)
class Told:
    """The part of a dossier's state that is news when it changes."""

    status: int | None
    label: str
    promised_on: date | None


@dataclass(frozen=True)
class Follow:
    """One citizen follows one dossier; this is also the stored consent to do so.

    ``known`` is the newest state we heard of, ``told`` what the citizen knows. ``reminded_for``
    and ``late_for`` are the promised days a reminder or an apology was sent for. ``version``
    counts changes of the row: whoever decided on an older one must decide anew.
    """

    id: int
    citizen_id: int
    code: str
    since: datetime
    consent: str
    known: Dossier
    told: Told
    muted: bool = False
    reminded_for: date | None = None
    late_for: date | None = None
    asked_at: datetime | None = None  # how satisfied they are
    answered: bool = False
    noticed_at: datetime | None = None  # when a change was announced that is not told yet
    ends_at: datetime | None = None
    next_at: datetime | None = None  # when to look at it again
    version: int = 0

    @property
    def key(self) -> str:
        """Return the matching key of the code."""
        return DossierCode(self.code).key

    @property
    def may_rate(self) -> bool:
        """Whether the question about satisfaction is open."""
        return self.asked_at is not None and not self.answered


class Follows(Protocol):
    """Who follows which dossiers. Changes come only through the effects of a turn."""

    def of(self, citizen_id: int) -> Sequence[Follow]:
        """Return what a citizen follows, oldest first."""

    def codes_of(self, citizen_id: int) -> tuple[str, ...]:
        """Return the codes a citizen follows, oldest first."""

    def just_told(self, citizen_id: int) -> str | None:
        """Return the code of the dossier their last message from us was a notice about."""

    def is_rated(self, mark: str) -> bool:
        """Whether the dossier with this mark was rated lately, by whomever."""


def told_of(dossier: Dossier) -> Told:
    """Return what somebody knows who has just seen ``dossier``."""
    return Told(dossier.status, dossier.status_label, dossier.promised_on)


def needs_citizen(dossier: Dossier) -> bool:
    """Whether nothing goes on before the citizen does something."""
    return dossier.status in _NEEDS_CITIZEN


def is_returned(dossier: Dossier) -> bool:
    """Whether the result is in the citizen's hands."""
    stage = status_of(dossier.status).stage
    return stage is Stage.RETURNED or (stage is Stage.READY and dossier.returned_on is not None)


def is_over(dossier: Dossier) -> bool:
    """Whether nothing more is to come."""
    return status_of(dossier.status).final or is_returned(dossier)


def is_overruled(dossier: Dossier, changed_at: datetime, *, over: bool) -> bool:
    """Whether word of a change at ``changed_at``, ``over`` if it was the end, is the later one.

    An import that does not say when a state began is as late as the import. But it opens nothing
    again: what ended goes on only if somebody says since when.
    """
    if dossier.changed_at:
        return dossier.changed_at < changed_at
    return (over and not is_over(dossier)) or dossier.as_of < changed_at


def newest(known: Dossier, fetched: Dossier | None) -> Dossier:
    """Return the later word on a dossier: sources may lag behind a call from the back office."""
    if fetched is None or fetched.stale:
        return known
    if told_of(known) == told_of(fetched) or known.changed_at is None:
        return fetched
    older = is_overruled(fetched, known.changed_at, over=is_over(known))
    return known if older else fetched


def is_news(known: Dossier, said: Dossier) -> bool:
    """Whether a source said something else than we know, and later."""
    same = (told_of(known), known.returned_on) == (told_of(said), said.returned_on)
    return not same and newest(known, said) is said
