"""Wishes for news: which of them decides when a notice comes, and what is kept of them."""

from __future__ import annotations

from datetime import timedelta

from bot.core.announcements.pace import Pace
from bot.core.notices.forecast import Circumstances
from bot.core.notices.hours import Hours
from bot.core.notices.notice import Audience
from bot.core.notices.uploads import read_ids
from bot.store import Store
from tests.contract.digest_builders import (
    MORNING,
    NUMBERS,
    SUNDAY,
    ZONE,
    follow,
    local,
    look,
    out,
    send,
)
from tests.contract.notice_builders import (
    a_notice,
    hand,
    submitted,
)
from tests.contract.store_builders import talk


def test_the_soonest_of_the_wishes_that_fit_counts(store: Store) -> None:
    follow(store, "lan", "weekly")
    follow(store, "lan", "daily", area="ben-luc")
    near = Audience(topics=("thien-tai",), areas=("ben-luc",))
    far = Audience(topics=("thien-tai",), areas=("can-giuoc",))
    out(store, "gần", audience=near)
    out(store, "xa", audience=far)
    tuesday = local(24, 9)
    out(store, "gần nữa", now=tuesday, audience=near)
    out(store, "xa nữa", now=tuesday, audience=far)

    look(store, local(25, 7))
    # On Wednesday the day's digest; what was far on Sunday belonged to Monday's week.
    assert sorted(send(store, local(25, 7))) == ["gần nữa\ngần", "xa"]


def test_whom_a_list_names_too_gets_it_at_once(store: Store) -> None:
    lan = follow(store, "lan")
    named = store.lists.keep(read_ids([str(lan.id)]), hand(store, "lan").staff_id, SUNDAY)
    out(store, "Mưa", audience=Audience(topics=("thien-tai",), uploaded=named.digest))

    assert send(store, SUNDAY) == ["Mưa"]


def test_the_forecast_says_how_many_get_it_with_a_digest(store: Store) -> None:
    for who in ("lan", "minh"):
        follow(store, who)
    follow(store, "tam", "at_once")
    draft = submitted(store, a_notice(), SUNDAY)
    made = store.forecasts.make(draft.id, Circumstances(Hours(ZONE)), SUNDAY)

    (web,) = made.channels
    assert [(part.count, part.reason) for part in web.at_once] == [(1, "")]
    assert [(part.count, part.reason) for part in web.later] == [(2, "digest")]
    assert (made.count("never"), web.later_from) == (0, None)


def test_leaving_one_place_keeps_what_another_wish_wants(store: Store) -> None:
    for area in ("ben-luc", "can-giuoc"):
        follow(store, "lan", area=area)
    for area in ("ben-luc", "can-giuoc"):
        out(store, area, audience=Audience(topics=("thien-tai",), areas=(area,)))
    leave = {"effect": "unsubscribe", "topic": "thien-tai", "area": "ben-luc"}
    talk(store, sender="lan", number=next(NUMBERS), effects=[leave], channel="web")
    look(store, MORNING)

    assert send(store, MORNING) == ["can-giuoc"]


def test_a_digest_takes_no_share_of_the_day(store: Store) -> None:
    follow(store, "lan")
    follow(store, "lan", "at_once", topic="dich-benh")
    for title in ("một", "hai", "ba", "bốn"):
        out(store, title)
    out(store, "Sốt", topic="dich-benh", audience=Audience(topics=("dich-benh",)))

    assert send(store, SUNDAY) == ["Sốt"]


def test_wishes_are_exported_and_erased_with_their_digests(store: Store) -> None:
    lan = follow(store, "lan", "daily")
    out(store, "Mưa")
    look(store, MORNING)
    known = store.privacy.export(lan.id)

    (wish,) = known["subscriptions"]
    assert (wish["pace"], wish["consent"], wish["source"]) == ("daily", "1", "web")
    assert known["digests"][0]["period"] == "daily 2026-11-23"
    assert store.privacy.erase(lan.id, MORNING)
    look(store, MORNING)
    assert send(store, MORNING) == []


def test_a_known_wish_keeps_the_day_it_was_made(store: Store) -> None:
    lan = follow(store, "lan", "daily")
    follow(store, "lan", "weekly", now=SUNDAY + timedelta(days=1), consent="2")

    (wish,) = store.subscriptions.of(lan.id)
    assert (wish.pace, wish.since, wish.consent) == (Pace.WEEKLY, SUNDAY, "1")


def test_the_pace_of_one_place_or_of_everything_can_be_changed(store: Store) -> None:
    follow(store, "lan", "daily")
    follow(store, "lan", "daily", area="ben-luc")
    one = {"effect": "set_pace", "topic": "thien-tai", "area": "ben-luc", "pace": "weekly"}
    lan = talk(store, sender="lan", number=next(NUMBERS), effects=[one], channel="web")
    assert [each.pace.value for each in store.subscriptions.of(lan.id)] == ["daily", "weekly"]

    everything = {"effect": "set_pace", "topic": None, "area": None, "pace": "at_once"}
    talk(store, sender="lan", number=next(NUMBERS), effects=[everything], channel="web")
    assert {each.pace.value for each in store.subscriptions.of(lan.id)} == {"at_once"}
