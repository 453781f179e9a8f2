"""The work calendar of the province: the law's days off and the province's own file.

The law's days come from the package ``holidays``, which knows the lunar calendar as it is reckoned
in Vietnam. What is decided anew every year stands in ``holidays.yml`` and has the last word.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timezone
from pathlib import Path

import yaml

from bot.core.dossiers.days import WorkCalendar
from bot.core.errors import SettingsError

FILE = "holidays.yml"
_OFF, _WORKED = "off", "worked"
_YEARS_BACK, _YEARS_AHEAD = 3, 2
_FIRST_YEAR, _LAST_YEAR = 2000, 2100
_FORMATS = ("%Y-%m-%d", "%d/%m/%Y")


@dataclass(frozen=True)
class _Entry:
    field: str
    day: date
    line: int


def read_calendar(province_dir: Path, today: date | None = None) -> WorkCalendar:
    """Return the days off and the days worked, from three years before ``today`` to two after.

    A province may have no file. Raises SettingsError, naming line and cure, when it has a bad one.
    """
    year = (today or datetime.now(timezone.utc).date()).year
    own = _read(province_dir / FILE)
    off = {entry.day for entry in own if entry.field == _OFF}
    worked = {entry.day for entry in own if entry.field == _WORKED}
    listed = _by_law(range(year - _YEARS_BACK, year + _YEARS_AHEAD + 1))
    return WorkCalendar(
        holidays=(listed.holidays | off) - worked,
        worked=(listed.worked - off) | worked,
    )


def _by_law(years: range) -> WorkCalendar:
    """Return the days of the whole country."""
    # Only here: whoever reads a calendar pays for the package, not everybody who imports us.
    from holidays import country_holidays

    listed = country_holidays("VN", years=years)
    worked = (day for day in listed.weekend_workdays if day.year in years)
    return WorkCalendar(frozenset(listed), frozenset(worked))


def _read(path: Path) -> list[_Entry]:
    """Return the lines of the file, checked, in their order."""
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except FileNotFoundError:
        return []
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise _bad(path, line, f'{error.problem}; write "2026-08-31: why"') from error
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise SettingsError(f"{path} cannot be read ({error}): save it as UTF-8 text") from error
    entries = list(_entries(path, root)) if root else []
    seen: dict[date, _Entry] = {}
    for entry in entries:
        first = seen.setdefault(entry.day, entry)
        if first is not entry:
            raise _bad(path, entry.line, f"{entry.day} stands in line {first.line} too; keep one")
    return entries


def _entries(path: Path, root: yaml.Node) -> Iterator[_Entry]:
    for name, days in _pairs(path, root, f"{_OFF!r} and {_WORKED!r}"):
        if name.value not in (_OFF, _WORKED):
            raise _bad(path, _line(name), f"unknown list {name.value!r}; use {_OFF} or {_WORKED}")
        if isinstance(days, yaml.ScalarNode) and days.value in ("", "null", "~"):
            continue
        for day, _ in _pairs(path, days, "days"):
            yield _Entry(str(name.value), _day(path, str(name.value), day), _line(day))


def _pairs(path: Path, node: yaml.Node, what: str) -> list[tuple[yaml.ScalarNode, yaml.Node]]:
    if not isinstance(node, yaml.MappingNode):
        raise _bad(path, _line(node), f'expected {what}, one "name: text" a line')
    return list(node.value)


def _day(path: Path, field: str, node: yaml.ScalarNode) -> date:
    """Return the day a line begins with, as yyyy-mm-dd or dd/mm/yyyy."""
    for form in _FORMATS:
        try:
            day = datetime.strptime(str(node.value), form).date()  # noqa: DTZ007  a day, no moment
        except ValueError:
            continue
        if _FIRST_YEAR <= day.year <= _LAST_YEAR:
            return day
    reason = f"{node.value!r} under {field!r} is no day; write it as 2026-08-31"
    raise _bad(path, _line(node), reason)


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _bad(path: Path, line: int, reason: str) -> SettingsError:
    return SettingsError(f"{path} line {line}: {reason}")
