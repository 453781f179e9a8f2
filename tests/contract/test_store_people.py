"""Following, stopping, exporting, erasing and forgetting."""

from __future__ import annotations

import json

import pytest

from bot.core.messages import InboundKind
from tests.contract.store_builders import (
    NOW,
    a_message,
    a_turn,
    claim_one,
    follow,
    later,
    lease_deliveries,
    plan,
    publish,
    talk,
    texts,
)


def test_a_topic_followed_twice_counts_once(store):
    follow(store, "lan", number=1)
    citizen = follow(store, "lan", number=2)
    follow(store, "lan", "dich-benh", number=3)

    assert store.subscriptions.topics_of(citizen.id) == ["thien-tai", "dich-benh"]
    assert store.subscriptions.followers("thien-tai") == 1


def test_a_notice_about_an_area_reaches_its_followers_and_those_of_the_province(store):
    follow(store, "lan", area="ben-luc")
    follow(store, "minh", area="can-giuoc")
    follow(store, "hoa", channel="web")
    follow(store, "hoa", area="ben-luc", channel="web", number=2)

    assert store.subscriptions.followers("thien-tai") == 3
    assert store.subscriptions.followers_by_channel("thien-tai", "ben-luc") == {
        "web": 1,
        "zalo": 1,
    }
    assert store.subscriptions.followers("dich-benh") == 0


def test_unfollowing_one_topic_keeps_the_others_and_their_notices(store):
    follow(store, "lan")
    citizen = follow(store, "lan", "dich-benh", number=2)
    plan(store, publish(store))
    plan(store, publish(store, topic="dich-benh", title="dịch"))

    talk(store, number=3, effects=[{"effect": "unsubscribe", "topic": "thien-tai"}])

    assert store.subscriptions.topics_of(citizen.id) == ["dich-benh"]
    assert [item.reply.text for item in lease_deliveries(store)] == ["dịch"]


def test_unfollowing_without_a_topic_means_all(store):
    citizen = follow(store, "lan")

    talk(store, number=2, effects=[{"effect": "unsubscribe", "topic": None}])

    assert store.subscriptions.topics_of(citizen.id) == []


def test_stop_ends_everything_but_answers_and_following_again_undoes_it(store):
    citizen = follow(store, "lan")
    talk(store, "đã ngưng", number=2, effects=[{"effect": "stop"}])

    assert store.subscriptions.topics_of(citizen.id) == []
    assert [item.reply.text for item in lease_deliveries(store)] == ["đã ngưng"]

    follow(store, "lan", number=3)
    assert store.subscriptions.followers("thien-tai") == 1


def test_resume_lifts_stop_and_a_call_for_a_person_is_noted(store):
    citizen = talk(store, effects=[{"effect": "stop"}])
    talk(store, number=2, effects=[{"effect": "resume"}, {"effect": "ask_human"}])

    kept = store.privacy.export(citizen.id)["citizen"]

    assert "stopped_at" not in kept
    assert kept["human_wanted_at"] == NOW.isoformat()


def test_an_erased_citizen_still_reads_the_last_answer(store):
    citizen = follow(store, "lan", "thien-tai")
    talk(store, "bí mật", number=2)
    talk(store, "đã xóa", number=3, effects=[{"effect": "erase"}], text="xóa giúp em")

    kept = json.dumps(store.privacy.export(citizen.id), ensure_ascii=False)
    assert [item.reply.text for item in lease_deliveries(store)] == ["đã xóa"]
    assert store.subscriptions.topics_of(citizen.id) == []
    for word in ("bí mật", "câu 2", "xóa giúp em"):
        assert word not in kept


def test_an_erased_web_page_shows_only_the_last_answer(store):
    citizen = talk(store, "bí mật", channel="web")
    talk(store, "đã xóa", number=2, effects=[{"effect": "erase"}], channel="web")

    assert texts(store.timeline.messages(citizen.id)) == ["đã xóa"]
    assert store.citizens.find("web", "lan") == citizen
    assert store.citizens.context(citizen.id, NOW) == {}


def test_a_platforms_repeat_does_not_bring_an_erased_citizen_back(store):
    talk(store, "đã xóa", effects=[{"effect": "erase"}])

    (repeat,) = store.journal.receive([a_message()], NOW)

    assert repeat.duplicate


def test_the_last_trace_of_an_erased_citizen_goes_after_a_day(store):
    talk(store, "đã xóa", effects=[{"effect": "erase"}])
    assert store.privacy.purge(later(hours=25)).citizens == 0  # the answer still waits

    (delivery,) = lease_deliveries(store)
    store.deliveries.sent(delivery, "m1", NOW)

    assert store.privacy.purge(later(hours=23)).citizens == 0
    assert store.privacy.purge(later(hours=25)).citizens == 1
    assert store.citizens.find("zalo", "lan") is None


def test_a_citizen_who_comes_back_after_erasing_is_not_removed(store):
    talk(store, "đã xóa", effects=[{"effect": "erase"}])
    talk(store, "chào lại", number=2, now=later(hours=2))

    store.privacy.purge(later(hours=30))

    assert store.citizens.find("zalo", "lan") is not None


def test_messages_written_after_the_request_are_still_answered(store):
    store.journal.receive([a_message(1), a_message(2)], NOW)

    store.journal.settle(claim_one(store), a_turn("đã xóa", effects=[{"effect": "erase"}]), NOW)

    assert claim_one(store).inbound.text == "câu 2"


def test_erasing_from_outside_leaves_nothing_and_stops_work_under_way(store):
    citizen = follow(store, "lan")
    plan(store, publish(store))
    store.journal.receive([a_message(5, kind=InboundKind.IMAGE, picture=b"x")], NOW)
    claimed = claim_one(store)

    assert store.privacy.erase(citizen.id, NOW)

    assert not store.journal.settle(claimed, a_turn("ạ"), NOW)
    assert store.journal.is_settled(claimed.id)
    assert store.citizens.find("zalo", "lan") is None
    assert store.deliveries.counts() == {}
    assert not store.privacy.erase(citizen.id, NOW)
    with pytest.raises(LookupError):
        store.privacy.export(citizen.id)


def test_the_numbers_of_an_erased_citizen_are_never_given_to_another(store):
    first = talk(store, "ạ")
    store.privacy.erase(first.id, NOW)

    assert talk(store, "ạ", sender="minh").id > first.id


def test_an_export_holds_what_we_know_and_is_json(store):
    citizen = follow(store, "lan")
    announcement = publish(store)
    plan(store, announcement)
    talk(store, "Dạ, có ạ", number=2)

    kept = json.loads(json.dumps(store.privacy.export(citizen.id), ensure_ascii=False))

    assert kept["citizen"]["external_id"] == "lan"
    assert kept["subscriptions"][0]["topic"] == "thien-tai"
    assert [message["text"] for message in kept["messages"]] == ["câu 900", "câu 2"]
    assert kept["deliveries"][-1]["body"]["text"] == "Dạ, có ạ"
    assert kept["announcements"][0]["id"] == announcement.id


def test_talk_is_forgotten_after_a_day_and_notices_stay_readable(store):
    citizen = follow(store, "lan", channel="web")
    talk(store, "trả lời", number=2, channel="web")
    plan(store, publish(store))
    store.deliveries.sent(lease_deliveries(store, "web")[0], None, NOW)

    assert store.privacy.purge(later(hours=23)).texts == 0
    purged = store.privacy.purge(later(hours=24))

    assert (purged.texts, purged.replies, purged.rows) == (2, 1, 0)
    assert texts(store.timeline.messages(citizen.id)) == ["Mưa lớn"]


def test_a_message_nobody_answered_yet_is_not_forgotten(store):
    store.journal.receive([a_message()], NOW)

    store.privacy.purge(later(days=3))

    assert claim_one(store, later(days=3)).inbound.text == "câu 1"


def test_rows_go_after_ninety_days_unless_their_fate_is_open(store):
    talk(store, "đã gửi")
    (delivery,) = lease_deliveries(store)
    store.deliveries.sent(delivery, "m1", NOW)
    talk(store, "còn chờ", sender="minh")

    assert store.privacy.purge(later(days=89)).rows == 0
    assert store.privacy.purge(later(days=91)).rows == 2
    assert store.deliveries.counts() == {"queued": 1}
