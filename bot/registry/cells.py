"""Values of spreadsheet cells as the text they stand for."""

from __future__ import annotations

import math
import re
from datetime import date, datetime, time, timedelta
from typing import Any

from bot.registry.rows import BadRow

_MOMENT = re.compile("ngay|thoidiem")
_ZEROS = re.compile(r"0{2,20}")  # the format of a number shown with leading zeros
_EXACT = 10**15  # Excel keeps no more digits
_FIRST_SERIAL, _LAST_SERIAL = 36_526, 73_415  # the days 2000 to 2100 counted as Excel does
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  local time of the province


def cell_text(name: str, value: Any, form: str = "") -> str:
    """Return a value of the column ``name`` as text; a code keeps every digit it showed.

    ``form`` is the format a number is shown in.

    >>> cell_text("ngayhentra", datetime(2026, 11, 30, 17)), cell_text("ngayhentra", 46356.5)
    ('2026-11-30T17:00:00', '2026-11-30T12:00:00')
    >>> cell_text("trangthaihoso", 4.0), cell_text("matthc", 1.00119)
    ('4', '1.001190')

    Raises BadRow for a number that lost digits.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return _rounded(value).isoformat()
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, (int, float)):
        return _number(name, value, form)
    return str(value)


def _number(name: str, value: float, form: str) -> str:
    if not math.isfinite(value):
        return ""
    if _MOMENT.match(name) and _FIRST_SERIAL <= value < _LAST_SERIAL:
        return _rounded(_EPOCH + timedelta(days=value)).isoformat()
    if value != int(value):
        # "1.001190" typed into a cell becomes 1.00119; codes of procedures have six decimals.
        return f"{value:.6f}" if name == "matthc" and 0 < value < 10 else repr(value)
    if abs(value) >= _EXACT:
        raise BadRow(f"{name} is kept as a number and lost digits: format the column as text")
    text = str(int(value))
    return text.zfill(len(form)) if _ZEROS.fullmatch(form) else text


def _rounded(moment: datetime) -> datetime:
    """Return the whole second; fractions of days come back a hair off."""
    return (moment + timedelta(microseconds=500_000)).replace(microsecond=0)
