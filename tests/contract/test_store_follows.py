"""Followed dossiers: kept, told once, ended, forgotten."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from bot.core.conversation.payloads import write_payload
from bot.core.follow.decide import Kind, Telling
from bot.core.follow.exchange import Event
from bot.core.follow.follow import CONSENT, MOST, told_of
from bot.core.follow.told import Worded
from bot.core.messages import Button, Reply
from bot.store.schema_follows import dossier_events, ratings
from bot.store.schema_lookups import proofs
from tests.builders import a_dossier
from tests.contract.follow_builders import CODE, MORNING, following, heard
from tests.contract.store_builders import NOW, talk

DAY = timedelta(days=1)


def rows(store, query):
    with store._db.read() as connection:
        return [dict(row._mapping) for row in connection.execute(query)]


def the_one(store, citizen):
    (found,) = store.follows.of(citizen.id)
    return found


def worded(follow, key="state 0", *, urgent=False, **after):
    telling = Telling(Kind.STATE, key, follow.told, urgent)
    return Worded(follow, replace(follow, **after), ((telling, Reply("Dạ, có thay đổi.")),))


def test_a_follow_is_kept_with_consent_and_what_was_known(store):
    citizen = following(store, a_dossier(status=2))

    kept = the_one(store, citizen)

    assert (kept.code, kept.consent, kept.since) == (CODE, CONSENT, MORNING)
    assert kept.known == a_dossier(status=2)
    assert kept.told == told_of(a_dossier(status=2))
    assert store.follows.codes_of(citizen.id) == (CODE,)
    assert store.follows.due(MORNING, 10) == [kept]


def test_following_twice_in_two_spellings_is_one_follow(store):
    citizen = following(store, a_dossier())
    following(store, a_dossier(code="0000019H39-260915-0001"), number=2)

    assert len(store.follows.of(citizen.id)) == 1


def test_nobody_follows_more_than_the_limit(store):
    for number in range(MOST + 2):
        dossier = a_dossier(code=f"H39.21-261102-{number:04d}")
        citizen = following(store, dossier, number=number)

    assert len(store.follows.of(citizen.id)) == MOST


def test_a_decision_and_its_message_are_written_together_and_once(store):
    follow = the_one(store, following(store, a_dossier()))
    decided = worded(follow, urgent=True, next_at=MORNING + DAY)

    assert store.follows.settle([decided], MORNING) == 1
    assert store.follows.settle([decided], MORNING) == 0

    assert heard(store, MORNING) == ["Dạ, có thay đổi."]
    assert store.follows.due(MORNING, 10) == []


def test_a_late_decision_on_an_old_version_changes_nothing(store):
    citizen = following(store, a_dossier())
    follow = the_one(store, citizen)
    mute = {"effect": "mute_dossier", "code": CODE, "muted": True}
    talk(store, effects=[mute], number=2, now=MORNING, sent_at=MORNING)

    assert store.follows.settle([worded(follow)], MORNING) == 0
    assert the_one(store, citizen).muted
    assert heard(store, MORNING) == []


def test_the_same_telling_has_one_row_whatever_the_version(store):
    citizen = following(store, a_dossier())
    for _ in range(2):
        store.follows.settle([worded(the_one(store, citizen), "reminder 2026-11-25")], MORNING)

    assert len(heard(store, MORNING)) == 1


def test_who_cannot_be_reached_gets_a_row_that_says_why(store):
    follow = the_one(store, following(store, a_dossier()))
    much_later = MORNING + timedelta(days=9)

    store.follows.settle([worded(follow)], much_later)

    assert heard(store, much_later) == []
    assert store.deliveries.counts() == {"skipped": 1}


def test_on_the_web_a_notice_is_shown(store):
    citizen = following(store, a_dossier(), sender="tab", channel="web")
    store.follows.settle([worded(the_one(store, citizen))], MORNING)

    heard(store, MORNING, "web")

    assert [e.reply.text for e in store.timeline.messages(citizen.id)][-1] == "Dạ, có thay đổi."
    assert store.follows.just_told(citizen.id) == CODE


def test_after_another_answer_the_notice_is_no_longer_the_last_word(store):
    citizen = following(store, a_dossier(), sender="tab", channel="web")
    store.follows.settle([worded(the_one(store, citizen))], MORNING)
    heard(store, MORNING, "web")
    talk(store, "Dạ, chào anh/chị.", sender="tab", number=2, channel="web", now=MORNING)

    assert store.follows.just_told(citizen.id) is None


@pytest.mark.parametrize("code", [CODE, "0000019h39-260915-0001", None])
def test_an_ended_follow_leaves_nothing_and_takes_back_what_waits(store, code):
    citizen = following(store, a_dossier())
    store.follows.settle([worded(the_one(store, citizen))], MORNING)
    end = {"effect": "unfollow_dossier", "code": code}
    talk(store, effects=[end], number=2, now=MORNING, sent_at=MORNING)

    assert store.follows.of(citizen.id) == []
    assert heard(store, MORNING) == []
    assert store.deliveries.counts() == {"cancelled": 1}


def test_ending_one_leaves_the_others(store):
    following(store, a_dossier())
    citizen = following(store, a_dossier(code="H39.21-261102-0042"), number=2)
    following(store, a_dossier(), sender="minh")
    end = {"effect": "unfollow_dossier", "code": CODE}
    talk(store, effects=[end], number=3, now=MORNING, sent_at=MORNING)

    assert store.follows.codes_of(citizen.id) == ("H39.21-261102-0042",)
    assert store.follows.count() == 2


def test_stop_ends_every_follow(store):
    citizen = following(store, a_dossier())
    store.follows.settle([worded(the_one(store, citizen))], MORNING)
    talk(store, effects=[{"effect": "stop"}], number=2, now=MORNING, sent_at=MORNING)

    assert store.follows.of(citizen.id) == []
    assert heard(store, MORNING) == []


def test_a_rating_is_kept_apart_from_who_gave_it(store):
    citizen = following(store, a_dossier())
    rate = {
        "effect": "rate_dossier", "code": CODE, "mark": "x", "stars": 4, "day": "2026-11-23",
        "agency": "UBND phường Long An", "procedure": "1.001193",
    }  # fmt: skip
    said = write_payload("rate_dossier", dossier_code=CODE, stars="4")
    asked = {"asked_at": MORNING}
    talk(store, effects=[rate], number=2, now=MORNING, sent_at=MORNING)
    assert rows(store, select(ratings)) == []  # nobody asked yet

    store.follows.settle([worded(the_one(store, citizen), "survey", **asked)], MORNING)
    for number in (3, 4):
        talk(store, effects=[rate], number=number, text=said, now=MORNING, sent_at=MORNING)

    (kept,) = rows(store, select(ratings))
    assert set(kept) == {"id", "day", "agency", "procedure_code", "stars"}
    assert (kept["stars"], kept["agency"]) == (4, "UBND phường Long An")
    assert the_one(store, citizen).answered
    assert '"stars": "4"' not in json.dumps(store.privacy.export(citizen.id)["messages"][2])


def test_a_question_not_answered_is_closed_too(store):
    citizen = following(store, a_dossier())
    store.follows.settle([worded(the_one(store, citizen), asked_at=MORNING)], MORNING)
    skip = {"effect": "rate_dossier", "code": CODE, "stars": None}
    talk(store, effects=[skip], number=2, now=MORNING, sent_at=MORNING)

    assert rows(store, select(ratings)) == []
    assert not the_one(store, citizen).may_rate


def test_imports_move_the_cursor_and_the_follows_together(store):
    follow = the_one(store, following(store, a_dossier()))
    rested = worded(follow, next_at=MORNING + DAY)
    store.follows.settle([Worded(rested.before, rested.after)], MORNING)

    assert store.follows.nudge("register", 0, 7, {follow.key, "H39"}, MORNING) == 1
    assert store.follows.position("register") == 7
    assert len(store.follows.due(MORNING, 10)) == 1
    assert store.follows.nudge("register", 0, 9, {follow.key}, MORNING) == 0
    assert store.follows.position("register") == 7


def test_a_call_is_kept_once(store):
    event = Event("0000019H392609150001", {"status": 5})

    assert store.hooks.take("abc", [event], NOW)
    assert not store.hooks.take("abc", [event], NOW)
    assert store.hooks.take("def", [event], NOW)

    assert len(rows(store, select(dossier_events))) == 2


def test_signatures_are_forgotten_once_their_time_is_over(store):
    store.hooks.take("abc", [], NOW)
    store.hooks.take("def", [], NOW + timedelta(minutes=16))

    with store._db.read() as connection:
        assert connection.execute(text("select count(*) from hook_calls")).scalar() == 1


def test_calls_are_taken_in_with_what_is_known(store):
    citizen = following(store, a_dossier(status=4))
    key = the_one(store, citizen).key
    store.hooks.take("a", [Event(key, {"status": 5}), Event("H1", {"status": 9})], MORNING)

    def merge(known, changes):
        return replace(known, status=changes["status"])

    assert store.follows.settle_events(10, merge, MORNING) == 2
    assert store.follows.settle_events(10, merge, MORNING) == 0
    assert the_one(store, citizen).known.status == 5
    assert the_one(store, citizen).told.status == 4


def test_a_source_is_asked_by_one_process_at_a_time(store):
    later = MORNING + timedelta(minutes=10)

    assert store.follows.begin_poll("poll x", MORNING, later, later) == 0
    assert store.follows.begin_poll("poll x", MORNING, later, later) is None
    store.follows.end_poll("poll x", 2, later)
    assert store.follows.begin_poll("poll x", later, later + DAY, later + DAY) == 2


def test_a_silent_source_has_its_long_rest(store):
    later, latest = (MORNING + timedelta(minutes=minutes) for minutes in (10, 60))
    assert store.follows.begin_poll("poll x", MORNING, later, latest) == 0
    store.follows.end_poll("poll x", 4, latest)

    assert store.follows.begin_poll("poll x", MORNING, later, latest) is None


def test_a_clock_set_back_does_not_silence_a_source(store):
    def begun(now):
        often = timedelta(minutes=10)
        return store.follows.begin_poll("poll x", now, now + often, now + 6 * often)

    begun(MORNING + 2 * DAY)

    assert begun(MORNING) == 0
    assert begun(MORNING) is None
    # Another machine's clock may be a little behind: its turn is not now.
    assert begun(MORNING - timedelta(minutes=4)) is None


def test_an_export_shows_follows_and_an_erasure_ends_them(store):
    citizen = following(store, a_dossier())
    following(store, a_dossier(), sender="minh")

    (kept,) = json.loads(json.dumps(store.privacy.export(citizen.id)))["follows"]
    assert (kept["code"], kept["consent"]) == (CODE, CONSENT)
    store.privacy.erase(citizen.id, MORNING)

    assert store.follows.count() == 1


def test_forget_me_in_the_talk_ends_follows(store):
    citizen = following(store, a_dossier())
    talk(store, effects=[{"effect": "erase"}], number=2, now=MORNING, sent_at=MORNING)

    assert store.follows.of(citizen.id) == []


def test_news_of_a_dossier_stays_on_the_page_for_a_month(store):
    citizen = following(store, a_dossier(), sender="tab", channel="web")
    store.follows.settle([worded(the_one(store, citizen))], MORNING)
    heard(store, MORNING, "web")

    store.privacy.purge(MORNING + 29 * DAY)
    assert len(store.timeline.messages(citizen.id)) == 1
    store.privacy.purge(MORNING + 30 * DAY)
    assert store.timeline.messages(citizen.id) == []


def test_news_of_an_ended_follow_goes_with_the_talk(store):
    citizen = following(store, a_dossier(), sender="tab", channel="web")
    store.follows.settle([worded(the_one(store, citizen))], MORNING)
    heard(store, MORNING, "web")
    end = {"effect": "unfollow_dossier", "code": CODE}
    talk(store, effects=[end], sender="tab", number=2, channel="web", now=MORNING)

    store.privacy.purge(MORNING + DAY)

    assert store.timeline.messages(citizen.id) == []


def test_a_look_without_news_only_sets_the_next_one(store):
    citizen = following(store, a_dossier())
    before = the_one(store, citizen)
    looked = replace(before, known=replace(before.known, as_of=MORNING), next_at=MORNING + DAY)

    store.follows.settle([Worded(before, looked)], MORNING)

    assert the_one(store, citizen) == replace(before, next_at=MORNING + DAY, version=1)


def test_of_many_citizens_those_with_a_proof_are_picked(store):
    owner = following(store, a_dossier())
    other = following(store, a_dossier(), sender="minh")
    kept = {"citizen_id": owner.id, "code_key": "x", "how": "slip", "proved_at": MORNING}
    with store._db.write() as connection:
        connection.execute(proofs.insert().values(**kept, ends_at=MORNING + DAY))

    assert store.follows.with_proofs({owner.id, other.id}, MORNING) == {owner.id}
    assert store.follows.with_proofs({owner.id, other.id}, MORNING + DAY) == frozenset()


def rated(store, citizen, number, mark="digest"):
    rate = {
        "effect": "rate_dossier", "code": CODE, "mark": mark, "stars": 1, "day": "2026-11-23",
        "agency": "UBND phường Long An", "procedure": "1.001193",
    }  # fmt: skip
    follow = the_one(store, citizen)
    store.follows.settle([worded(follow, "survey", asked_at=MORNING)], MORNING)
    talk(
        store, effects=[rate], number=number, sender=citizen.external_id, text="rất tệ",
        now=MORNING, sent_at=MORNING,
    )  # fmt: skip


def test_of_a_dossier_one_rating_counts_and_no_words_of_it_stay(store):
    citizens = [following(store, a_dossier(), sender=name) for name in ("lan", "minh")]
    for number, citizen in enumerate(citizens):
        rated(store, citizen, number + 5)

    assert len(rows(store, select(ratings))) == 1
    assert store.follows.is_rated("digest")
    assert not store.follows.is_rated("another")
    assert "rất tệ" not in json.dumps(store.privacy.export(citizens[0].id), ensure_ascii=False)

    store.privacy.purge(MORNING + 89 * DAY)
    assert store.follows.is_rated("digest")
    store.privacy.purge(MORNING + 90 * DAY)
    assert not store.follows.is_rated("digest")


def test_the_buttons_of_the_last_message_are_known_if_it_was_a_notice(store):
    citizen = following(store, a_dossier())
    button = Button("4 sao", "/my_dossiers")
    decided = worded(the_one(store, citizen))
    shown = replace(decided, messages=((decided.messages[0][0], Reply("Dạ.", (button,))),))

    assert store.follows.last_buttons(citizen.id) == ()
    store.follows.settle([shown], MORNING)
    heard(store, MORNING)

    assert store.follows.last_buttons(citizen.id) == (button,)


def test_what_is_reported_is_known_at_once_and_for_thirty_days(store):
    key = "0000019H392609150001"
    store.hooks.take("a", [Event(key, {"status": 5, "changed_at": NOW.isoformat()})], NOW)
    store.hooks.take("b", [Event(key, {"promised_on": "2026-12-01"})], NOW + DAY)
    store.hooks.take("c", [Event(key, {"status": 2, "changed_at": NOW.isoformat()})], NOW + DAY)

    (report,) = store.reported.of([key, "H39"]).values()
    assert (report.status, report.label, str(report.promised_on)) == (5, "", "2026-12-01")
    assert (report.changed_at, report.reported_at) == (NOW + DAY, NOW + DAY)

    store.privacy.purge(NOW + 30 * DAY)
    assert store.reported.of([key])
    store.privacy.purge(NOW + 31 * DAY)
    assert not store.reported.of([key])


def test_what_a_polled_source_says_is_known_to_look_ups(store):
    follow = the_one(store, following(store, a_dossier()))
    store.follows.note_states({follow.key: a_dossier(status=9)}, MORNING)

    assert store.reported.of([follow.key])[follow.key].status == 9
