"""How often: in people's words, and by the calendar of the province."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from bot.core.announcements.pace import Pace, period_of
from bot.wiring.desk import read_paces

PACES = read_paces()
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
BUTTONS = [f'/subscribe_topic{{"topic": "x", "pace": "{pace.value}"}}' for pace in Pace]

SAID = {
    Pace.DAILY: (
        "gửi gộp mỗi ngày thôi",
        "gui gop moi ngay thoi",
        "mỗi ngày một bản",
        "hằng ngày",
        "hang ngay",
        "ngày 1 lần thôi em",
        "mỗi bữa một bản nha",
        "sáng nào cũng gửi 1 bản",
        "gộp lại theo ngày đi",
        "moi ngay 1 lan",
    ),
    Pace.WEEKLY: (
        "mỗi tuần một bản",
        "hằng tuần",
        "hang tuan",
        "mot tuan 1 lan",
        "tuần một lần thôi",
        "gom lại một tuần gửi một lần",
        "1 tuần 1 bản",
        "cuối tuần gửi",
        "gộp theo tuần nghen",
        "weekly",
    ),
    Pace.AT_ONCE: (
        "gửi ngay",
        "gui ngay",
        "có tin là gửi liền",
        "khỏi gộp",
        "báo liền cho tui",
        "ngay khi có tin",
        "khoi gom, co la gui",
    ),
}


@pytest.mark.parametrize(("pace", "said"), [(p, said) for p in SAID for said in SAID[p]])
def test_a_pace_is_understood_with_marks_and_without(pace: Pace, said: str) -> None:
    assert PACES.read(said) is pace
    assert PACES.pick(said, BUTTONS) == BUTTONS[list(Pace).index(pace)]


@pytest.mark.parametrize(
    "said",
    [
        "đăng ký tin bão",
        "tuần này có tin gì",
        "bữa nay cúp điện không",
        "một bản sao giấy khai sinh",
    ],
)
def test_other_words_are_no_pace(said: str) -> None:
    assert PACES.read(said) is None


@pytest.mark.parametrize(
    "said",
    ["lịch cúp điện hằng ngày ở đâu", "mỗi tuần tiếp dân bữa nào", "hồ sơ gửi ngay được chưa"],
)
def test_a_question_is_no_press_of_a_button(said: str) -> None:
    assert PACES.pick(said, BUTTONS) is None


def test_without_such_buttons_nothing_is_pressed() -> None:
    assert PACES.pick("hằng ngày", ["/my_subscriptions"]) is None


def local(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZONE).astimezone(timezone.utc)


@pytest.mark.parametrize(
    ("now", "daily", "weekly"),
    [
        (local(23, 6, 59), "2026-11-22", "2026-11-16"),  # the 23rd is a Monday
        (local(23, 7), "2026-11-23", "2026-11-23"),
        (local(23, 23, 59), "2026-11-23", "2026-11-23"),
        (local(24, 0), "2026-11-23", "2026-11-23"),  # 17:00 UTC: another day there already
        (local(29, 12), "2026-11-29", "2026-11-23"),
    ],
)
def test_periods_begin_at_seven_of_the_province(now: datetime, daily: str, weekly: str) -> None:
    assert period_of(Pace.DAILY, now, ZONE).name == f"daily {daily}"
    assert period_of(Pace.WEEKLY, now, ZONE).name == f"weekly {weekly}"


def test_a_period_never_lies_ahead() -> None:
    for hours in range(24 * 8):
        now = local(20, 0) + timedelta(hours=hours)
        for pace in (Pace.DAILY, Pace.WEEKLY):
            assert period_of(pace, now, ZONE).at <= now
