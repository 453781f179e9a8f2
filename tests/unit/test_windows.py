"""Whom may we write to, and at what cost: counted from their last act."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core.work.windows import Window, Windows
from tests.builders import NOW


@pytest.mark.parametrize(
    ("hours", "window"),
    [
        (-1, Window.FREE),  # a platform's clock ahead of ours
        (0, Window.FREE),
        (47.9, Window.FREE),
        (48, Window.CHARGED),
        (24 * 7 - 0.1, Window.CHARGED),
        (24 * 7, Window.CLOSED),
        (24 * 365, Window.CLOSED),
    ],
)
def test_an_official_account_is_free_for_two_days_and_open_for_seven(
    hours: float, window: Window
) -> None:
    assert Windows().at("zalo", NOW - timedelta(hours=hours), NOW) is window


def test_who_never_did_anything_cannot_be_written_to() -> None:
    assert Windows().at("zalo", None, NOW) is Window.CLOSED


@pytest.mark.parametrize("channel", ["web", "zalo_bot"])
def test_other_channels_are_always_open(channel: str) -> None:
    assert Windows().at(channel, NOW - timedelta(days=900), NOW) is Window.FREE
    assert Windows().reason_to_skip(channel, "notice", None, NOW) is None


@pytest.mark.parametrize(
    ("kind", "days", "charged", "reason"),
    [
        ("notice", 1, False, None),
        ("notice", 3, False, "window_charged"),
        ("notice", 3, True, None),
        ("notice", 8, True, "window_closed"),
        ("reply", 3, False, None),
        ("reply", 8, False, "window_closed"),
    ],
)
def test_a_notice_that_would_cost_is_skipped_and_an_answer_goes(
    kind: str, days: int, charged: bool, reason: str | None
) -> None:
    last = NOW - timedelta(days=days)

    assert Windows(charged_notices=charged).reason_to_skip("zalo", kind, last, NOW) == reason
