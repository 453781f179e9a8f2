"""Visitors without a login: answered like anybody, but nothing is promised for later."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.core.conversation.visitors import Visitors
from bot.core.messages import Citizen, Reply, Turn
from tests.builders import NOW, WORDING, a_claim

SUBSCRIBE = {"effect": "subscribe", "topic": "thien-tai", "area": ""}
REVIEW = {"effect": "review", "text": "a"}
HELLO = Turn((Reply("Dạ"),), {"step": "x"}, intent="greet")


def turn_for(channel: str, turn: Turn) -> Turn:
    claimed = replace(a_claim("a"), citizen=Citizen(1, channel, "7/c"))
    return Visitors(lambda *_: turn, WORDING).turn(claimed, NOW)


@pytest.mark.parametrize(
    "turn",
    [
        Turn((Reply("Chủ đề nào ạ?"),), {"step": "topic"}, intent="subscribe_topic"),
        Turn((Reply("Đã đăng ký"),), effects=(SUBSCRIBE, REVIEW), intent="affirm"),
        Turn((Reply("Đã theo dõi"),), effects=({"effect": "follow_dossier", "code": "x"},)),
    ],
)
def test_a_visitor_is_told_that_nothing_can_come_later(turn: Turn) -> None:
    given = turn_for("zalo-visitors", turn)

    assert "đăng nhập Zalo" in given.replies[0].text
    assert [effect for effect in given.effects if effect != REVIEW] == []
    assert given.context == {}


@pytest.mark.parametrize("channel", ["zalo", "web", "zalo-4000000000000000005"])
@pytest.mark.parametrize("effects", [(), (SUBSCRIBE,)])
def test_others_get_what_they_ask_for(channel: str, effects: Any) -> None:
    turn = replace(HELLO, effects=effects, intent="subscribe_topic")

    assert turn_for(channel, turn) == turn


def test_a_visitor_is_answered_like_anybody() -> None:
    assert turn_for("zalo-visitors", HELLO) == HELLO
