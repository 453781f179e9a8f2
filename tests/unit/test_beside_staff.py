"""While a person talks to a citizen the desk says nothing, but for danger, STOP and a call."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.core.conversation.beside_staff import BesideStaff
from bot.core.messages import Claimed, InboundKind, Reply, Turn
from bot.wiring.desk import read_acts
from tests.builders import NOW, WORDING, a_claim

ANSWERED = Turn((Reply("the desk"),))
IN_TEN = NOW + timedelta(minutes=10)


def turn(text: str = "", kind: InboundKind = InboundKind.TEXT, until: datetime | None = IN_TEN):
    def answer(claimed: Claimed, now: datetime) -> Turn:
        return ANSWERED

    claimed = replace(a_claim(text, kind, context={"topic": "flood"}), staff_until=until)
    return BesideStaff(answer, read_acts(), WORDING).turn(claimed, NOW)


@pytest.mark.parametrize("until", [None, NOW, NOW - timedelta(minutes=1)])
def test_without_a_person_the_desk_answers(until: datetime | None) -> None:
    assert turn("chào em", until=until) == ANSWERED


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("dạ em gửi chị rồi ạ", InboundKind.TEXT),
        ("000.00.19.H39-260915-0001", InboundKind.TEXT),
        ('/lookup_dossier{"dossier_code": "?"}', InboundKind.TEXT),
        ("dung", InboundKind.TEXT),
        ("", InboundKind.IMAGE),
        ("", InboundKind.STICKER),
        ("", InboundKind.LOCATION),
        ("", InboundKind.FOLLOW),
        ("", InboundKind.OTHER),
    ],
)
def test_what_is_said_to_a_person_is_settled_without_a_word(text: str, kind: InboundKind) -> None:
    assert turn(text, kind) == Turn((), {"topic": "flood"})


def test_danger_is_answered_all_the_same() -> None:
    assert turn("nhà tôi đang cháy cứu với") == ANSWERED


@pytest.mark.parametrize("text", ["STOP", "dừng", "không nhận tin nữa"])
def test_stop_is_obeyed_in_silence(text: str) -> None:
    assert turn(text) == Turn((), {"topic": "flood"}, ({"effect": "stop"},))


@pytest.mark.parametrize("text", ["/gặp bot", "Bot ơi!", "bot oi", "menu", "GAP BOT"])
def test_the_citizen_can_call_the_desk_back(text: str) -> None:
    called = turn(text)

    assert called.effects == ({"effect": "bot_back"},)
    assert "trợ lý tự động" in called.replies[0].text


@pytest.mark.parametrize("kind", [InboundKind.UNFOLLOW, InboundKind.WITHDRAW])
def test_leaving_works_as_ever(kind: InboundKind) -> None:
    assert turn(kind=kind) == ANSWERED
