"""Whom a notice is for: topics, places, channels, dossiers, lists; and the count beforehand."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core.notices.notice import Audience, Urgency
from bot.core.notices.states import NoticeRefused
from bot.core.notices.uploads import read_ids
from bot.store import open_store
from tests.builders import a_dossier
from tests.contract.follow_builders import following
from tests.contract.notice_builders import a_notice, again, an_emergency, hand, sending, step
from tests.contract.store_builders import NOW, follow, later, lease_deliveries, talk

TOPIC = "thien-tai"


def reached(store, audience, **changes):
    """Who gets a notice for ``audience``, by their names."""
    sending(store, a_notice(audience=audience, **changes))
    rows = [row for name in ("zalo", "web") for row in lease_deliveries(store, name, limit=50)]
    return sorted(row.citizen.external_id for row in rows)


def figures(store, audience, **changes):
    groups = store.forecasts.groups(a_notice(audience=audience, **changes), NOW)
    return {(group.channel, group.reason): group.count for group in groups}


def test_several_topics_reach_each_follower_once(store):
    follow(store, "a")
    follow(store, "b", topic="dich-benh")
    follow(store, "b", number=2)
    follow(store, "c", topic="khác")

    assert reached(store, Audience(topics=(TOPIC, "dich-benh"))) == ["a", "b"]


def test_a_place_reaches_its_followers_and_those_of_the_whole_province(store):
    follow(store, "here", area="ben-luc")
    follow(store, "everywhere")
    follow(store, "there", area="can-giuoc")
    audience = Audience(topics=(TOPIC,), areas=("ben-luc", "duc-hoa"))

    assert figures(store, audience) == {("zalo", ""): 2, ("zalo", "other_area"): 1}
    assert reached(store, audience) == ["everywhere", "here"]


def test_a_channel_may_be_chosen(store):
    follow(store, "a")
    follow(store, "b", channel="web")

    assert reached(store, Audience(topics=(TOPIC,), channels=("web",))) == ["b"]


def test_followers_of_dossiers_in_a_state_may_be_meant(store):
    following(store, a_dossier(status=9), "ready")
    following(store, a_dossier(status=4), "running")
    muted = following(store, a_dossier(status=9), "muted")
    quiet = {"effect": "mute_dossier", "code": a_dossier().code, "muted": True}
    talk(store, sender="muted", number=7, effects=[quiet])
    assert muted.id

    assert reached(store, Audience(dossier_states=(9, 10))) == ["ready"]


def test_of_followers_of_dossiers_whose_place_is_unknown_that_is_said(store):
    following(store, a_dossier(status=9), "lost")
    following(store, a_dossier(status=9), "found")
    follow(store, "found", topic="khác", area="ben-luc", number=2)
    audience = Audience(dossier_states=(9,), areas=("ben-luc",))

    assert figures(store, audience) == {("zalo", ""): 1, ("zalo", "area_unknown"): 1}
    assert reached(store, audience) == ["found"]


def test_an_uploaded_list_is_reported_before_it_is_kept(store):
    lan, minh = follow(store, "lan"), follow(store, "minh", topic="khác")
    talk(store, sender="tam", effects=[{"effect": "stop"}])
    ids = read_ids([str(lan.id), str(minh.id), str(minh.id + 1), "999999", "abc"])

    report = store.lists.report(ids)
    assert (report.known, report.unknown, report.stopped) == (3, 1, 1)
    assert [row.reason for row in report.bad] == ["not_a_number"]
    with pytest.raises(NoticeRefused, match="list_gone"):  # nothing was kept
        reached(store, Audience(uploaded=ids.digest))

    assert store.lists.keep(ids, 1, NOW) == report
    assert store.lists.keep(ids, 1, NOW) == report
    assert reached(store, Audience(uploaded=report.digest)) == ["lan", "minh"]
    with pytest.raises(NoticeRefused, match="list_gone"):
        reached(store, Audience(uploaded=ids.digest))


def test_a_citizen_is_taken_off_lists_when_forgotten(store):
    lan = follow(store, "lan")
    ids = read_ids([str(lan.id)])
    store.lists.keep(ids, 1, NOW)
    assert store.privacy.export(lan.id)["audience_members"]

    assert store.privacy.erase(lan.id, NOW)

    assert reached(store, Audience(uploaded=ids.digest)) == []


@pytest.mark.parametrize("make", [a_notice, an_emergency])
def test_who_said_stop_gets_nothing(store, make):
    citizen = follow(store, "a")
    ids = read_ids([str(citizen.id)])
    store.lists.keep(ids, 1, NOW)
    talk(store, sender="a", number=3, effects=[{"effect": "stop"}])
    audience = Audience((TOPIC,), uploaded=ids.digest, everyone=make is an_emergency)

    draft = sending(store, make(audience=audience))

    assert store.deliveries.counts(again(store, draft).announcement_id) == {}


def test_who_said_stop_after_planning_gets_nothing_either(store):
    ids = read_ids([str(follow(store, "a", topic="khác").id)])
    store.lists.keep(ids, 1, NOW)
    draft = sending(store, a_notice(audience=Audience(uploaded=ids.digest)))

    talk(store, sender="a", number=3, effects=[{"effect": "stop"}])

    assert lease_deliveries(store) == []
    fates = store.deliveries.counts(again(store, draft).announcement_id)
    assert set(fates) <= {"cancelled", "skipped"}


def test_a_correction_skips_who_said_stop_and_shows_it(store):
    for name in ("a", "b"):
        follow(store, name)
    first = sending(store)
    for row in lease_deliveries(store):
        store.deliveries.sent(row, f"m{row.id}", NOW)
    talk(store, sender="a", number=3, effects=[{"effect": "stop"}])
    announcement_id = again(store, first).announcement_id
    audience = Audience(corrects=announcement_id)

    assert figures(store, audience) == {("zalo", ""): 1, ("zalo", "stopped"): 1}
    assert reached(store, audience, urgency=Urgency.URGENT) == ["b"]


def test_a_forecast_says_why_each_of_the_others_gets_nothing(store):
    follow(store, "now")
    follow(store, "web", channel="web")
    for name, days in (("charged", 3), ("closed", 8)):
        follow(store, name, sent_at=later(days=-days), now=later(days=-days))
    follow(store, "other", topic="khác")
    talk(store, sender="stopped", effects=[{"effect": "stop"}])

    assert figures(store, Audience(topics=(TOPIC,))) == {
        ("web", ""): 1,
        ("zalo", ""): 1,
        ("zalo", "window_charged"): 1,
        ("zalo", "window_closed"): 1,
        ("zalo", "not_subscribed"): 1,
        ("zalo", "stopped"): 1,
    }


def test_a_used_daily_share_is_forecast_as_it_is_planned(store):
    follow(store, "a")
    for _ in range(3):
        sending(store)

    assert figures(store, Audience(topics=(TOPIC,))) == {("zalo", "quota_used"): 1}
    urgent = figures(store, Audience(topics=(TOPIC,)), urgency=Urgency.URGENT)
    assert urgent == {("zalo", ""): 1}


@pytest.fixture(scope="module")
def province(tmp_path_factory):
    """A store with citizens of every kind, which the property test only adds notices to."""
    made = open_store(f"sqlite:///{tmp_path_factory.mktemp('reach') / 'motcua.db'}")
    made.upgrade()
    for number in range(24):
        silent = later(days=-(number % 9))
        channel = ("zalo", "web")[number % 2]
        area = ("", "ben-luc", "can-giuoc")[number % 3]
        topic = (TOPIC, "dich-benh")[number // 12]
        follow(made, f"c{number}", topic, area, channel=channel, sent_at=silent, now=silent)
    hand(made, "lan")
    yield made
    made.close()


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    topics=st.lists(st.sampled_from([TOPIC, "dich-benh"]), min_size=1, max_size=2, unique=True),
    areas=st.lists(st.sampled_from(["ben-luc", "can-giuoc"]), max_size=2, unique=True),
    channels=st.lists(st.sampled_from(["zalo", "web"]), max_size=2, unique=True),
)
def test_the_forecast_is_what_is_planned(province, topics, areas, channels):
    audience = Audience(tuple(topics), tuple(areas), tuple(channels))
    notice = a_notice(audience=audience, urgency=Urgency.URGENT)
    groups = province.forecasts.groups(notice, NOW)

    draft = sending(province, notice)

    fates = province.deliveries.counts(again(province, draft).announcement_id)
    assert fates.get("queued", 0) == sum(group.count for group in groups if not group.reason)
    skipped = province.deliveries.skipped_for(again(province, draft).announcement_id)
    never = {"window_closed", "window_charged", "blocked", "unfollowed", "quota_used"}
    expected = {}
    for group in groups:
        if group.reason in never:
            expected[group.reason] = expected.get(group.reason, 0) + group.count
    assert dict(skipped) == expected
    step(province)


def test_a_list_that_is_not_there_cannot_be_submitted(store):
    lan, ids = hand(store, "lan"), read_ids(["1", "2"])
    notice = a_notice(audience=Audience(uploaded=ids.digest))
    draft = store.drafts.create(lan, notice, NOW)

    with pytest.raises(NoticeRefused, match="list_gone"):
        store.drafts.submit(draft.id, lan, draft.version, NOW)
