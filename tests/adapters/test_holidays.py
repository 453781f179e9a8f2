"""The province's calendar: what the law gives, what the yearly file changes, what is refused."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from bot.core.dossiers.days import WorkCalendar
from bot.core.errors import SettingsError
from bot.registry.holidays import FILE, read_calendar

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 11, 20)


@pytest.fixture(scope="module")
def calendar() -> WorkCalendar:
    return read_calendar(ROOT / "data" / "province", TODAY)


def with_file(folder: Path, text: str) -> WorkCalendar:
    (folder / FILE).write_text(text, encoding="utf-8")
    return read_calendar(folder, TODAY)


def offs(calendar: WorkCalendar, first: date, last: date) -> list[date]:
    return sorted(day for day in calendar.holidays if first <= day <= last)


def test_tet_2026_is_monday_to_friday(calendar: WorkCalendar) -> None:
    tet = offs(calendar, date(2026, 2, 1), date(2026, 3, 1))

    assert tet == [date(2026, 2, day) for day in range(16, 21)]
    assert calendar.working_days(date(2026, 2, 13), date(2026, 2, 23)) == 1
    assert calendar.add(date(2026, 2, 13), 1) == date(2026, 2, 23)


def test_tet_2027_follows_the_moon(calendar: WorkCalendar) -> None:
    tet = offs(calendar, date(2027, 2, 1), date(2027, 3, 1))

    assert date(2027, 2, 6) in tet
    assert {date(2027, 2, 5), date(2027, 2, 8), date(2027, 2, 9)} <= set(tet)
    assert sum(day.weekday() < 5 for day in tet) == 5


@pytest.mark.parametrize(
    "day",
    [
        date(2024, 4, 18),  # the Hùng Kings
        date(2025, 4, 7),
        date(2026, 4, 27),  # given for a Sunday
        date(2027, 4, 16),
        date(2026, 4, 30),
        date(2026, 5, 1),
        date(2026, 9, 1),  # the second day of National Day
        date(2026, 9, 2),
        date(2027, 9, 2),
        date(2027, 9, 3),
        date(2026, 11, 24),
        date(2027, 1, 1),
    ],
)
def test_a_public_holiday_is_no_working_day(calendar: WorkCalendar, day: date) -> None:
    assert not calendar.is_working(day)


def test_days_exchanged_in_2026_are_known(calendar: WorkCalendar) -> None:
    assert calendar.is_working(date(2026, 8, 22))
    assert not calendar.is_working(date(2026, 8, 31))
    assert calendar.working_days(date(2026, 8, 28), date(2026, 9, 3)) == 1


def test_a_span_over_new_year(calendar: WorkCalendar) -> None:
    assert calendar.working_days(date(2026, 12, 30), date(2027, 1, 4)) == 2
    assert calendar.working_days(date(2025, 12, 31), date(2026, 1, 5)) == 1


def test_it_reaches_three_years_back_and_two_ahead(calendar: WorkCalendar) -> None:
    assert {day.year for day in calendar.holidays} == set(range(2023, 2029))


def test_a_province_without_a_file_keeps_the_days_of_the_law(tmp_path: Path) -> None:
    assert not read_calendar(tmp_path, TODAY).is_working(date(2026, 9, 2))


@pytest.mark.parametrize("text", ["", "off:\nworked:\n", "# nothing yet\n"])
def test_an_empty_file_changes_nothing(tmp_path: Path, text: str) -> None:
    assert with_file(tmp_path, text) == read_calendar(tmp_path / "none", TODAY)


def test_the_file_has_the_last_word(tmp_path: Path) -> None:
    calendar = with_file(
        tmp_path,
        "off:\n  05/02/2027: đổi ngày\n  2026-12-07: ngày của tỉnh\n"
        "worked:\n  2027-02-10: trực\n  2024-05-05: làm bù\n",
    )

    assert not calendar.is_working(date(2026, 12, 7))
    assert calendar.is_working(date(2027, 2, 10))
    assert calendar.is_working(date(2024, 5, 5))


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("off:\n  2026-13-01: x\n", 2, "'2026-13-01' under 'off' is no day"),
        ("off:\n  2026-08-31: x\n  tomorrow: y\n", 3, "write it as 2026-08-31"),
        ("off:\n  1026-08-31: x\n", 2, "is no day"),
        ("off:\n  2026-08-31: x\nworked:\n  2026-08-31: y\n", 4, "stands in line 2 too"),
        ("off:\n  2026-08-31: x\n  31/08/2026: y\n", 3, "keep one"),
        ("of:\n  2026-08-31: x\n", 1, "unknown list 'of'; use off or worked"),
        ("off:\n- 2026-08-31\n", 2, "expected days"),
        ("- 2026-08-31\n", 1, "expected 'off' and 'worked'"),
        ("off:\n  2026-08-31: a: b\n", 2, "write"),
        ("off: [\n", 2, "write"),
        ("off:\n  ? [1]\n  : x\n", 2, "is no day"),
    ],
)
def test_a_bad_file_names_line_and_cure(tmp_path: Path, text: str, line: int, words: str) -> None:
    with pytest.raises(SettingsError, match=f"{FILE} line {line}: ") as caught:
        with_file(tmp_path, text)

    assert words in str(caught.value)


def test_a_file_of_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes("off:\n  2026-08-31: nghỉ".encode("utf-16"))

    with pytest.raises(SettingsError, match="save it as UTF-8"):
        read_calendar(tmp_path, TODAY)


def test_only_who_reads_a_calendar_pays_for_the_package() -> None:
    program = "import sys, bot.wiring.desk; sys.exit('holidays' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False)

    assert done.returncode == 0
