"""Codes that are none: told as such, and never answered with another dossier."""

from __future__ import annotations

import pytest

from bot.core.dossiers.broken import BrokenCode, Fault, broken_codes
from bot.core.dossiers.codes import DossierCode
from tests.builders import NOW, a_claim, a_dossier, an_ask
from tests.unit.gate_parts import CODE, OTHER, World

WRONG_DAY = "H53.99-991399-0001"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (WRONG_DAY, Fault.DAY),
        ("tra giúp tôi H53.08-261310-0118", Fault.DAY),
        ("mã G01.899.909-261345-1234", Fault.DAY),
        ("000.00.19.h39 261345 0001", Fault.DAY),
        ("G09.20-20261345-0092637", Fault.DAY),
        ("H39.21-261102-042", Fault.SHORT),
        ("H39.21-261102", Fault.SHORT),
        ("H39.21-261102-004212345", Fault.LONG),
        ("hs H39.21-2611-0042 sao rồi", Fault.SHAPE),
        ("000.00.19.39-260915-0001", Fault.LETTER),
        ("K53.08-261110-0117", Fault.LETTER),
        ("hát ba chín gạch hai sáu mười ba không hai gạch không không bốn hai", Fault.DAY),
    ],
)
def test_what_was_meant_as_a_code_is_seen_and_is_no_code(text: str, fault: Fault) -> None:
    assert DossierCode.find_all(text) == ()
    assert [broken.fault for broken in broken_codes(text)] == [fault]


@pytest.mark.parametrize(
    "text",
    [
        CODE,
        f"{CODE} và {OTHER}",
        "2.000815.000.00.00.H55.02",
        "1.012753.H19",
        "000.00.00.G09-KQ002269",
        "H39-AB12",
        "210915-0001",
        "gặp anh H 0912345678",
        "số hộ 079203001234",
        "nhà H12 xây năm 2020",
        "cúm H5N1",
        "20/11/2026",
        "hồ sơ của tôi tới đâu rồi",
    ],
)
def test_other_numbers_and_right_codes_are_no_broken_code(text: str) -> None:
    assert broken_codes(text) == ()


def test_what_may_be_a_persons_number_is_not_repeated() -> None:
    assert broken_codes("H39-079203001234") == (BrokenCode(Fault.SHAPE),)


@pytest.mark.parametrize(
    "text",
    [
        WRONG_DAY,
        "tra giúp tôi H53.08-261310-0118",
        "mã G01.899.909-261345-1234",
        "hs H39.21-261102-042",
        "000.00.19.39-260915-0001",
    ],
)
def test_the_talks_dossier_never_answers_for_a_broken_code(text: str) -> None:
    world = World()
    answer = world.lookup(text, context={"dossier_code": CODE})
    (reply,) = answer.replies

    assert "chưa đúng dạng" in reply.text
    assert CODE not in reply.text
    assert "đang được giải quyết" not in reply.text
    assert [button.title for button in reply.buttons][1] == f"Xem lại hồ sơ {CODE}"


@pytest.mark.parametrize("intent", ["ask_overdue", "ask_fee", "follow_dossier"])
def test_no_other_question_takes_the_talks_dossier_either(intent: str) -> None:
    ask = an_ask(f"hs {WRONG_DAY} trễ rồi", intent, context={"dossier_code": CODE})

    assert World().answers.codes_in(ask) == ()


def test_little_more_than_a_broken_code_needs_no_dialogue() -> None:
    world = World()
    world.say(CODE)

    said = world.say(WRONG_DAY)
    assert f"mã {WRONG_DAY} chưa đúng dạng: ngày trong mã không có thật" in said
    assert CODE not in said


def test_a_broken_code_beside_a_right_one_is_told_too() -> None:
    said = World().say(f"{CODE} và {WRONG_DAY}")

    assert "đang được giải quyết" in said
    assert f"mã {WRONG_DAY} chưa đúng dạng" in said


def test_near_an_own_dossier_it_is_still_asked_about() -> None:
    world = World(OTHER, dossiers=[a_dossier(code=OTHER)])
    turn = world.conversation.turn(
        a_claim("H53.08-261110-117", context={"dossier_code": CODE}), NOW
    )

    assert f"hỏi hồ sơ {OTHER}" in turn.replies[0].text
