"""The ladder: answer when sure, ask when it may be several things, never offer a courtesy."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.conversation.besides import Besides
from bot.core.conversation.doubt import Doubt
from bot.core.conversation.intents import ANSWERS
from bot.core.conversation.ladder import cost_of_answering, cost_of_asking, decide
from bot.core.desk import Answer, Ask, Desk, Entity, Guess
from bot.core.faq.answers import FaqAnswers
from bot.core.faq.book import FaqBook
from bot.core.messages import Button, Reply
from tests.builders import NOW, WORDING, FakeCatalogue, a_procedure

LOST = Answer((Reply("Anh/chị gọi ngay ngân hàng."),))
NO_FAQ = FaqAnswers(FaqBook(()), WORDING)


def doubt(**hits: list[float]) -> Doubt:
    catalogue = FakeCatalogue(a_procedure(), hits=hits)
    return Doubt(WORDING, NO_FAQ, catalogue, lambda ask: LOST if "lỡ chuyển" in ask.text else None)


def guesses(**sure: float) -> tuple[Guess, ...]:
    return tuple(Guess(intent, confidence) for intent, confidence in sure.items())


def in_doubt(said: str = "hồ sơ đất bao nhiêu", /, **sure: float) -> Ask:
    ranking = guesses(**sure)
    return Ask(ranking[0].intent, said, NOW, ranking=ranking)


def test_what_is_sure_is_answered() -> None:
    assert decide(guesses(ask_fee=0.95, pay_fee=0.04)).choices == ()


def test_two_likely_meanings_are_offered() -> None:
    assert decide(guesses(ask_fee=0.5, pay_fee=0.4, greet=0.1)).choices == ("ask_fee", "pay_fee")


def test_a_button_has_no_ranking_and_is_never_in_doubt() -> None:
    assert decide(()).choices == ()


def test_what_was_not_understood_is_not_offered_either() -> None:
    assert decide(guesses(nlu_fallback=0.35, ask_fee=0.3, pay_fee=0.3)).choices == ()


def test_a_courtesy_is_never_asked_about() -> None:
    assert decide(guesses(thank=0.5, goodbye=0.45)).choices == ()
    assert decide(guesses(thank=0.4, ask_fee=0.4, deny=0.1)).choices in ((), ("ask_fee",))


def test_what_may_be_foreign_is_asked_about_before_it_is_answered() -> None:
    assert decide(guesses(ask_announcements=0.55, out_of_scope=0.42)).choices == (
        "ask_announcements",
    )


def test_unsubscribing_needs_more_than_reading_does() -> None:
    sure = {"first": 0.82, "second": 0.15}
    reading = guesses(ask_announcements=sure["first"], subscribe_topic=sure["second"])
    changing = guesses(unsubscribe_topic=sure["first"], subscribe_topic=sure["second"])

    assert decide(reading).choices == ()
    assert decide(changing).choices == ("unsubscribe_topic", "subscribe_topic")


@given(st.lists(st.floats(0.01, 1.0), min_size=1, max_size=8))
def test_the_cheaper_step_is_taken(weights: list[float]) -> None:
    names = [name for name in ANSWERS if name.startswith("ask_")]
    total = sum(weights)
    ranking = sorted(
        (Guess(name, weight / total) for name, weight in zip(names, weights, strict=False)),
        key=lambda guess: -guess.confidence,
    )
    choices = decide(ranking).choices
    offered = [guess for guess in ranking if guess.intent in choices]

    assert len(choices) <= 3
    if choices:
        assert cost_of_asking(ranking, offered) < cost_of_answering(ranking)


def test_another_side_of_the_same_matter_is_not_worth_a_question() -> None:
    assert decide(guesses(ask_where=0.6, find_procedure=0.38)).choices == ()
    assert decide(guesses(ask_where=0.6, book_appointment=0.38)).choices == (
        "ask_where", "book_appointment",
    )  # fmt: skip


def test_a_procedure_surely_named_is_a_second_witness() -> None:
    ask = in_doubt("khaisinh", ask_fee=0.5, out_of_scope=0.4)

    assert doubt().question(ask) is not None
    assert doubt(khaisinh=[0.9]).question(ask) is None
    assert doubt(khaisinh=[0.5]).question(ask) is not None


def test_a_courtesy_is_not_the_answer_to_a_long_text() -> None:
    ranking = guesses(goodbye=0.4, find_procedure=0.3, ask_where=0.25)

    assert decide(ranking, words=3).choices == ()
    assert decide(ranking, words=10).choices == ("find_procedure", "ask_where")


def test_somebody_who_lost_money_is_not_asked_what_was_meant() -> None:
    said = "tôi lỡ chuyển 20 triệu rồi"

    assert doubt().question(in_doubt(said, out_of_scope=0.9)) is LOST
    assert doubt().question(in_doubt(said, manage_appointment=0.5, delete_my_data=0.4)) is LOST
    assert doubt().question(in_doubt(said, verify_notice=0.99)) is None


def test_a_short_question_is_about_the_procedure_in_talk() -> None:
    ask = in_doubt("cần gì", ask_requirements=0.5, ask_capabilities=0.45)

    assert doubt().question(ask) is not None
    assert doubt().question(replace(ask, context={"procedure": "1.001193"})) is None


def test_the_question_names_the_choices_and_a_way_out() -> None:
    answer = doubt().question(in_doubt(ask_fee=0.5, pay_fee=0.4))

    assert answer is not None
    assert "Có phải anh/chị muốn" in answer.replies[0].text.replace("có phải", "Có phải")
    assert [button.payload for button in answer.replies[0].buttons] == [
        "/ask_fee", "/pay_fee", "/deny",
    ]  # fmt: skip
    assert json.loads(answer.context["choices"] or "") == ["/ask_fee", "/pay_fee"]
    assert "pending" not in answer.context


def test_one_likely_meaning_is_a_yes_or_no_question() -> None:
    answer = doubt().question(in_doubt(ask_fee=0.5, out_of_scope=0.45))

    assert answer is not None
    assert answer.context["pending"] == "/ask_fee"
    assert [button.title for button in answer.replies[0].buttons] == ["Đúng vậy", "Không phải"]


def test_a_pick_keeps_the_dossier_code() -> None:
    code = "000.00.19.H39-260915-0001"
    answer = doubt().question(in_doubt(f"{code} đóng tiền", ask_fee=0.5, pay_fee=0.45))

    assert answer is not None
    assert code in (answer.replies[0].buttons[0].payload or "")


@pytest.mark.parametrize("intent", sorted(set(ANSWERS) - {"nlu_fallback"}))
def test_every_intent_that_can_be_offered_has_words(intent: str) -> None:
    answer = doubt().question(in_doubt(**{intent: 0.5, "lookup_dossier": 0.45}))

    assert answer is None or all(button.title for button in answer.replies[0].buttons)


def test_a_number_that_needs_a_word_is_not_in_doubt() -> None:
    ask = in_doubt("xem hồ sơ số căn cước 079012345678", lookup_dossier=0.6, out_of_scope=0.3)

    assert doubt().question(ask) is None


def test_the_other_request_is_offered_with_the_procedure_answered_about() -> None:
    ask = Ask("ask_requirements", "cần gì, bao nhiêu tiền", NOW, also=("ask_fee",))
    said = Answer((Reply("Dạ, cần tờ khai."),), {"procedure": "1.001193"})
    answer = Besides(WORDING).offer(ask, said)

    assert len(answer.replies) == 2
    assert answer.replies[1].buttons[0].payload == '/ask_fee{"procedure": "1.001193"}'


def test_a_button_already_there_is_not_offered_again() -> None:
    ask = Ask("ask_requirements", "cần gì, bao nhiêu tiền", NOW, also=("ask_fee",))
    button = Button("Phí", payload='/ask_fee{"procedure": "1.001193"}')
    said = Answer((Reply("Dạ, cần tờ khai.", (button,)),), {"procedure": "1.001193"})

    replies = Besides(WORDING).offer(ask, said).replies

    assert [len(reply.buttons) for reply in replies] == [0, 1]


def test_an_answer_that_asks_something_itself_stays_alone() -> None:
    ask = Ask("ask_fee", "phí sang tên, nộp ở đâu", NOW, also=("ask_where",))
    said = Answer((Reply("Thủ tục nào ạ?"),), {"choices": '["/ask_fee"]'})

    assert Besides(WORDING).offer(ask, said) is said


def test_the_desk_asks_instead_of_answering_only_when_in_doubt() -> None:
    asked: list[str] = []

    def answer(ask: Ask) -> Answer:
        asked.append(ask.intent)
        return Answer((Reply("phí"),))

    desk = Desk({"action_ask_fee": answer}, lambda: NOW, doubt().question)
    desk.hear("action_ask_fee", in_doubt(ask_fee=0.5, pay_fee=0.45))
    assert asked == []
    desk.hear("action_ask_fee", in_doubt(ask_fee=0.99))
    desk.hear("action_ask_fee", Ask("ask_fee", "", NOW, (Entity("procedure", "x"),)))
    assert asked == ["ask_fee", "ask_fee"]


def test_a_pick_keeps_the_topic_and_the_place_that_were_named() -> None:
    """Without them "end the news of diseases in my commune" would end all news."""
    ask = in_doubt("thôi nhận tin dịch bệnh ở xã Lương Hòa", subscribe_topic=0.5,
                   unsubscribe_topic=0.45)  # fmt: skip
    named = (Entity("topic", "dịch bệnh"), Entity("area", "xã Lương Hòa"))
    answer = doubt().question(replace(ask, entities=named))

    assert answer is not None
    told = {"topic": "dịch bệnh", "area": "xã Lương Hòa"}
    payloads = json.loads(answer.context["choices"] or "")
    assert [json.loads(payload.partition("_topic")[2]) for payload in payloads] == [told, told]
