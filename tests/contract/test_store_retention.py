"""What is kept about a citizen: taken along, erased and forgotten in time, in every table."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from bot.core.follow.exchange import Event
from bot.store.schema import citizens, inbound
from bot.store.schema_follows import dossier_events, hook_calls, ratings
from bot.store.schema_staff import login_attempts
from tests.builders import a_dossier
from tests.contract.follow_builders import CODE, MORNING, following
from tests.contract.planting import MARK, PEOPLE, left_of, plant, rows
from tests.contract.store_builders import (
    NOW,
    a_message,
    a_turn,
    claim_one,
    follow,
    later,
    lease_deliveries,
    talk,
)
from tests.privacy_page import kept_after_erasure

DAY = timedelta(days=1)


def test_an_export_holds_every_table_that_knows_the_citizen(store):
    citizen = plant(store)

    kept = store.privacy.export(citizen.id)

    names = {"citizens": "citizen", "inbound": "messages"}
    for table in PEOPLE:
        assert kept[names.get(table.name, table.name)], table.name


def test_erasing_leaves_what_the_page_says_and_nothing_that_names_the_citizen(store):
    citizen, other = plant(store), follow(store, "minh")
    assert left_of(store, citizen) == {table.name for table in PEOPLE}

    assert store.privacy.erase(citizen.id, NOW)

    assert left_of(store, citizen) == kept_after_erasure()
    for name, row in rows(store):
        assert row.get("citizen_id") != citizen.id, name
    assert store.subscriptions.topics_of(other.id) == ["thien-tai"]


def test_forgetting_asked_for_in_the_chat_is_the_same_a_day_later(store):
    citizen = plant(store)
    (number,) = [row["id"] for name, row in rows(store) if name == "inbound"]
    store.journal.receive([a_message(7, citizen.external_id, channel=citizen.channel)], NOW)
    turn = a_turn("đã xóa", effects=[{"effect": "erase"}])
    assert store.journal.settle(claim_one(store), turn, NOW)

    for name, row in rows(store):
        if name not in kept_after_erasure() and row.get("id") != number:
            said = {k: v for k, v in row.items() if k not in {"external_id", "message_id"}}
            assert MARK not in str(said), name
    (delivery,) = lease_deliveries(store)
    store.deliveries.sent(delivery, "m", NOW)
    store.privacy.purge(later(hours=25))

    assert left_of(store, citizen) <= kept_after_erasure()


def test_what_counts_on_without_the_citizen_is_gone_within_a_day(store):
    citizen = plant(store)
    store.privacy.erase(citizen.id, NOW)

    store.privacy.purge(later(hours=25))

    assert left_of(store, citizen) == set()


def test_words_forgotten_early_take_place_and_address_along_in_time(store):
    talk(store, "dạ", origin="digest", latitude=10.5, longitude=106.4, media_url="https://a.vn")
    with store._db.write() as connection:
        connection.execute(inbound.update().values(text=None))

    store.privacy.purge(later(hours=23))
    assert _messages(store)[0]["origin"] == "digest"
    store.privacy.purge(later(hours=24))

    (message,) = _messages(store)
    for name in ("origin", "latitude", "longitude", "media_url"):
        assert message[name] is None


def test_a_follow_goes_at_its_end_also_when_nobody_looks_at_it(store):
    citizen = following(store, a_dossier())
    end = MORNING + 30 * DAY
    _set_end(store, end)

    store.privacy.purge(end - timedelta(seconds=1))
    assert store.follows.codes_of(citizen.id) == (CODE,)
    store.privacy.purge(end)

    assert store.follows.codes_of(citizen.id) == ()


def test_calls_of_back_offices_are_forgotten(store):
    store.hooks.take("signature", [Event("H39", {"status": 9})], NOW)

    store.privacy.purge(later(minutes=14))
    assert (_count(store, hook_calls), _count(store, dossier_events)) == (1, 1)
    store.privacy.purge(later(minutes=15))
    assert (_count(store, hook_calls), _count(store, dossier_events)) == (0, 1)
    store.privacy.purge(later(days=30))

    assert _count(store, dossier_events) == 0


def test_attempts_to_log_in_go_after_a_day(store):
    row = {"at": NOW, "login": "digest", "origin": ""}
    with store._db.write() as connection:
        connection.execute(login_attempts.insert().values(row))

    store.privacy.purge(later(hours=23))
    assert _count(store, login_attempts) == 1
    store.privacy.purge(later(hours=24))

    assert _count(store, login_attempts) == 0


def test_an_answer_to_the_question_after_the_return_stays_without_the_person(store):
    citizen = following(store, a_dossier())
    with store._db.write() as connection:
        connection.execute(
            ratings.insert().values(day="2026-11-23", agency="a", procedure_code="1", stars=5)
        )

    store.privacy.erase(citizen.id, MORNING)
    store.privacy.purge(MORNING + 400 * DAY)

    assert _count(store, ratings) == 1
    assert set(ratings.c.keys()) == {"id", "day", "agency", "procedure_code", "stars"}


def test_who_is_silent_and_wants_nothing_is_forgotten_after_ninety_days(store):
    idle = store.citizens.open_session("web", "idle", NOW)
    store.citizens.open_session("web", "awake", later(days=1))
    wanting = follow(store, "lan")
    watching = following(store, a_dossier(), sender="hoa")
    stopped = talk(store, sender="minh", effects=[{"effect": "stop"}])

    store.privacy.purge(later(days=89))
    assert _count(store, citizens) == 5
    store.privacy.purge(later(days=90, hours=12))

    assert store.citizens.by_id(idle.id) is None
    assert store.citizens.find("web", "awake")
    store.privacy.purge(later(days=400))
    left = {wanting.id, watching.id, stopped.id}
    assert {row["id"] for name, row in rows(store) if name == "citizens"} == left


def test_an_erased_web_page_goes_at_last(store):
    citizen = talk(store, "đã xóa", channel="web", effects=[{"effect": "erase"}])

    store.privacy.purge(later(days=2))
    assert store.citizens.by_id(citizen.id)
    store.privacy.purge(later(days=91))

    assert store.citizens.by_id(citizen.id) is None


def test_who_comes_back_in_the_middle_of_a_purge_is_not_removed(store, monkeypatch):
    talk(store, channel="web", sender="page")
    when = later(days=91)
    purged = store.privacy._db.write

    def write_first():
        monkeypatch.setattr(store.privacy._db, "write", purged)
        store.journal.receive([a_message(2, "page", channel="web", sent_at=when)], when)
        return purged()

    store.privacy.purge(later(days=91) - timedelta(days=1, hours=1))
    removing = store.privacy._remove_people
    monkeypatch.setattr(store.privacy._db, "write", write_first)

    assert removing(lambda now: citizens.c.last_interaction_at <= now - DAY, when) == 0
    assert store.citizens.find("web", "page")


def _messages(store):
    return [row for name, row in rows(store) if name == "inbound"]


def _count(store, table):
    with store._db.read() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar()


def _set_end(store, moment):
    follows = next(table for table in PEOPLE if table.name == "follows")
    with store._db.write() as connection:
        connection.execute(follows.update().values(ends_at=moment))
