"""Days and times as they come in files: absolute, or relative to the day they are read."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from bot.registry.rows import BadRow

RELATIVE = re.compile(r"(?P<days>[+-]?\d{1,4})(?P<working>w?)")
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?", re.ASCII)
_DAY_FIRST = re.compile(
    r"(\d{1,2})(?:(?P<slash>/)|[-.])(\d{1,2})(?(slash)/|[-.])(\d{4})"
    r"(?(slash)(?: (\d{1,2}):(\d{1,2})(?::(\d{1,2}))?)?)",
    re.ASCII,
)


def stored_moment(text: str, name: str, *, relative: bool = False) -> str | None:
    """Return a local moment as ISO text, a relative one as it stands, None for nothing.

    Known are yyyyMMddHHmmss, ISO 8601 and dd/mm/yyyy with or without a time. With ``relative``
    also ``-12`` (days from today) and ``+3w`` (working days from today). Raises BadRow.
    """
    if not text:
        return None
    if relative and RELATIVE.fullmatch(text):
        return text
    moment = _parsed(text)
    if moment is None:
        raise BadRow(f"{name} {text!r} is no date (yyyyMMddHHmmss, ISO or dd/mm/yyyy)")
    if not 2000 <= moment.year <= 2100:
        raise BadRow(f"{name} {text!r} lies outside 2000-2100")
    return moment.isoformat(timespec="seconds")


def read_moment(text: str, now: datetime) -> datetime:
    """Return what ``stored_moment`` kept, in the zone of ``now``; relative days count from it.

    Raises ValueError.
    """
    relative = RELATIVE.fullmatch(text)
    if relative:
        return _moved(now, int(relative["days"]), working=bool(relative["working"]))
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        return moment.replace(tzinfo=now.tzinfo)
    return moment.astimezone(now.tzinfo)


def _moved(start: datetime, days: int, *, working: bool) -> datetime:
    if not working:
        return start + timedelta(days=days)
    step = timedelta(days=1 if days > 0 else -1)
    moment, left = start, abs(days)
    while left:
        moment += step
        left -= moment.weekday() < 5
    return moment


def _parsed(text: str) -> datetime | None:
    try:
        if compact := _COMPACT.fullmatch(text):
            return _moment(*compact.groups())
        if day_first := _DAY_FIRST.fullmatch(text):
            day, _, month, year, *clock = day_first.groups()
            return _moment(year, month, day, *clock)
        return datetime.fromisoformat(re.sub(r"(?i)z$", "+00:00", text))
    except ValueError:
        return None


def _moment(*parts: str | None) -> datetime:
    """Return year, month, day and clock as a local time of the province. Raises ValueError."""
    year, month, day, hour, minute, second = (int(part or 0) for part in parts)
    return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001
