"""What keeps a platform from taking messages, or from bringing us any, and since when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

_SILENCE = timedelta(days=7)  # platforms switch a webhook off that failed too often
_OLD_TOKEN = timedelta(days=75)  # of the 90 a refresh token lives
_SLOW_REFRESH = timedelta(minutes=1)


class TokenLike(Protocol):
    """What is known of a pair of tokens."""

    @property
    def saved_at(self) -> datetime | None: ...
    @property
    def begun_at(self) -> datetime | None: ...


class PauseLike(Protocol):
    """Why nothing is sent."""

    @property
    def reach(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def person(self) -> bool: ...
    @property
    def since(self) -> datetime: ...
    @property
    def until(self) -> datetime: ...


@dataclass(frozen=True)
class Trouble:
    """One thing that is wrong.

    ``code`` is one of ``token_missing``, ``token_stuck``, ``token_old``, ``paused_account``,
    ``paused_notices``, ``waits_account``, ``waits_notices``, ``never_heard``, ``silent``. ``at``
    is since when, or for a wait until when; ``error`` the platform's code, if it gave one.
    """

    code: str
    at: datetime | None = None
    error: str = ""


@dataclass(frozen=True)
class Platform:
    """An account of a platform and what is wrong with it; ``name`` is for staff."""

    channel: str
    name: str
    troubles: tuple[Trouble, ...] = ()


def token_troubles(
    state: TokenLike | None, now: datetime, *, first_waits: bool = False
) -> Iterator[Trouble]:
    """Yield what is wrong with the right to send.

    ``first_waits``: a first refresh token stands in the settings and is used when needed.
    """
    if state is None:
        if not first_waits:
            yield Trouble("token_missing")
    elif state.begun_at and now - state.begun_at > _SLOW_REFRESH:
        yield Trouble("token_stuck", state.begun_at)
    elif state.saved_at and now - state.saved_at > _OLD_TOKEN:
        yield Trouble("token_old", state.saved_at)


def pause_troubles(pauses: Sequence[PauseLike]) -> Iterator[Trouble]:
    """Yield the pauses in force: those a person must end, and those that end by themselves."""
    for pause in pauses:
        if pause.person:
            yield Trouble(f"paused_{pause.reach}", pause.since, pause.code)
        else:
            yield Trouble(f"waits_{pause.reach}", pause.until)


def hearing_troubles(heard: datetime | None, now: datetime) -> Iterator[Trouble]:
    """Yield whether the platform may have stopped telling us what citizens write.

    >>> [each.code for each in hearing_troubles(None, datetime(2026, 11, 22))]
    ['never_heard']
    """
    if heard is None:
        yield Trouble("never_heard")
    elif now - heard > _SILENCE:
        yield Trouble("silent", heard)
