"""The running talk: buttons, choices, STOP, danger, photos, and the desk without its language."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from bot.core.conversation.conversation import Conversation
from bot.core.conversation.intents import ANSWERS
from bot.core.conversation.payloads import ERASE, parse_payload
from bot.core.desk import Answer, Ask, Desk
from bot.core.dossiers.codes import DossierCode
from bot.core.errors import DialogueUnavailable, PhotoTooLarge
from bot.core.messages import Inbound, InboundKind, Reply, Turn
from bot.core.photos.payload import Payload, PayloadKind, PhotoReading
from bot.wiring.desk import read_acts
from tests.builders import NOW, WORDING, a_claim

CODE = "000.00.19.H39-260915-0001"


class EchoDialogue:
    """Says what it was asked; or is dead."""

    def __init__(self, dead: bool = False) -> None:
        self.dead = dead

    def respond(self, citizen_id: int, text: str, context: Mapping[str, str]) -> Turn:
        if self.dead:
            raise DialogueUnavailable("dead")
        return Turn((Reply(f"rasa: {text}"),), context, intent="ask_fee", confidence=0.9)


class FakePhotos:
    """Sees what it is told."""

    def __init__(self, seen: PhotoReading | Exception) -> None:
        self._seen = seen

    def look(self, inbound: Inbound) -> PhotoReading:
        if isinstance(self._seen, Exception):
            raise self._seen
        return self._seen


def spoken(name: str) -> object:
    def answer(ask: Ask) -> Answer:
        named = ",".join(f"{entity.name}={entity.value}" for entity in ask.entities)
        return Answer((Reply(f"{name} {named}".strip()),))

    return answer


def talk(dead: bool = False, seen: PhotoReading | Exception | None = None) -> Conversation:
    names = {name for name in ANSWERS.values() if name.startswith("action_")}
    names |= {
        "action_stop", "action_safety", "action_sticker", "action_welcome", "action_other_kind",
        "action_no_dialogue", "action_nearest_office",
    }  # fmt: skip
    desk = Desk({name: spoken(name) for name in names}, lambda: NOW)  # type: ignore[misc]
    photos = FakePhotos(seen or PhotoReading((), False, 100, 100))
    return Conversation(desk, EchoDialogue(dead), photos, read_acts(), WORDING)


def first(turn: Turn) -> str:
    return turn.replies[0].text


def test_free_text_goes_to_the_dialogue_and_its_intent_is_noted() -> None:
    turn = talk().turn(a_claim("khai sinh hết bao nhiêu"), NOW)

    assert first(turn) == "rasa: khai sinh hết bao nhiêu"
    assert turn.replies[0].meta == {"intent": "ask_fee", "confidence": 0.9}


def test_a_typed_slash_never_reaches_the_dialogue_as_an_intent() -> None:
    assert first(talk().turn(a_claim("/restart now"), NOW)) == "rasa: restart now"


def test_a_button_is_answered_by_the_desk_itself() -> None:
    turn = talk().turn(a_claim('/ask_fee{"procedure": "1.001193"}'), NOW)

    assert first(turn) == "action_ask_fee procedure=1.001193"
    assert turn.context["again"] == '/ask_fee{"procedure": "1.001193"}'


@pytest.mark.parametrize(
    "typed", ["/unknown_thing", "/ask_fee{", '/ask_fee{"x": "1"}', '/ask_fee{"procedure": 1}']
)
def test_what_is_no_payload_is_just_text(typed: str) -> None:
    assert parse_payload(typed) is None


@pytest.mark.parametrize("typed", ["2", "số 2", "cái thứ hai", "chọn cái thứ 2 nha", "cau 2"])
def test_a_number_picks_from_the_shown_list(typed: str) -> None:
    choices = json.dumps(["/ask_office", '/ask_fee{"procedure": "2"}'])

    assert first(talk().turn(a_claim(typed, context={"choices": choices}), NOW)).startswith(
        "action_ask_fee procedure=2"
    )


def test_a_number_without_a_list_is_not_guessed_at() -> None:
    assert "chưa rõ anh/chị chọn mục nào" in first(talk().turn(a_claim("2"), NOW))


def test_a_number_beyond_the_list_leaves_the_choice_open() -> None:
    choices = json.dumps(['/ask_fee{"procedure": "1.001193"}'])
    turn = talk().turn(a_claim("7", context={"choices": choices}), NOW)

    assert "từ 1 đến 1" in first(turn)
    assert turn.context["choices"] == choices


def test_go_on_with_nothing_left_says_so() -> None:
    assert "không còn mục nào" in first(talk().turn(a_claim("xem tiếp"), NOW))


def test_a_bare_personal_number_is_never_classified() -> None:
    assert first(talk().turn(a_claim("079203001234"), NOW)).startswith("action_lookup_dossier")


def test_go_on_shows_the_next_page() -> None:
    context = {"more": '/list_services{"field": "land", "offset": "5"}'}

    assert "offset=5" in first(talk().turn(a_claim("xem tiếp", context=context), NOW))


def test_say_it_again_repeats_the_last_answer() -> None:
    context = {"again": '/ask_fee{"procedure": "1.001193"}'}

    assert "action_ask_fee" in first(talk().turn(a_claim("là sao?", context=context), NOW))


@pytest.mark.parametrize("typed", ["STOP", "dừng", "Dừng lại!", "DUNG", "stop."])
def test_stop_needs_no_language_model(typed: str) -> None:
    assert first(talk(dead=True).turn(a_claim(typed), NOW)) == "action_stop"


@pytest.mark.parametrize(
    "typed", ["cứu với nhà cháy", "tôi không muốn sống nữa", "ba em bị đột quỵ"]
)
def test_danger_comes_first_whatever_else_is_said(typed: str) -> None:
    assert first(talk().turn(a_claim(typed), NOW)) == "action_safety"


def test_a_fire_safety_paper_is_no_danger() -> None:
    assert first(talk().turn(a_claim("thủ tục phòng cháy chữa cháy cho quán"), NOW)).startswith(
        "rasa"
    )


def test_without_the_dialogue_codes_people_and_menu_still_work() -> None:
    dead = talk(dead=True)

    assert first(dead.turn(a_claim(f"hs {CODE} sao rồi"), NOW)).startswith("action_lookup_dossier")
    assert first(dead.turn(a_claim("cho gặp cán bộ"), NOW)).startswith("action_request_human")
    assert first(dead.turn(a_claim("menu"), NOW)).startswith("action_ask_capabilities")
    assert first(dead.turn(a_claim("khai sinh cần gì"), NOW)).startswith("action_no_dialogue")
    assert first(dead.turn(a_claim("/ask_office"), NOW)).startswith("action_ask_office")


def test_a_photographed_code_is_answered_like_a_typed_one() -> None:
    seen = PhotoReading((Payload(PayloadKind.DOSSIER, (DossierCode(CODE),)),), False, 9, 9)
    turn = talk(dead=True, seen=seen).turn(a_claim(kind=InboundKind.IMAGE, picture=b"x"), NOW)

    assert first(turn) == f"action_lookup_dossier dossier_code={CODE}"


def test_two_codes_in_one_photo_are_asked_about_never_guessed() -> None:
    codes = (DossierCode(CODE), DossierCode("H53.08-261110-0117"))
    seen = PhotoReading((Payload(PayloadKind.DOSSIER, codes),), False, 9, 9)
    turn = talk(seen=seen).turn(a_claim(kind=InboundKind.IMAGE, picture=b"x"), NOW)

    assert "2 mã hồ sơ" in first(turn)
    assert len(json.loads(turn.context["choices"])) == 2


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (PayloadKind.IDENTITY_CARD, "không lưu thông tin căn cước"),
        (PayloadKind.HEALTH_CARD, "thẻ bảo hiểm y tế"),
        (PayloadKind.PAYMENT, "mã thanh toán"),
        (PayloadKind.LINK, "không mở trang này"),
        (PayloadKind.OTHER, "không phải mã hồ sơ"),
    ],
)
def test_every_other_code_is_told_apart(kind: PayloadKind, words: str) -> None:
    seen = PhotoReading((Payload(kind, host="example.vn"),), False, 9, 9)

    assert words in first(talk(seen=seen).turn(a_claim(kind=InboundKind.IMAGE), NOW))


def test_a_blurred_photo_is_coached_and_a_huge_one_refused() -> None:
    blurred = PhotoReading((), True, 9, 9)

    assert "Chụp gần hơn" in first(talk(seen=blurred).turn(a_claim(kind=InboundKind.IMAGE), NOW))
    assert "quá lớn" in first(
        talk(seen=PhotoTooLarge()).turn(a_claim(kind=InboundKind.IMAGE), NOW)
    )


def test_leaving_the_account_ends_every_push_and_says_nothing() -> None:
    turn = talk().turn(a_claim(kind=InboundKind.UNFOLLOW), NOW)

    assert turn.replies == ()
    assert turn.effects == ({"effect": "stop"},)


@pytest.mark.parametrize("typed", ["😀😀", "...", "\u200f\u200f", "   "])
def test_a_text_without_letters_gets_a_friendly_question(typed: str) -> None:
    assert first(talk().turn(a_claim(typed), NOW)) == "action_sticker"


@pytest.mark.parametrize(
    ("said", "place"), [("cái cuối", 1), ("cái thứ hai sao rồi", 1), ("còn 1", 0)]
)
def test_choices_in_other_words(said: str, place: int) -> None:
    payloads = ['/ask_fee{"procedure": "1.001193"}', '/ask_where{"procedure": "1.001193"}']
    names = ["action_ask_fee", "action_ask_where"]
    turn = talk().turn(a_claim(said, context={"choices": json.dumps(payloads)}), NOW)

    assert first(turn).startswith(names[place])


def test_what_without_anything_said_before_shows_the_menu() -> None:
    assert first(talk().turn(a_claim("là sao"), NOW)).startswith("action_ask_capabilities")


@pytest.mark.parametrize("text", ["ừ xóa đi", "đồng ý", "dạ đúng rồi", "ok"])
def test_only_a_sure_yes_erases(text: str) -> None:
    turn = talk().turn(a_claim(text, context={"pending": ERASE}), NOW)

    assert first(turn) == "action_delete_my_data confirmed=yes"


@pytest.mark.parametrize(
    "text",
    [
        "đừng",
        "dung",
        "dừng",
        "đừng xóa",
        "không xóa",
        "khoan hãy xóa",
        "xóa có lấy lại được không",
    ],
)
def test_what_may_be_a_no_never_erases(text: str) -> None:
    turn = talk().turn(a_claim(text, context={"pending": ERASE}), NOW)

    assert "confirmed=yes" not in first(turn)


@pytest.mark.parametrize("text", ["đừng", "đừng xóa", "khoan hãy xóa", "ko xóa", "thôi khỏi"])
def test_a_plain_no_leaves_everything_as_it_is(text: str) -> None:
    assert first(talk().turn(a_claim(text, context={"pending": ERASE}), NOW)) == "action_deny"
