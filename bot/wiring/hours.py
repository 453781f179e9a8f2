"""Reads when notices may arrive."""

from __future__ import annotations

import re
from datetime import time
from zoneinfo import ZoneInfo

from bot.core.errors import SettingsError
from bot.core.notices.hours import Hours
from bot.settings import Settings

_HOURS = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")
_MOST_A_DAY = 50


def build_hours(settings: Settings) -> Hours:
    """Return the quiet hours of the province and each citizen's daily share.

    Raises SettingsError for what cannot be read.
    """
    begin, end = _quiet_hours(settings.quiet_hours)
    if not 1 <= settings.notices_per_day <= _MOST_A_DAY:
        raise SettingsError(
            f"MOTCUA_NOTICES_PER_DAY must be 1 to {_MOST_A_DAY}, "
            f"not {settings.notices_per_day}: set it to 3, for example"
        )
    return Hours(ZoneInfo(settings.timezone), begin, end, settings.notices_per_day)


def _quiet_hours(text: str) -> tuple[time, time]:
    found = _HOURS.fullmatch(text.strip())
    try:
        if found is None:
            raise ValueError(text)
        hour, minute, end_hour, end_minute = map(int, found.groups())
        return time(hour, minute), time(end_hour, end_minute)
    except ValueError as error:
        raise SettingsError(
            f"MOTCUA_QUIET_HOURS must be two times of day like 21:00-06:00, not {text!r}: "
            "set it so, or the same time twice for no quiet hours"
        ) from error
