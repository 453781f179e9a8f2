"""Following, listing, muting, ending and rating, as the citizen asks for them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.core.announcements.answers import AnnouncementAnswers
from bot.core.conversation.payloads import parse_payload
from bot.core.desk import Answer, Ask
from bot.core.dossiers.answers import DossierAnswers
from bot.core.errors import SourceUnavailable
from bot.core.follow.answers import FollowAnswers
from bot.core.follow.follow import CONSENT, MOST
from bot.core.follow.ratings import RatingAnswers
from bot.wiring.desk import read_stars
from tests.builders import (
    WORDING,
    ZONE,
    FakeCatalogue,
    FakeDirectory,
    FakeNews,
    FakeSource,
    a_dossier,
    an_ask,
)
from tests.unit.follow_parts import CODE, FakeFollows, a_follow, there

OTHER = "H39.21-261102-0042"


def answers(follows: FakeFollows, *dossiers: Any, error: Exception | None = None) -> FollowAnswers:
    source = FakeSource(*(dossiers or (a_dossier(),)), error=error)
    found = DossierAnswers([source], FakeCatalogue(), WORDING, ZONE)
    return FollowAnswers(follows, found, WORDING, ZONE)


def ratings(*follows: Any, rated: Any = ()) -> RatingAnswers:
    kept = FakeFollows(*follows, rated=rated)
    return RatingAnswers(kept, WORDING, ZONE, read_stars(), lambda code: f"mark {code.key}")


def pressed(code: str = CODE, **more: str) -> Ask:
    return an_ask(entities=(("dossier_code", code), *more.items()))


def text(answer: Answer) -> str:
    return "\n".join(reply.text for reply in answer.replies)


def buttons(answer: Answer) -> list[str]:
    return [button.payload or "" for reply in answer.replies for button in reply.buttons]


def test_the_first_follow_asks_for_consent_and_changes_nothing() -> None:
    answer = answers(FakeFollows()).follow(pressed())

    assert answer.effects == ()
    assert "Anh/chị đồng ý theo dõi chứ ạ?" in text(answer)
    assert "30 ngày" in text(answer)
    payload = parse_payload(answer.context["pending"] or "")
    assert payload is not None
    assert {e.name: e.value for e in payload.entities} == {
        "dossier_code": CODE,
        "confirmed": "yes",
    }
    assert answer.context["pending"] in buttons(answer)


def test_after_consent_the_dossier_is_followed() -> None:
    answer = answers(FakeFollows()).follow(pressed(confirmed="yes"))

    (effect,) = answer.effects
    assert (effect["effect"], effect["code"], effect["consent"]) == (
        "follow_dossier",
        CODE,
        CONSENT,
    )
    assert json.loads(json.dumps(effect))["known"]["status"] == 4
    assert "đang theo dõi hồ sơ" in text(answer)


def test_consent_is_asked_once_and_anew_when_its_text_changed() -> None:
    other = a_dossier(code=OTHER)

    assert answers(FakeFollows(a_follow(other))).follow(pressed()).effects
    assert not answers(FakeFollows(a_follow(other, consent="2025"))).follow(pressed()).effects


def test_the_dossier_in_talk_is_followed_by_words_alone() -> None:
    follows = FakeFollows(a_follow(a_dossier(code=OTHER)))
    answer = answers(follows).follow(an_ask("có gì báo tôi", context={"dossier_code": CODE}))

    assert [effect["code"] for effect in answer.effects] == [CODE]


def test_without_a_dossier_the_code_is_asked_for() -> None:
    answer = answers(FakeFollows()).follow(an_ask("có gì báo tôi nhé"))

    assert "muốn theo dõi hồ sơ nào" in text(answer)
    assert answer.effects == ()


@pytest.mark.parametrize(
    ("known", "error", "expected"),
    [
        (a_dossier(code=OTHER), None, "chưa tìm thấy hồ sơ"),
        (a_dossier(), SourceUnavailable("x"), "chưa tra được"),
        (a_dossier(status=10), None, "không cần theo dõi"),
        (a_dossier(status=3), None, "không cần theo dõi"),
    ],
)
def test_what_cannot_be_followed_is_said(known: Any, error: Any, expected: str) -> None:
    answer = answers(FakeFollows(), known, error=error).follow(pressed(confirmed="yes"))

    assert expected in text(answer)
    assert answer.effects == ()


def test_following_again_says_so() -> None:
    answer = answers(FakeFollows(a_follow(muted=True))).follow(pressed())

    assert "đã tắt tin" in text(answer)
    assert answer.effects == ()


def test_twenty_are_enough() -> None:
    many = [a_follow(a_dossier(code=f"H39.21-261102-{n:04d}")) for n in range(MOST)]
    answer = answers(FakeFollows(*many)).follow(pressed(confirmed="yes"))

    assert "20 hồ sơ" in text(answer)
    assert answer.effects == ()


@pytest.mark.parametrize(
    "ask",
    [pressed(), an_ask("thôi theo dõi"), an_ask("bỏ theo dõi", context={"dossier_code": CODE})],
)
def test_the_only_follow_ends(ask: Ask) -> None:
    answer = answers(FakeFollows(a_follow())).unfollow(ask)

    assert answer.effects == ({"effect": "unfollow_dossier", "code": CODE},)


def test_of_several_the_one_just_told_about_ends() -> None:
    follows = FakeFollows(a_follow(), a_follow(a_dossier(code=OTHER)), just_told=OTHER)

    assert answers(follows).unfollow(an_ask("thôi theo dõi")).effects[0]["code"] == OTHER


def test_of_several_the_citizen_chooses() -> None:
    follows = FakeFollows(a_follow(), a_follow(a_dossier(code=OTHER)))
    answer = answers(follows).unfollow(an_ask("thôi theo dõi"))

    assert answer.effects == ()
    choices = json.loads(answer.context["choices"] or "")
    assert [parse_payload(choice).entities[0].value for choice in choices] == [CODE, OTHER]  # type: ignore[union-attr]


def test_all_end_at_once() -> None:
    follows = FakeFollows(a_follow(), a_follow(a_dossier(code=OTHER)))
    answer = answers(follows).unfollow(pressed("all"))

    assert answer.effects == ({"effect": "unfollow_dossier", "code": None},)
    assert "2 hồ sơ" in text(answer)


def test_nothing_ends_that_is_not_followed() -> None:
    assert "chưa theo dõi" in text(answers(FakeFollows()).unfollow(pressed()))
    answer = answers(FakeFollows(a_follow())).unfollow(pressed(OTHER))
    assert (answer.effects, "không theo dõi" in text(answer)) == ((), True)


@pytest.mark.parametrize("muted", [True, False])
def test_messages_are_switched_off_and_on(muted: bool) -> None:
    desk = answers(FakeFollows(a_follow(muted=not muted)))
    answer = (desk.mute if muted else desk.unmute)(pressed())

    assert answer.effects == ({"effect": "mute_dossier", "code": CODE, "muted": muted},)


def test_the_list_shows_states_and_leads_to_each() -> None:
    follows = FakeFollows(a_follow(), a_follow(a_dossier(code=OTHER, status=5), muted=True))
    desk = answers(follows)
    answer = desk.mine(an_ask())

    assert "2 hồ sơ" in text(answer)
    assert f"1. {CODE}: đang được giải quyết, hẹn trả 25/11/2026" in text(answer)
    assert f"2. {OTHER}: đang chờ anh/chị bổ sung giấy tờ (đã tắt tin)" in text(answer)
    card = desk.mine(pressed(OTHER))
    assert "Bật tin lại" in [b.title for b in card.replies[0].buttons]


def test_one_follow_is_shown_as_a_card_and_none_is_said() -> None:
    card = answers(FakeFollows(a_follow(ends_at=there(30, 9)))).mine(an_ask())

    assert "Tự thôi theo dõi vào: 30/11/2026" in text(card)
    assert "chưa theo dõi hồ sơ nào" in text(answers(FakeFollows()).mine(an_ask()))


def test_no_one_sees_or_ends_what_another_follows() -> None:
    desk = answers(FakeFollows(a_follow(citizen_id=2)))

    assert "chưa theo dõi" in text(desk.mine(an_ask()))
    assert desk.unfollow(pressed()).effects == ()
    assert desk.mute(pressed()).effects == ()


def news() -> AnnouncementAnswers:
    fake = FakeNews()
    return AnnouncementAnswers(fake, fake, fake, FakeDirectory(), WORDING, ZONE)


def test_topics_and_stop_tell_of_followed_dossiers_too() -> None:
    desk = answers(FakeFollows(a_follow()))

    assert CODE in desk.beside(news().mine)(an_ask()).replies[0].text
    assert "thôi theo dõi 1 hồ sơ" in text(desk.ended_by(news().stop)(an_ask("STOP")))
    assert CODE not in text(answers(FakeFollows()).beside(news().mine)(an_ask()))


@pytest.mark.parametrize(
    "said", ["tôi đang theo dõi hồ sơ nào", "hồ sơ đang theo dõi", "ho so dang theo doi"]
)
def test_who_asks_for_followed_dossiers_reads_of_them_alone(said: str) -> None:
    mine = answers(FakeFollows(a_follow(), a_follow(a_dossier(code=OTHER)))).beside(news().mine)
    none = answers(FakeFollows()).beside(news().mine)

    assert f"2. {OTHER}: đang" in text(mine(an_ask(said)))
    assert "chủ đề" not in text(mine(an_ask(said)))
    assert "chưa theo dõi hồ sơ nào" in text(none(an_ask(said)))


def test_stop_says_nothing_of_topics_where_there_are_none() -> None:
    desk = answers(FakeFollows(a_follow()))
    said = text(desk.ended_by(news().stop)(an_ask("STOP")))

    assert "thôi theo dõi 1 hồ sơ" in said
    for untrue in ("chủ đề nào", "Nhận tin lại", "cũng đã"):
        assert untrue not in said


@pytest.mark.parametrize("muted", [True, False])
def test_one_that_is_not_followed_is_not_taken_for_another(muted: bool) -> None:
    desk = answers(FakeFollows(a_follow()))
    answer = (desk.mute if muted else desk.unmute)(pressed(OTHER))

    assert answer.effects == ()
    assert f"không theo dõi hồ sơ {OTHER}" in text(answer)
    assert CODE not in text(answer)


def test_no_more_messages_right_after_ours_means_that_dossier() -> None:
    told = answers(FakeFollows(a_follow(), just_told=CODE)).unless_told(news().unsubscribe)
    other = answers(FakeFollows(a_follow())).unless_told(news().unsubscribe)

    assert told(an_ask("đừng báo nữa")).effects[0]["effect"] == "unfollow_dossier"
    assert other(an_ask("đừng báo nữa")).effects == ({"effect": "stop"},)


@pytest.mark.parametrize("stars", ["1", "2", "3", "4", "5"])
def test_stars_go_without_the_person(stars: str) -> None:
    answer = ratings(a_follow(asked_at=there(20, 9))).rate(pressed(stars=stars))

    (effect,) = answer.effects
    assert (effect["stars"], effect["day"]) == (int(stars), "2026-11-20")
    assert (effect["agency"], effect["procedure"]) == ("UBND phường Long An", "1.001193")
    assert ("phản ánh" in text(answer)) is (int(stars) <= 2)
    assert answer.context["again"] is None
    assert stars not in text(answer)


def test_a_question_may_be_skipped() -> None:
    answer = ratings(a_follow(asked_at=there(20, 9))).rate(pressed(stars="skip"))

    assert answer.effects[0]["stars"] is None
    assert "không hỏi lại" in text(answer)


@pytest.mark.parametrize("stars", ["0", "6", "x", "５", ""])
def test_other_stars_ask_again(stars: str) -> None:
    answer = ratings(a_follow(asked_at=there(20, 9))).rate(pressed(stars=stars))

    assert answer.effects == ()
    assert len(buttons(answer)) == 5


@pytest.mark.parametrize(
    "follow",
    [a_follow(), a_follow(asked_at=there(20, 9), answered=True), a_follow(citizen_id=2)],
)
def test_nobody_rates_what_was_not_asked(follow: Any) -> None:
    assert ratings(follow).rate(pressed(stars="1")).effects == ()


def test_a_wish_to_rate_brings_the_open_question() -> None:
    assert "hài lòng" in text(ratings(a_follow(asked_at=there(20, 9))).wish(an_ask()))
    assert "Cổng Dịch vụ công" in text(ratings(a_follow()).wish(an_ask()))


@pytest.mark.parametrize(
    ("said", "stars"),
    [
        ("4 sao", 4),
        ("năm sao", 5),
        ("3", 3),
        ("Rất hài lòng!", 5),
        ("dạ hài lòng ạ", 4),
        ("binh thuong", 3),
        ("không hài lòng", 2),
        ("rất tệ", 1),
        ("bỏ qua", None),
        ("tôi không đánh giá đâu ạ", None),
        ("tôi đánh giá 5 sao", 5),
    ],
)
def test_stars_may_be_said_in_words(said: str, stars: int | None) -> None:
    answer = ratings(a_follow(asked_at=there(20, 9))).wish(an_ask(said))

    assert answer.effects[0]["stars"] == stars
    buttons_shown = [f'/rate_dossier{{"dossier_code": "{CODE}", "stars": "5"}}']
    expected = f'/rate_dossier{{"dossier_code": "{CODE}", "stars": "{stars or "skip"}"}}'
    assert read_stars().pick(said, ["/my_dossiers", *buttons_shown]) == expected
    assert read_stars().pick(said, ["/my_dossiers"]) is None


@pytest.mark.parametrize("said", ["hồ sơ của tôi sao rồi", "6", "hai", "không", "dạ"])
def test_other_words_are_no_stars(said: str) -> None:
    assert read_stars().read(said) is None


def test_words_that_may_answer_two_questions_answer_none() -> None:
    asked = {"asked_at": there(20, 9)}
    desk = ratings(a_follow(**asked), a_follow(a_dossier(code=OTHER), **asked))

    assert desk.wish(an_ask("4 sao")).effects == ()


def test_a_dossier_is_rated_once_whoever_follows_it() -> None:
    follow = a_follow(asked_at=there(20, 9))
    answer = ratings(follow, rated={f"mark {follow.key}"}).rate(pressed(stars="1"))

    assert answer.effects == ()
    assert "không có câu hỏi đánh giá" in text(answer)
    assert ratings(follow).rate(pressed(stars="1")).effects[0]["mark"] == f"mark {follow.key}"
