"""How often somebody wants news: each at once, or gathered once a day or once a week."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone, tzinfo
from enum import Enum
from typing import Any

from bot.core.conversation.payloads import parse_payload, write_payload
from bot.core.phrases import Phrases, spaced, untelexed

MORNING = time(7)  # after the quiet hours, before people go to work
_MONDAY = 0


class Pace(str, Enum):
    """When a notice of a topic comes. In this order of letters the soonest is the least."""

    AT_ONCE = "at_once"
    DAILY = "daily"
    WEEKLY = "weekly"


GATHERED = (Pace.DAILY, Pace.WEEKLY)


@dataclass(frozen=True)
class Period:
    """What one digest is about: everything gathered before ``at`` (UTC).

    ``name`` tells it from every other period of any pace.
    """

    name: str
    at: datetime


def period_of(pace: Pace, now: datetime, zone: tzinfo) -> Period:
    """Return the period whose digest is the newest due at ``now``, for a gathered pace.

    >>> zone = timezone(timedelta(hours=7))
    >>> sunday = datetime(2026, 11, 22, 1, tzinfo=timezone.utc)
    >>> period_of(Pace.DAILY, sunday, zone).name, period_of(Pace.WEEKLY, sunday, zone).name
    ('daily 2026-11-22', 'weekly 2026-11-16')
    """
    local = now.astimezone(zone)
    day = local.date() if local.time() >= MORNING else local.date() - timedelta(days=1)
    if pace is Pace.WEEKLY:
        day -= timedelta(days=(day.weekday() - _MONDAY) % 7)
    at = datetime.combine(day, MORNING, zone).astimezone(timezone.utc)
    return Period(f"{pace.value} {day.isoformat()}", at)


class Paces:
    """Reads how often somebody wants news out of their words."""

    def __init__(self, lists: Mapping[str, Any]) -> None:
        """Take lists of phrases by pace, and the words of ``<names>`` in them.

        ``gather`` are words by which a text is about how often, ``asks`` those of a question
        and ``besides`` words around a pace that say nothing of it.
        """
        names = lists.get("names", {})
        self._lists = {
            name: Phrases(map(str, lists.get(name, ())), names)
            for name in (*(pace.value for pace in Pace), "gather", "asks", "besides")
        }

    def read(self, text: str) -> Pace | None:
        """Return the pace a text about following names, or None."""
        said = spaced(text)
        return self._first(said) or self._first(untelexed(said))

    def read_surely(self, text: str) -> Pace | None:
        """Return the pace of a text that may be about ending or listing news, or None.

        "Not every day any more" ends them; "gather them, once a day" does not.
        """
        said = spaced(text)
        if self._lists["asks"].found_in(said) or not self._lists["gather"].found_in(said):
            return None
        return self.read(text)

    def pick(self, text: str, payloads: Sequence[str]) -> str | None:
        """Return the button shown that a short answer names, or None."""
        said = spaced(text)
        shown = [payload for payload in payloads if _pace_in(payload)]
        pace = self._first(said) if shown else None
        if pace is None or self._rest(said, pace):
            return None
        return next((each for each in shown if _pace_in(each) == pace.value), None)

    def press(self, text: str, payloads: Sequence[str]) -> str | None:
        """Return the press an answer stands for: a button shown, or the wish to have it so.

        The wish needs no button, but says so in full: "gather them, once a day".
        """
        if picked := self.pick(text, payloads):
            return picked
        pace = self.read_surely(text) if payloads else None
        if pace is None or self._rest(spaced(text), pace):
            return None
        return write_payload("subscribe_topic", pace=pace.value)

    def _first(self, said: str) -> Pace | None:
        found = (pace for pace in reversed(Pace) if self._lists[pace.value].found_in(said))
        return next(found, None)

    def _rest(self, said: str, pace: Pace) -> str:
        """Return what else stands in an answer."""
        rest = said
        for name in (pace.value, "gather", "besides"):
            rest = self._lists[name].without(rest)
        return rest.replace("·", "").strip()


def _pace_in(payload: str) -> str:
    pressed = parse_payload(payload)
    entities = pressed.entities if pressed else ()
    return next((each.value for each in entities if each.name == "pace"), "")
