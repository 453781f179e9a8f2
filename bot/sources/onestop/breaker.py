"""A circuit breaker: who did not answer is left in peace for a while, and so are the citizens."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

FAULTS = 3  # quick faults in a row before we stop asking; one used-up time is enough
FIRST_REST, LONGEST_REST = 2.0, 30.0  # seconds; each rest is twice the one before
PROBE = 5.0  # seconds after which a trial that was never reported no longer counts


class State(str, Enum):
    """Closed lets everything pass, open nothing, half open one trial."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True)
class Breaker:
    """One moment of a breaker; every method returns the next. ``now`` is in seconds of any clock.

    >>> broken = Breaker().failed(0.0, slow=True)
    >>> broken.allows(1.9), broken.allows(2.0), broken.answered().allows(2.0)
    (False, True, True)
    """

    faults: int = 0
    rests: int = 0  # in a row
    until: float | None = None  # not asked before
    trial: float | None = None  # since when one call tries whether it is back

    def state(self, now: float) -> State:
        """Return the state at ``now``."""
        if self.until is None:
            return State.CLOSED
        return State.OPEN if now < self.until else State.HALF_OPEN

    def allows(self, now: float) -> bool:
        """Whether a call may be made."""
        state = self.state(now)
        if state is State.HALF_OPEN:
            return self.trial is None or now >= self.trial + PROBE
        return state is State.CLOSED

    def asking(self, now: float) -> Breaker:
        """Return the breaker once a call it allowed is under way."""
        return replace(self, trial=now) if self.state(now) is State.HALF_OPEN else self

    def answered(self) -> Breaker:
        """Return the breaker after an answer."""
        return Breaker()

    def failed(self, now: float, *, slow: bool = False) -> Breaker:
        """Return the breaker after a call without an answer."""
        state = self.state(now)
        if state is State.OPEN:  # a call from before; the rest is not made longer for it
            return self
        faults = self.faults + 1
        if state is State.CLOSED and not slow and faults < FAULTS:
            return replace(self, faults=faults)
        rest = min(LONGEST_REST, FIRST_REST * 2**self.rests)
        return Breaker(faults, self.rests + 1, now + rest)
