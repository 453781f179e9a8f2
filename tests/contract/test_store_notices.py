"""Announcements and the planning of notices."""

from __future__ import annotations

from itertools import islice

from tests.contract.store_builders import (
    NOW,
    a_notice,
    follow,
    later,
    lease_deliveries,
    plan,
    publish,
    talk,
)


def test_a_published_announcement_can_be_found(store):
    made = publish(store, area="ben-luc", number="12/TB", url="https://a.gov.vn", urgent=True)

    assert store.announcements.find(made.id) == made
    assert store.announcements.find(made.id + 1) is None
    assert store.announcements.recent() == [made]


def test_the_latest_come_newest_first_without_expired_and_future_ones(store):
    old = publish(store, title="cũ", now=later(days=-2))
    new = publish(store, title="mới", now=later(days=-1))
    publish(store, title="hết hạn", now=later(days=-1), expires_at=NOW)
    publish(store, title="ngày mai", now=later(days=1))

    assert store.announcements.latest(NOW) == ([new, old], 2)
    assert store.announcements.latest(NOW, offset=1, limit=1) == ([old], 2)


def test_the_latest_by_topic_and_area_include_those_of_the_whole_province(store):
    here = publish(store, area="ben-luc")
    everywhere = publish(store)
    publish(store, area="can-giuoc")
    publish(store, topic="dich-benh")

    found, total = store.announcements.latest(NOW, "thien-tai", ["ben-luc"])

    assert (found, total) == ([everywhere, here], 2)


def test_seeding_twice_updates_instead_of_adding(store):
    row = {
        "source_id": "s1",
        "topic": "thien-tai",
        "title": "một",
        "body": "b",
        "issuer": "i",
        "published_at": NOW,
        "demo": True,
    }

    assert store.announcements.seed([row]) == 1
    assert store.announcements.seed([{**row, "title": "hai"}]) == 1

    ((found,), total) = store.announcements.latest(NOW)
    assert (found.title, found.demo, total) == ("hai", True, 1)


def test_a_plan_makes_one_row_for_each_follower_and_tells_how_far_it_is(store):
    for number in range(5):
        follow(store, f"c{number}")
    follow(store, "c0", area="ben-luc", number=2)
    talk(store, sender="stranger")
    announcement = publish(store)

    progress = list(store.notices.plan(announcement, a_notice(announcement), NOW, batch=2))

    assert [(step.done, step.total) for step in progress] == [(0, 5), (2, 5), (4, 5), (5, 5)]
    assert store.deliveries.counts(announcement.id) == {"queued": 5}
    (delivery,) = lease_deliveries(store, limit=1)
    assert (delivery.kind, delivery.reply) == ("notice", a_notice(announcement))


def test_a_plan_cut_short_goes_on_where_it_stopped(store, open_again):
    for number in range(5):
        follow(store, f"c{number}")
    announcement = publish(store)
    list(islice(store.notices.plan(announcement, a_notice(announcement), NOW, batch=2), 2))
    store.close()

    again = open_again()
    assert again.notices.unfinished() == [announcement]
    progress = list(again.notices.resume(announcement, NOW, batch=2))

    assert [(step.done, step.total) for step in progress] == [(2, 5), (4, 5), (5, 5)]
    assert again.deliveries.counts() == {"queued": 5}
    assert again.notices.unfinished() == []


def test_planning_twice_adds_nobody_and_keeps_the_first_text(store):
    follow(store, "lan")
    announcement = publish(store)
    plan(store, announcement)
    follow(store, "minh")

    other = a_notice(publish(store, title="khác"))
    progress = list(store.notices.plan(announcement, other, NOW))

    assert [(step.done, step.total) for step in progress][-1][0] == 1
    assert [item.reply for item in lease_deliveries(store)] == [a_notice(announcement)]


def test_two_planners_at_once_make_one_row_each(store, open_again):
    for number in range(6):
        follow(store, f"c{number}")
    announcement = publish(store)
    one = store.notices.plan(announcement, a_notice(announcement), NOW, batch=1)
    two = open_again().notices.plan(announcement, a_notice(announcement), NOW, batch=1)

    for _ in range(8):
        next(one, None)
        next(two, None)

    assert store.deliveries.counts() == {"queued": 6}


def test_a_notice_nobody_follows_is_planned_empty(store):
    announcement = publish(store)

    plan(store, announcement)

    assert store.deliveries.counts(announcement.id) == {}
    assert store.notices.unfinished() == []
