"""The phrases staff learn from: counted, bounded, and nobody's after a day."""

from __future__ import annotations

import threading

import pytest

from bot.store import review as module
from tests.contract.store_builders import NOW, follow, later, talk


def an_effect(text="phí <số> bao nhiêu", reason="low", **changes):
    values = {"guessed": "ask_fee", "confidence": 0.31, "picked": ""}
    return {"effect": "review", "reason": reason, "text": text, **values, **changes}


def note(store, *effects, number=1, sender="lan", now=NOW, **changes):
    return talk(store, number=number, sender=sender, effects=effects, now=now, **changes)


def test_an_unsure_phrase_is_kept_with_its_guess(store):
    note(store, an_effect(reason="picked", picked="ask_papers"))

    (row,) = store.review.rows()

    assert (row.reason, row.text, row.guessed, row.picked) == (
        "picked", "phí <số> bao nhiêu", "ask_fee", "ask_papers",
    )  # fmt: skip
    assert (row.at, row.seen, row.confidence) == (NOW, 1, pytest.approx(0.31))


def test_the_same_words_within_a_week_are_counted(store):
    note(store, an_effect())
    note(store, an_effect(), sender="minh", now=later(days=6))
    note(store, an_effect(reason="unsure"), number=2)
    note(store, an_effect(picked="ask_papers"), number=3)
    note(store, an_effect(), number=4, now=later(days=8))

    assert [(row.reason, row.picked, row.seen) for row in store.review.rows()] == [
        ("low", "", 2), ("low", "", 1), ("low", "ask_papers", 1), ("unsure", "", 1),
    ]  # fmt: skip
    assert store.review.counts() == {"low": 3, "unsure": 1}
    assert len(store.review.rows(since=later(days=1))) == 1
    assert len(store.review.rows(limit=2)) == 2


def test_two_turns_at_once_count_together(store, open_again):
    stores = [store, *(open_again() for _ in range(3))]
    for number, each in enumerate(stores):
        follow(each, f"citizen-{number}")

    def say(number):
        citizen = stores[number].citizens.find("zalo", f"citizen-{number}")
        with stores[number].review._db.write() as connection:
            module.note(stores[number].review._db, connection, citizen.id, an_effect(), NOW)

    threads = [threading.Thread(target=say, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [row.seen for row in store.review.rows()] == [4]


def test_the_oldest_rows_make_room(store, monkeypatch):
    monkeypatch.setattr(module, "MOST_ROWS", 3)
    for number in range(6):
        note(store, an_effect(f"câu {'a' * number}"), number=number)

    assert [row.text for row in store.review.rows()] == ["câu aaaaa", "câu aaaa", "câu aaa"]


def test_a_citizen_sees_what_is_kept_and_takes_it_along(store):
    citizen = note(store, an_effect())
    note(store, an_effect("của minh"), sender="minh")

    assert [row["text"] for row in store.privacy.export(citizen.id)["review"]] == [
        "phí <số> bao nhiêu"
    ]

    store.privacy.erase(citizen.id, NOW)

    assert [row.text for row in store.review.rows()] == ["của minh"]


def test_forget_me_in_the_talk_takes_the_phrases_along(store):
    note(store, an_effect())
    note(store, {"effect": "erase"}, number=2)

    assert store.review.rows() == []


def test_a_phrase_is_nobodys_after_a_day_and_gone_after_ninety(store):
    citizen = note(store, an_effect())

    store.privacy.purge(later(hours=23))
    assert store.privacy.export(citizen.id)["review"]

    store.privacy.purge(later(hours=24))
    assert store.privacy.export(citizen.id)["review"] == []
    assert store.privacy.erase(citizen.id, later(hours=25))
    assert len(store.review.rows()) == 1

    store.privacy.purge(later(days=90))
    assert store.review.rows() == []


def test_staff_remove_what_they_are_through_with(store):
    note(store, an_effect("một"), an_effect("hai"))
    first, second = store.review.rows()

    assert store.review.remove([first.id]) == 1
    assert store.review.rows() == [second]


def test_an_empty_phrase_is_not_kept(store):
    note(store, an_effect(""))

    assert store.review.rows() == []
