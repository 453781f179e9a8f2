"""What can go wrong between us and a one-stop system: named, without any of its content."""

from __future__ import annotations

import re

from bot.core.errors import SourceUnavailable

_SAFE = re.compile(r"[^0-9A-Za-z_-]")
_LONGEST = 24
BUSY = "busy"  # our own limit of calls: says nothing of the system


class Fault(SourceUnavailable):
    """The system gave no answer we may use. ``code`` names the fault and is safe to log.

    ``again`` tells that a second try may help, ``alive`` that the system did answer (so the
    fault is of this dossier or this question), ``slow`` that it used up all the time.
    """

    def __init__(
        self, code: str, *, again: bool = False, alive: bool = False, slow: bool = False
    ) -> None:
        self.code = _SAFE.sub("", code)[:_LONGEST]
        super().__init__(self.code)
        self.again = again
        self.alive = alive
        self.slow = slow


def bad_answer(code: str) -> Fault:
    """Return the fault of an answer that came whole and cannot be used."""
    return Fault(code, alive=True)
