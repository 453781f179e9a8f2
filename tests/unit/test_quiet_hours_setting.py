"""When notices may arrive, as the settings say it."""

from __future__ import annotations

from datetime import datetime, time, timedelta, timezone

import pytest

from bot.core.errors import SettingsError
from bot.core.follow.times import Times
from bot.core.notices.hours import Hours
from bot.settings import Settings
from bot.wiring.hours import build_hours


def local(hour: int, minute: int = 0) -> datetime:
    """Return a moment of a day by the clock of UTC+7."""
    return datetime(2026, 11, 22, hour, minute, tzinfo=timezone(timedelta(hours=7)))


def test_without_settings_it_is_as_the_rules_say() -> None:
    built = build_hours(Settings())

    assert (built.quiet_from, built.quiet_until) == (Hours().quiet_from, Hours().quiet_until)
    assert built.most_a_day == Hours().most_a_day
    assert built.is_quiet(local(21))
    assert not built.is_quiet(local(20, 59))


@pytest.mark.parametrize(
    ("text", "quiet", "awake"),
    [
        ("22:30-05:15", local(5, 14), local(22, 29)),
        ("12:00 - 13:30", local(13, 29), local(13, 30)),
        ("0:00-6:00", local(0), local(23, 59)),
    ],
)
def test_other_hours(text: str, quiet: datetime, awake: datetime) -> None:
    built = build_hours(Settings(quiet_hours=text))

    assert built.is_quiet(quiet)
    assert not built.is_quiet(awake)


def test_the_same_time_twice_is_never_quiet() -> None:
    built = build_hours(Settings(quiet_hours="00:00-00:00"))

    assert not any(built.is_quiet(local(hour)) for hour in range(24))


def test_news_of_dossiers_keep_the_same_hours() -> None:
    built = build_hours(Settings(quiet_hours="12:00-13:30"))

    until = Times(built.zone, hours=built).quiet_until(local(12, 30))

    assert until == local(13, 30)
    assert Times(built.zone, hours=built).quiet_until(local(22)) is None
    assert Times(built.zone).quiet_until(local(22)) == local(6) + timedelta(days=1)


@pytest.mark.parametrize(
    "text", ["", "21-6", "21:00", "24:00-06:00", "21:60-06:00", "21:00-06:00 21:00", "late"]
)
def test_what_is_no_pair_of_times_is_refused_with_the_cure(text: str) -> None:
    with pytest.raises(SettingsError, match="MOTCUA_QUIET_HOURS must be .* like 21:00-06:00"):
        build_hours(Settings(quiet_hours=text))


@pytest.mark.parametrize("count", [0, 51])
def test_a_share_that_is_none_is_refused_with_the_cure(count: int) -> None:
    with pytest.raises(SettingsError, match="MOTCUA_NOTICES_PER_DAY must be 1 to 50.*set it"):
        build_hours(Settings(notices_per_day=count))


def test_a_share_of_the_settings() -> None:
    built = build_hours(Settings.from_env({"MOTCUA_NOTICES_PER_DAY": "7"}))

    assert (built.most_a_day, built.quiet_from) == (7, time(21))
