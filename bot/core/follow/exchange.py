"""What a back office says about dossiers, in the names of the national exchange.

Only states and days are read. Names, phones, addresses and remarks of people are dropped here,
before anything is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timezone, tzinfo
from typing import Any

from bot.core.dossiers.codes import DossierCode
from bot.core.dossiers.labels import fit_to_repeat
from bot.core.dossiers.statuses import STATUSES

MOST_EVENTS = 1_000
_LONGEST = 300  # characters of any text
_STATUS = ("TrangThaiHoSo", "TrangThai")
_CHANGED = ("ThoiDiemXuLy", "NgayCapNhat")
_TEXTS = {
    "procedure_code": ("MaTTHC",),
    "procedure_name": ("TenTTHC",),
    "handling_unit": ("PhongBanXuLy", "DonViXuLy"),
}
_DAYS = {
    "received_on": ("NgayTiepNhan",),
    "promised_on": ("NgayHenTra", "NgayKetThucTheoQuyDinh"),
    "finished_on": ("NgayKetThucXuLy",),
    "returned_on": ("NgayTra",),
}


# Returns the number 1-10 that a value, or else its label, stands for; None when neither does.
StateOf = Callable[[str, str], int | None]


@dataclass(frozen=True)
class Event:
    """One dossier somebody says has changed; ``changes`` as in ``snapshot.as_json``."""

    key: str
    changes: Mapping[str, Any]


def by_number(value: str, label: str = "") -> int | None:
    """Return the state a value is the number of; labels are every province's own."""
    small = value.isascii() and value.isdecimal() and len(value) < 3
    return int(value) if small and int(value) in STATUSES else None


def read_events(
    data: object, now: datetime, zone: tzinfo, state_of: StateOf = by_number
) -> tuple[list[Event], int]:
    """Return the events in one message or a list of them, and how many were unusable.

    Raises ValueError for anything else, and for more than MOST_EVENTS.
    """
    items = data if isinstance(data, list) else [data]
    if not isinstance(data, (dict, list)) or not items or len(items) > MOST_EVENTS:
        raise ValueError("one message, or a list of 1 to 1,000")
    read = [_event(item, now, zone, state_of) for item in items]
    events = [event for event in read if event]
    return events, len(items) - len(events)


def _event(item: object, now: datetime, zone: tzinfo, state_of: StateOf) -> Event | None:
    if not isinstance(item, dict):
        return None
    code = DossierCode.parse(_text(item, ("MaHoSo",)))
    status = _status(item, state_of)
    if code is None or status is None:
        return None
    changes: dict[str, Any] = {**status, **_some_texts(item), **_some_days(item, zone)}
    changed = _moment(_text(item, _CHANGED), zone) or now
    moment = min(changed, now)  # a clock that runs ahead must not outdo what comes later
    changes.update(changed_at=moment.isoformat(), as_of=now.isoformat())
    return Event(code.key, changes)


def _status(item: Mapping[str, Any], state_of: StateOf) -> dict[str, Any] | None:
    """Return the state by number, or by a label that may be repeated; None if it says nothing.

    A number alone has no label: to show it in place of one would tell nobody anything.
    """
    given = [value for name in _STATUS if (value := item.get(name)) not in (None, "")]
    value = _text(item, _STATUS)
    if given and not value:  # there is something, but neither a number nor words
        return None
    label = _text(item, ("TenTrangThai",)) or ("" if value.isdecimal() else value)
    if not (value or label):
        return {}
    known, shown = state_of(value or label, label), fit_to_repeat(label)
    return {"status": known, "status_label": shown} if known or shown else None


def _some_texts(item: Mapping[str, Any]) -> dict[str, str]:
    found = {name: fit_to_repeat(_text(item, keys), _LONGEST) for name, keys in _TEXTS.items()}
    return {name: text for name, text in found.items() if text}


def _some_days(item: Mapping[str, Any], zone: tzinfo) -> dict[str, str]:
    found = {name: _day(_text(item, keys), zone) for name, keys in _DAYS.items()}
    return {name: day.isoformat() for name, day in found.items() if day}


def _text(item: Mapping[str, Any], names: Sequence[str]) -> str:
    for name in names:
        value = item.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if isinstance(value, str) and value.strip():
            readable = "".join(char for char in value if char.isprintable() or char.isspace())
            return " ".join(readable.split())[:_LONGEST]
    return ""


def _day(text: str, zone: tzinfo) -> date | None:
    moment = _moment(text, zone)
    return moment.astimezone(zone).date() if moment else None


def _moment(text: str, zone: tzinfo) -> datetime | None:
    """Read yyyyMMddHHmmss or yyyyMMdd in local time; None for anything else.

    >>> _moment("20261120090000", timezone.utc).isoformat()
    '2026-11-20T09:00:00+00:00'
    """
    for form, length in (("%Y%m%d%H%M%S", 14), ("%Y%m%d", 8)):
        if len(text) == length and text.isascii() and text.isdecimal():
            try:
                local = datetime.strptime(text, form).replace(tzinfo=zone)
                return local.astimezone(timezone.utc)
            except (ValueError, OverflowError):
                return None
    return None
