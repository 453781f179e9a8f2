"""The code of a notice, typed, pasted or linked, is looked up without the language model."""

from __future__ import annotations

import pytest

from bot.core.announcements.codes import LENGTH, LETTERS, asks_by_code, codes_in
from bot.core.conversation.conversation import Conversation
from tests.builders import NOW, a_claim
from tests.unit.test_conversation import first, talk


@pytest.fixture
def desk() -> Conversation:
    return talk(dead=True)


@pytest.mark.parametrize(
    "text",
    [
        "K7M3QXA",
        "k7m3qxa",
        "mã tin K7M3QXA có thật không",
        "ma tin k7m3qxa",
        "Mã tin: UYQUYEN",
        "Mưa lớn chiều nay\nNguồn: Đài\nMã tin: K7M3QXA\n\nMuốn ngưng mọi tin, nhắn DỪNG.",
        "cái này phải của tỉnh không https://motcua.example/n/K7M3QXA",
    ],
)
def test_a_code_is_looked_up(desk: Conversation, text: str) -> None:
    assert first(desk.turn(a_claim(text), NOW)) == "action_verify_notice"


@pytest.mark.parametrize(
    "text",
    ["uyquyen", "UYQUYEN", "4379467", "0912345678", "mã tin này thật không", "tin bão", "A7"],
)
def test_what_only_looks_like_one_is_not(desk: Conversation, text: str) -> None:
    assert first(desk.turn(a_claim(text), NOW)) != "action_verify_notice"


def test_a_dossier_code_stays_a_dossier_code(desk: Conversation) -> None:
    for text in ("H53.16-260916-0012", "000.00.19.H39-260915-0001", "hồ sơ 260916-0012"):
        assert not asks_by_code(text)
        assert first(desk.turn(a_claim(text), NOW)) != "action_verify_notice"


def test_danger_comes_first(desk: Conversation) -> None:
    said = first(desk.turn(a_claim("cháy nhà rồi cứu với, mã tin K7M3QXA"), NOW))

    assert said == "action_safety"


def test_a_code_has_one_reading() -> None:
    assert len(LETTERS) == len(set(LETTERS))
    assert not set(LETTERS) & set("BIOSZ01258")
    assert codes_in("K7M3QXA, xk7m3qxa, K7M3QX, K7M3QXAA, /n/acdefgh") == ("K7M3QXA", "ACDEFGH")
    assert LENGTH == 7
