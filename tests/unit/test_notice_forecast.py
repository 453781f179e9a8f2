"""The reach of a notice: at once, later, never, why, and what it costs."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from bot.core.notices.forecast import Circumstances, Cost, Group, Offer, forecast, outcome
from bot.core.notices.notice import Notice, Urgency

NOON = datetime(2026, 11, 22, 5, 0, tzinfo=timezone.utc)
NIGHT = datetime(2026, 11, 22, 15, 0, tzinfo=timezone.utc)
GROUPS = [
    Group("zalo", "", 70),
    Group("zalo", "paying", 5),
    Group("zalo", "window_closed", 20),
    Group("zalo", "unfollowed", 3),
    Group("zalo", "not_subscribed", 400),
    Group("web", "", 10),
    Group("web", "stopped", 1),
    Group("web", "quota_used", 0),
]


def a_notice(**changes):
    return Notice("disaster", "Mưa lớn", "Kê cao đồ.", "Đài", **changes)


def expect(notice, now=NOON, groups=GROUPS, **around):
    return forecast(notice, groups, now, Circumstances(**around))


def test_everybody_is_counted_exactly_once():
    made = expect(a_notice())

    parts = ("at_once", "later", "never")
    assert [made.count(part) for part in parts] == [85, 0, 424]
    assert made.count(*parts) == sum(group.count for group in GROUPS)


def test_each_channel_says_why_and_what_it_costs():
    web, zalo = expect(a_notice()).channels

    assert [(part.count, part.cost) for part in zalo.at_once] == [
        (70, Cost.FREE),
        (5, Cost.CHARGED),
    ]
    assert [(part.reason, part.count) for part in zalo.never] == [
        ("not_subscribed", 400),
        ("window_closed", 20),
        ("unfollowed", 3),
    ]
    assert {part.cost for part in zalo.never} == {Cost.NONE}
    assert [(part.reason, part.count) for part in web.never] == [("stopped", 1)]


def test_where_the_window_is_closed_other_ways_are_offered():
    web, zalo = expect(a_notice()).channels

    assert zalo.offers == ((Offer.ARTICLE, 20), (Offer.TEMPLATE, 23))
    assert web.offers == ()


def test_by_night_all_but_urgent_ones_wait_for_the_morning():
    calm, urgent = expect(a_notice(), NIGHT), expect(a_notice(urgency=Urgency.URGENT), NIGHT)

    assert (calm.count("at_once"), calm.count("later")) == (0, 85)
    assert {part.reason for part in calm.channels[0].later} == {"quiet_hours"}
    assert calm.channels[0].later_from == NIGHT + timedelta(hours=8)
    assert (urgent.count("at_once"), urgent.count("later")) == (85, 0)


def test_the_night_is_judged_by_the_time_of_sending():
    made = expect(a_notice(send_at=NIGHT), NOON)

    assert (made.at, made.count("later")) == (NIGHT, 85)


def test_a_limited_channel_takes_its_time():
    groups = [Group("zalo", "", 100_000), Group("web", "", 100_000)]
    web, zalo = expect(a_notice(), groups=groups, per_minute={"zalo": 2_000}).channels
    (urgent,) = expect(
        a_notice(urgency=Urgency.URGENT), groups=groups[:1], per_minute={"zalo": 2_000}
    ).channels

    assert web.lasts == timedelta(0)
    assert timedelta(minutes=55) < zalo.lasts < timedelta(minutes=56)
    assert urgent.lasts < zalo.lasts


def test_a_forecast_is_compared_with_what_happened():
    figures = expect(a_notice()).as_json()

    happened = outcome(figures, {"sent": 40, "delivered": 40, "failed": 5}, {"blocked": 1})

    assert (happened["expected"], happened["reached"], happened["off"]) == (85, 80, -5)
