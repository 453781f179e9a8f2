"""On a platform without buttons a number, or a title, is the button press it stands for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.core.conversation.memory import AT
from bot.core.conversation.numbered import OFFERED, Numbered
from bot.core.messages import Button, Claimed, InboundKind, Reply, Turn
from bot.wiring.desk import read_acts, read_stars
from tests.builders import NOW, WORDING, a_claim

CARD = Button("Cần giấy tờ gì", '/ask_requirements{"procedure": "1.001193"}')
WHERE = Button("Nộp ở đâu", '/ask_where{"procedure": "1.001193"}')
PORTAL = Button("Nộp trên Cổng", url="https://dichvucong.gov.vn")
CALL = Button("Gọi tổng đài 0272 000 1022", phone="02720001022")
HEADER = "Anh/chị nhắn số để chọn:"
ACTS = read_acts()


class Talk:
    """Answers with a fixed turn and notes what it heard."""

    def __init__(self, *replies: Reply, context: Mapping[str, str] | None = None) -> None:
        self.turn_to_give = Turn(replies, context or {})
        self.heard: list[str] = []

    def answer(self, claimed: Claimed, now: datetime) -> Turn:
        self.heard.append(claimed.inbound.text)
        return self.turn_to_give


def said(text: str, context: Mapping[str, str] | None = None, channel: str = "plain") -> Claimed:
    claimed = a_claim(text, context=context or {})
    return replace(claimed, inbound=replace(claimed.inbound, channel=channel))


def numbered(talk: Talk) -> Numbered:
    return Numbered(talk.answer, {"plain"}, ACTS, WORDING)


def shown(*replies: Reply, context: Mapping[str, str] | None = None) -> Turn:
    return numbered(Talk(*replies, context=context)).turn(said("phí?"), NOW)


def heard_after(turn: Turn, text: str) -> str:
    talk = Talk()
    numbered(talk).turn(said(text, turn.context), NOW)
    return talk.heard[0]


def test_buttons_become_numbered_lines_after_the_links() -> None:
    turn = shown(Reply("Dạ, miễn phí.", (PORTAL, CARD, CALL, WHERE)))

    assert turn.replies == (
        Reply(
            "Dạ, miễn phí.\n\nNộp trên Cổng: https://dichvucong.gov.vn\n"
            f"Gọi tổng đài 0272 000 1022\n\n{HEADER}\n1. Cần giấy tờ gì\n2. Nộp ở đâu"
        ),
    )


@pytest.mark.parametrize("text", ["2", "số 2", "cái thứ hai", "2 nha", "nộp ở đâu", "NOP O DAU"])
def test_a_number_or_title_presses_the_button(text: str) -> None:
    turn = shown(Reply("Dạ.", (CARD, WHERE)))

    assert heard_after(turn, text) == WHERE.payload


@pytest.mark.parametrize("text", ["3", "0", "phí bao nhiêu", "2 triệu", "", "dừng"])
def test_anything_else_is_heard_as_written(text: str) -> None:
    turn = shown(Reply("Dạ.", (CARD, WHERE)))

    assert heard_after(turn, text) == text


def test_numbers_go_on_after_a_list_the_text_numbers_itself() -> None:
    choices = json.dumps([CARD.payload, WHERE.payload])
    more = Button("Thủ tục khác", "/list_services")
    listed = Reply("Chọn ạ:\n1. Giấy tờ\n2. Nơi nộp", (replace(CARD, title="Giấy tờ"), more))

    turn = shown(listed, context={"choices": choices})

    assert turn.replies[0].text.endswith(f"2. Nơi nộp\n\n{HEADER}\n3. Thủ tục khác")
    assert heard_after(turn, "3") == "/list_services"
    assert heard_after(turn, "2") == "2"  # the talk itself knows its choices


def test_the_last_one_is_the_last_of_the_list() -> None:
    choices = json.dumps([CARD.payload, WHERE.payload])
    listed = Reply("1. Giấy tờ\n2. Nơi nộp", (Button("Thủ tục khác", "/list_services"),))

    turn = shown(listed, context={"choices": choices})

    assert heard_after(turn, "cái cuối") == "cái cuối"


def test_choices_that_stand_nowhere_take_no_number() -> None:
    turn = shown(Reply("Hai hồ sơ.", (WHERE,)), context={"choices": json.dumps(["/a", "/b"])})

    assert turn.replies[0].text.endswith("1. Nộp ở đâu")
    assert heard_after(turn, "1") == WHERE.payload


def test_numbers_run_through_all_bubbles_and_one_button_has_one_number() -> None:
    turn = shown(Reply("Một.", (CARD,)), Reply("Hai.", (WHERE, CARD)))

    assert [reply.text for reply in turn.replies] == [
        f"Một.\n\n{HEADER}\n1. Cần giấy tờ gì",
        f"Hai.\n\n{HEADER}\n2. Nộp ở đâu\n1. Cần giấy tờ gì",
    ]


def test_an_answer_without_buttons_is_untouched() -> None:
    turn = Turn((Reply("Dạ."),), {"procedure": "1.001193"})

    assert shown(*turn.replies, context=turn.context) == turn


def test_after_a_long_pause_a_number_means_nothing() -> None:
    turn = shown(Reply("Dạ.", (CARD, WHERE)))
    rested = {**turn.context, AT: str(int((NOW - timedelta(hours=2)).timestamp()))}

    assert OFFERED in rested
    assert heard_after(replace(turn, context=rested), "2") == "2"


def test_channels_with_buttons_know_titles_but_no_numbers() -> None:
    talk = Talk(Reply("Dạ.", (CARD, PORTAL)))
    turn = numbered(talk).turn(said("phí?", channel="web"), NOW)

    assert turn.replies == talk.turn_to_give.replies
    for text in ("cần giấy tờ gì?", "Can giay to gi", "1", "Nộp trên Cổng"):
        numbered(talk).turn(said(text, turn.context, channel="web"), NOW)
    assert talk.heard[1:] == [CARD.payload, CARD.payload, "1", "Nộp trên Cổng"]


RATING = '/rate_dossier{"dossier_code": "H39.21-261102-0042", "stars": "%s"}'
MUTE = Button("Tắt tin hồ sơ này", '/mute_dossier{"dossier_code": "H39.21-261102-0042"}')
SURVEY = tuple(Button(f"{n} sao: Dạ", RATING % n) for n in range(5, 0, -1))


@pytest.mark.parametrize("channel", ["web", "plain"])
@pytest.mark.parametrize(
    ("text", "pressed"),
    [
        ("tắt tin hồ sơ này", MUTE.payload),
        ("4 sao: dạ", RATING % 4),
        ("rất hài lòng", RATING % 5),
        ("3", RATING % 3),
        ("bỏ qua", RATING % "skip"),
        ("nộp ở đâu", WHERE.payload),  # of the answer before
        ("hồ sơ sao rồi", "hồ sơ sao rồi"),
    ],
)
def test_a_notice_has_buttons_too(channel: str, text: str, pressed: str) -> None:
    talk = Talk()
    pushed = (*SURVEY, MUTE, CALL)
    desk = Numbered(
        talk.answer, {"plain"}, ACTS, WORDING, lambda citizen_id: pushed, read_stars().pick
    )
    context = {OFFERED: json.dumps([[WHERE.payload, WHERE.title]])}

    desk.turn(said(text, context, channel=channel), NOW)

    assert talk.heard == [pressed]


def test_a_photo_is_no_pick() -> None:
    turn = shown(Reply("Dạ.", (CARD,)))
    claimed = said("1", turn.context)
    photo = replace(claimed, inbound=replace(claimed.inbound, kind=InboundKind.IMAGE))
    talk = Talk()

    numbered(talk).turn(photo, NOW)

    assert talk.heard == ["1"]
