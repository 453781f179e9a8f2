"""Follows, moments and a little store in memory, for the tests of following."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from bot.core.dossiers.dossier import Dossier
from bot.core.follow.follow import CONSENT, Follow, told_of
from bot.core.follow.times import Times
from tests.builders import ZONE, a_dossier

TIMES = Times(ZONE)
CODE = "000.00.19.H39-260915-0001"
WEDNESDAY = date(2026, 11, 25)  # what a_dossier promises


def there(day: int, hour: int, minute: int = 0) -> datetime:
    """Return a moment of November 2026 by the province's clock."""
    return datetime(2026, 11, day, hour, minute, tzinfo=ZONE)


def a_follow(dossier: Dossier | None = None, **more: Any) -> Follow:
    known = dossier or a_dossier()
    base = Follow(
        id=1,
        citizen_id=1,
        code=known.code,
        since=there(16, 9),
        consent=CONSENT,
        known=known,
        told=told_of(known),
        noticed_at=there(20, 9),
        next_at=there(20, 9),
    )
    return replace(base, **more)


class FakeFollows:
    """What one citizen follows."""

    def __init__(
        self, *follows: Follow, just_told: str | None = None, rated: Collection[str] = ()
    ) -> None:
        self._follows = follows
        self._just_told = just_told
        self._rated = rated

    def of(self, citizen_id: int) -> Sequence[Follow]:
        return [each for each in self._follows if each.citizen_id == citizen_id]

    def codes_of(self, citizen_id: int) -> tuple[str, ...]:
        return tuple(each.code for each in self.of(citizen_id))

    def just_told(self, citizen_id: int) -> str | None:
        return self._just_told

    def is_rated(self, mark: str) -> bool:
        return mark in self._rated


def in_days(days: float) -> timedelta:
    return timedelta(days=days)
