"""The way of one dossier: the stations it passed, where it is, and what lies ahead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum

from bot.core.dossiers.clock import Clock
from bot.core.dossiers.dossier import Dossier
from bot.core.dossiers.statuses import Stage, status_of


class Point(str, Enum):
    """A station on the way of a dossier."""

    SENT = "sent"  # the office has not checked it yet
    RECEIVED = "received"
    WORKING = "working"
    PAPERS = "papers"  # waits for papers of the citizen
    MONEY = "money"  # waits for a payment of the citizen
    REFUSED = "refused"
    STOPPED = "stopped"
    WITHDRAWN = "withdrawn"
    UNKNOWN = "unknown"  # a state of the office's own
    PROMISED = "promised"  # the day for which the result is promised
    READY = "ready"
    RETURNED = "returned"


class Mark(str, Enum):
    """How far a station is."""

    DONE = "done"
    NOW = "now"
    AHEAD = "ahead"
    MISSED = "missed"  # a promised day that passed without a result


@dataclass(frozen=True)
class Step:
    """One station; ``day`` is None when it is not known or not yet come."""

    point: Point
    mark: Mark
    day: date | None = None
    label: str = ""  # the office's own name of an unknown state


@dataclass(frozen=True)
class Timeline:
    """The stations in order of time, as of ``today``."""

    steps: tuple[Step, ...]
    today: date
    clock: Clock
    final: bool

    @property
    def known_days(self) -> int:
        """Return how many different days it can tell, today apart."""
        return len({step.day for step in self.steps} - {None})


_MIDDLE = {
    5: Point.PAPERS,
    6: Point.MONEY,
    3: Point.REFUSED,
    8: Point.STOPPED,
    7: Point.WITHDRAWN,
    0: Point.UNKNOWN,
}
_ENDS = (Point.REFUSED, Point.STOPPED, Point.WITHDRAWN)
_WORKING, _READY, _RETURNED = 1, 2, 3
_PLACES = {Stage.WAITING_OFFICE: 0, Stage.READY: _READY, Stage.RETURNED: _RETURNED}


def timeline_of(dossier: Dossier, today: date, clock: Clock) -> Timeline:
    """Return the way of ``dossier``: received, at work, ready, returned, or where it stopped.

    The promised day is a station while it counts: not before the office took the dossier in, not
    while it waits for the citizen, and not after an end without a result.
    """
    status = status_of(dossier.status)
    here = _PLACES.get(status.stage, _WORKING)
    middle = _MIDDLE.get(status.number, Point.WORKING)
    steps = [
        Step(Point.RECEIVED if here else Point.SENT, _mark(0, here), dossier.received_on),
        Step(middle, _mark(1, here), label=dossier.status_label if not status.number else ""),
        Step(Point.READY, _mark(2, here), dossier.finished_on if here >= _READY else None),
        Step(Point.RETURNED, _mark(3, here), dossier.returned_on if here >= _RETURNED else None),
    ]
    if middle in _ENDS:
        steps = steps[:2]
    if dossier.promised_on and (status.clock_runs or clock.on_time is not None):
        promise = Step(
            Point.PROMISED, _kept(clock, dossier.promised_on, today), dossier.promised_on
        )
        steps.insert(_place(steps, dossier.promised_on, clock), promise)
    return Timeline(tuple(steps), today, clock, status.final)


def _place(steps: list[Step], promised_on: date, clock: Clock) -> int:
    """Return where the promise stands: after what came before it."""
    if clock.late:
        return _WORKING
    place = _READY
    while place < len(steps) and (day := steps[place].day) and day < promised_on:
        place += 1
    return place


def _kept(clock: Clock, promised_on: date, today: date) -> Mark:
    if clock.late or clock.on_time is False:
        return Mark.MISSED
    return Mark.DONE if clock.on_time and promised_on <= today else Mark.AHEAD


def _mark(index: int, here: int) -> Mark:
    if index == here:
        return Mark.NOW
    return Mark.DONE if index < here else Mark.AHEAD
