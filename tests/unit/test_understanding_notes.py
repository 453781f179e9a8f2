"""What a talk notes about its own understanding, and what it does with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from bot.core.conversation.conversation import Conversation
from bot.core.conversation.intents import ANSWERS
from bot.core.desk import Answer, Desk
from bot.core.messages import Reply, Turn
from bot.core.photos.payload import PhotoReading
from bot.wiring.desk import read_acts
from tests.builders import NOW, WORDING, a_claim

DOUBT = {"effect": "review", "reason": "unsure"}


class ScriptedDialogue:
    """Understands each text as it is told; keeps the texts and contexts it got."""

    def __init__(self, **script: Turn) -> None:
        self._script = script
        self.heard: list[str] = []

    def respond(self, citizen_id: int, text: str, context: Mapping[str, str]) -> Turn:
        self.heard.append(text)
        return self._script.get(text.split()[0].strip("?.,"), understood("nlu_fallback", 0.2))


class NoPhotos:
    def look(self, inbound: Any) -> PhotoReading:
        raise AssertionError("no photo is sent here")


def understood(intent: str, sure: float = 0.95, *effects: Any, **context: str) -> Turn:
    return Turn((Reply(f"rasa: {intent}"),), context, effects, intent, sure)


def conversation(dialogue: ScriptedDialogue) -> Conversation:
    def answer(name: str) -> Any:
        return lambda ask: Answer((Reply(f"{name}|{ask.text}"),))

    names = {name for name in ANSWERS.values() if name.startswith("action_")} | {"action_safety"}
    desk = Desk({name: answer(name) for name in names}, lambda: NOW)
    return Conversation(desk, dialogue, NoPhotos(), read_acts(), WORDING)


def in_doubt() -> Turn:
    choices = ["/ask_fee", "/pay_fee"]
    return understood("ask_fee", 0.5, DOUBT, choices=json.dumps(choices), pending="/ask_fee")


def reviews(turn: Turn) -> list[tuple[str, str, str]]:
    kept = [effect for effect in turn.effects if effect["effect"] == "review"]
    return [(item["reason"], item["guessed"], item["picked"]) for item in kept]


def test_a_doubt_is_put_on_the_review_list_masked() -> None:
    talk = conversation(ScriptedDialogue(tiền=in_doubt()))
    turn = talk.turn(a_claim("tiền hồ sơ 000.00.19.H39-260915-0001, gọi 0912345678"), NOW)

    assert reviews(turn) == [("unsure", "ask_fee", "")]
    assert not any(char.isdigit() for char in turn.effects[0]["text"])


def test_the_pick_is_answered_with_the_words_in_doubt_and_remembered() -> None:
    talk = conversation(ScriptedDialogue(tiền=in_doubt()))
    asked = talk.turn(a_claim("tiền khai sinh sao"), NOW)
    turn = talk.turn(a_claim("2", context=asked.context), NOW)

    assert turn.replies[0].text == "action_point_the_way|tiền khai sinh sao"
    assert reviews(turn) == [("picked", "ask_fee", "pay_fee")]


def test_a_typed_yes_picks_too() -> None:
    talk = conversation(ScriptedDialogue(tiền=in_doubt(), đúng=understood("affirm")))
    asked = talk.turn(a_claim("tiền khai sinh sao"), NOW)
    turn = talk.turn(a_claim("đúng rồi em", context=asked.context), NOW)

    assert turn.replies[0].text == "action_ask_fee|tiền khai sinh sao"
    assert reviews(turn) == [("picked", "ask_fee", "ask_fee")]


@pytest.mark.parametrize("no", ["/deny", "không phải đâu"])
def test_a_no_says_the_guess_was_wrong(no: str) -> None:
    talk = conversation(ScriptedDialogue(tiền=in_doubt(), không=understood("deny")))
    asked = talk.turn(a_claim("tiền khai sinh sao"), NOW)

    assert reviews(talk.turn(a_claim(no, context=asked.context), NOW)) == [
        ("corrected", "ask_fee", "")
    ]


def test_words_in_doubt_are_gone_with_the_next_turn() -> None:
    talk = conversation(ScriptedDialogue(tiền=in_doubt(), giờ=understood("ask_office")))
    asked = talk.turn(a_claim("tiền khai sinh sao"), NOW)
    turn = talk.turn(a_claim("giờ làm việc", context=asked.context), NOW)

    assert "said" in asked.context
    assert "said" not in turn.context


def test_a_button_that_was_not_offered_settles_no_doubt() -> None:
    talk = conversation(ScriptedDialogue(tiền=in_doubt()))
    asked = talk.turn(a_claim("tiền khai sinh sao"), NOW)
    turn = talk.turn(a_claim("/ask_office", context=asked.context), NOW)

    assert turn.replies[0].text == "action_ask_office|"
    assert reviews(turn) == []


def test_two_low_turns_in_a_row_offer_a_person() -> None:
    talk = conversation(ScriptedDialogue(giờ=understood("ask_office")))
    first = talk.turn(a_claim("xyz abc"), NOW)
    second = talk.turn(a_claim("abc xyz", context=first.context), NOW)
    between = talk.turn(a_claim("giờ làm việc", context=first.context), NOW)
    after = talk.turn(a_claim("abc xyz", context=between.context), NOW)

    assert len(first.replies) == 1
    assert [button.payload for button in second.replies[-1].buttons][0] == "/request_human"
    assert len(after.replies) == 1
    assert reviews(first) == [("low", "nlu_fallback", "")]


def test_a_correction_is_read_anew_and_noted() -> None:
    dialogue = ScriptedDialogue(đổi=understood("find_procedure"), giờ=understood("ask_office"))
    talk = conversation(dialogue)
    first = talk.turn(a_claim("giờ đổi bằng"), NOW)
    turn = talk.turn(a_claim("Không, ý tôi là đổi bằng lái xe", context=first.context), NOW)

    assert dialogue.heard[-1] == "đổi bằng lái xe"
    assert reviews(turn) == [("corrected", "ask_office", "find_procedure")]


@pytest.mark.parametrize(
    "text", ["còn hộ chiếu thì sao", "thế còn hộ chiếu?", "ý tôi là hộ chiếu"]
)
def test_another_matter_gets_the_same_question(text: str) -> None:
    matter = understood("find_procedure")
    dialogue = ScriptedDialogue(còn=matter, thế=matter, hộ=matter)
    context = {"procedure": "1.001193", "again": '/ask_fee{"procedure": "1.001193"}'}
    turn = conversation(dialogue).turn(a_claim(text, context=context), NOW)

    assert turn.replies[0].text.startswith("action_ask_fee|hộ chiếu")


def test_a_follow_up_with_a_question_of_its_own_keeps_it() -> None:
    dialogue = ScriptedDialogue(còn=understood("ask_duration"))
    context = {"procedure": "1.001193", "again": '/ask_fee{"procedure": "1.001193"}'}
    turn = conversation(dialogue).turn(a_claim("còn thời gian?", context=context), NOW)

    assert turn.replies[0].text == "rasa: ask_duration"


def test_a_talk_that_rested_too_long_starts_anew() -> None:
    dialogue = ScriptedDialogue(phí=understood("ask_fee", 0.95, procedure="1.001193"))
    talk = conversation(dialogue)
    first = talk.turn(a_claim("phí khai sinh"), NOW)
    choices = json.dumps(["/ask_office"])
    context = {**first.context, "choices": choices}
    soon = talk.turn(a_claim("1", context=context), NOW + timedelta(minutes=20))
    late = talk.turn(a_claim("1", context=context), NOW + timedelta(hours=2))

    assert soon.replies[0].text == "action_ask_office|"
    assert "chưa rõ" in late.replies[0].text


@pytest.mark.parametrize("heard", ["x", "{}", '{"text": "a", "new": 1}', "[1]"])
def test_notes_of_another_version_are_no_obstacle(heard: str) -> None:
    dialogue = ScriptedDialogue(giờ=understood("ask_office"))
    turn = conversation(dialogue).turn(a_claim("giờ làm việc", context={"heard": heard}), NOW)

    assert turn.replies[0].text == "rasa: ask_office"
