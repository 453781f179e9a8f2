"""The national list of dossier states (TrangThaiHoSo 1-10) and what each means for the clock."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Stage(str, Enum):
    """The group of a state: what a bare code may show."""

    WAITING_OFFICE = "waiting_office"
    RUNNING = "running"
    WAITING_CITIZEN = "waiting_citizen"
    READY = "ready"
    RETURNED = "returned"
    REFUSED = "refused"
    STOPPED = "stopped"
    WITHDRAWN = "withdrawn"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Status:
    """One state: ``clock_runs`` tells whether days count against the office."""

    number: int
    stage: Stage
    clock_runs: bool
    final: bool


STATUSES = {
    status.number: status
    for status in (
        Status(1, Stage.WAITING_OFFICE, clock_runs=False, final=False),
        Status(2, Stage.RUNNING, clock_runs=True, final=False),
        Status(3, Stage.REFUSED, clock_runs=False, final=True),
        Status(4, Stage.RUNNING, clock_runs=True, final=False),
        Status(5, Stage.WAITING_CITIZEN, clock_runs=False, final=False),
        Status(6, Stage.WAITING_CITIZEN, clock_runs=False, final=False),
        Status(7, Stage.WITHDRAWN, clock_runs=False, final=True),
        Status(8, Stage.STOPPED, clock_runs=False, final=True),
        Status(9, Stage.READY, clock_runs=False, final=False),
        Status(10, Stage.RETURNED, clock_runs=False, final=True),
    )
}
UNKNOWN = Status(0, Stage.UNKNOWN, clock_runs=False, final=False)


def status_of(number: int | None) -> Status:
    """Return the state with this number, or UNKNOWN."""
    return STATUSES.get(number or 0, UNKNOWN)
