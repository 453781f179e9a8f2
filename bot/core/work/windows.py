"""May we write to a citizen now, and does it cost money? Counted from what they last did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

CLOSED_REASON, CHARGED_REASON = "window_closed", "window_charged"
NOTICE = "notice"


class Window(str, Enum):
    """What a citizen's last act allows."""

    FREE = "free"
    CHARGED = "charged"
    CLOSED = "closed"


@dataclass(frozen=True)
class Rule:
    """For how long after a citizen's last act messages are free, and taken at all."""

    free_for: timedelta
    open_for: timedelta

    def at(self, last: datetime | None, now: datetime) -> Window:
        """Return the window of a citizen who last did something at ``last`` (None: never).

        >>> from datetime import timezone
        >>> now = datetime(2026, 11, 22, tzinfo=timezone.utc)
        >>> [ZALO.at(now - timedelta(days=days), now).value for days in (1, 3, 8)]
        ['free', 'charged', 'closed']
        """
        if last is None or now - last > self.open_for:
            return Window.CLOSED
        return Window.FREE if now - last <= self.free_for else Window.CHARGED


# A message takes a moment to arrive and two clocks differ: one minute too early is safe, one
# second too late is charged, or stops all notices where no money is there.
_MARGIN = timedelta(minutes=1)
ZALO = Rule(timedelta(hours=48) - _MARGIN, timedelta(days=7) - _MARGIN)


@dataclass(frozen=True)
class Windows:
    """The rule of each channel; a channel without one is always open and free.

    ``charged_notices`` says whether notices may go out where the platform charges for them.
    """

    rules: Mapping[str, Rule] = field(default_factory=lambda: {"zalo": ZALO})
    charged_notices: bool = False

    def at(self, channel: str, last: datetime | None, now: datetime) -> Window:
        """Return the window of a citizen on ``channel``."""
        rule = self.rules.get(channel)
        return rule.at(last, now) if rule else Window.FREE

    def reason_to_skip(
        self, channel: str, kind: str, last: datetime | None, now: datetime
    ) -> str | None:
        """Return why a delivery of this kind must not be tried, or None.

        An answer goes out as long as the platform takes it: the citizen wrote and waits.
        """
        window = self.at(channel, last, now)
        if window is Window.CLOSED:
            return CLOSED_REASON
        if window is Window.CHARGED and kind == NOTICE and not self.charged_notices:
            return CHARGED_REASON
        return None
