"""When a sending stops itself: errors in a row, or too many among the last ones."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

IN_A_ROW = 20
LOOKED_AT = 200
SHARE = 0.2  # of LOOKED_AT


@dataclass
class Errors:
    """The last fates of one notice's rows. Kept in memory: a new process counts anew."""

    in_a_row: int = IN_A_ROW
    looked_at: int = LOOKED_AT
    share: float = SHARE
    _last: deque[bool] = field(default_factory=deque)
    _row: int = 0

    def note(self, *, failed: bool) -> str:
        """Take note of one fate; return why to pause now, or "".

        >>> errors = Errors(in_a_row=2)
        >>> [errors.note(failed=failed) for failed in (True, False, True, True)]
        ['', '', '', 'errors_in_a_row']
        """
        self._row = self._row + 1 if failed else 0
        self._last.append(failed)
        if len(self._last) > self.looked_at:
            self._last.popleft()
        if self._row >= self.in_a_row:
            return self._paused("errors_in_a_row")
        full = len(self._last) >= self.looked_at
        if full and sum(self._last) >= self.share * self.looked_at:
            return self._paused("error_rate")
        return ""

    def _paused(self, reason: str) -> str:
        """Begin to count anew: whoever resumes has looked at what happened so far."""
        self._last.clear()
        self._row = 0
        return reason
