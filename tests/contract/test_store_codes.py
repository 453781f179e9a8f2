"""Every published notice has a code of its own, also those from before there were codes."""

from __future__ import annotations

import json

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from bot.core.announcements.announcement import Standing
from bot.core.announcements.codes import LENGTH, LETTERS
from bot.core.notices.notice import Audience
from bot.store.draft_rows import new_code
from bot.store.upgrading import MIGRATIONS
from tests.contract.notice_builders import a_notice, again, hand, planned, render, sending
from tests.contract.store_builders import NOW, follow, later, publish


def test_whatever_is_published_has_a_code_of_its_own(store):
    made = [publish(store) for _ in range(5)]

    assert len({each.code for each in made}) == 5
    assert all(set(each.code) <= set(LETTERS) and len(each.code) == LENGTH for each in made)


def test_a_code_is_neither_a_word_nor_a_number():
    for _ in range(200):
        code = new_code()
        assert not code.isalpha()
        assert not code.isdigit()


def test_a_code_is_found_however_it_is_typed(store):
    made = [publish(store)]

    assert store.announcements.by_code(made[0].code.lower()) == made[0]


def test_a_code_shown_beforehand_is_the_one_printed(store):
    code = store.announcements.free_code()

    assert publish(store, code=code).code == code


@pytest.mark.parametrize("taken_by", ["draft", "announcement"])
def test_a_code_that_is_taken_is_given_to_nobody_else(store, monkeypatch, taken_by):
    taken = planned(store).code if taken_by == "draft" else publish(store).code
    given = iter([taken, taken, "ACDEFGH"])
    monkeypatch.setattr("bot.store.announcements.new_code", lambda: next(given))

    assert publish(store).code == "ACDEFGH"


def test_who_is_seeded_again_keeps_the_code(store):
    row = {"source_id": "s1", "topic": "t", "title": "một", "body": "b", "issuer": "i"}
    store.announcements.seed([{**row, "published_at": NOW}])
    (first,) = store.announcements.recent()
    store.announcements.seed([{**row, "published_at": NOW, "title": "hai"}])
    (second,) = store.announcements.recent()

    assert first.code
    assert (second.code, second.title) == (first.code, "hai")


def test_the_board_keeps_what_expired(store):
    old = publish(store, title="cũ", now=later(days=-2), expires_at=later(days=-1))
    new = publish(store, title="mới", now=later(days=-1), area="ben-luc")
    publish(store, title="ngày mai", now=later(days=1))

    assert store.announcements.board(NOW) == ([new, old], 2)
    assert store.announcements.board(NOW, "thien-tai", ["can-giuoc"]) == ([old], 1)
    assert store.announcements.board(NOW, offset=1, limit=1) == ([old], 2)
    assert store.announcements.latest(NOW) == ([new], 1)


def test_announcements_are_found_by_their_ids(store):
    one, two = publish(store), publish(store)

    assert store.announcements.named([one.id, two.id, 99]) == {one.id: one, two.id: two}
    assert store.announcements.named([]) == {}


def test_a_cancellation_is_public_and_a_pause_is_not(store):
    follow(store, "lan")
    draft = sending(store)
    lan = hand(store, "lan")

    def published():
        return store.announcements.find(again(store, draft).announcement_id)

    store.broadcasts.pause(draft.id, lan, "lỗi", later(minutes=1))
    assert (published().standing(NOW), published().changed_at) == (Standing.CURRENT, None)
    store.broadcasts.cancel(draft.id, lan, "lỗi", later(minutes=2))

    assert published().standing(NOW) is Standing.WITHDRAWN
    assert published().updated_at == later(minutes=2)


def test_a_correction_is_told_from_both_sides(store):
    follow(store, "lan")
    draft = sending(store)
    wrong = again(store, draft).announcement_id
    store.deliveries.counts()
    claim = store.deliveries.claim(NOW, "w1", "zalo", 10, later(minutes=1) - NOW)
    for each in claim:
        store.deliveries.sent(each, "p1", NOW)
    corrected = planned(store, a_notice(title="Đúng", audience=Audience(corrects=wrong)))
    right = store.broadcasts.start(corrected.id, render, later(minutes=3))

    found = store.announcements.named([wrong, right.id])

    assert found[wrong].standing(NOW) is Standing.CORRECTED
    assert found[wrong].updated_at == later(minutes=3)
    assert (found[wrong].corrected_by, found[right.id].corrects) == (right.id, wrong)


def test_what_was_published_before_gets_a_code_and_its_document(open_again):
    store = open_again()
    _migrate(store, "0014")
    with store._db.write() as connection:
        for number, code in ((1, None), (2, None), (3, "K7M3QXA")):
            connection.execute(
                text(_OLD), {"id": number, "code": code, "at": "2026-11-01 00:00:00"}
            )
        content = json.dumps({"document_date": "20/11/2026", "picture_digest": "a"})
        connection.execute(text(_DRAFT), {"content": content, "at": "2026-11-01 00:00:00"})

    store.upgrade()

    found = store.announcements.named([1, 2, 3])
    assert found[3].code == "K7M3QXA"
    assert len({each.code for each in found.values()}) == 3
    assert all(len(str(each.code)) == LENGTH for each in found.values())
    assert (found[3].document_date, found[3].picture_digest) == ("20/11/2026", "a")
    assert (found[3].attachment_digest, found[1].document_date) == (None, None)


def _migrate(store, revision):
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with store._db.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


_OLD = (
    "INSERT INTO announcements (id, topic, title, body, issuer, published_at, urgent, demo, code)"
    " VALUES (:id, 't', 'x', 'b', 'i', :at, false, false, :code)"
)
_DRAFT = (
    "INSERT INTO notice_drafts (id, code, state, version, title, content, fingerprint, author_id,"
    " editor_id, announcement_id, swept, created_at, changed_at)"
    " VALUES (1, 'K7M3QXA', 'done', 1, 'x', :content, 'f', 1, 1, 3, true, :at, :at)"
)
