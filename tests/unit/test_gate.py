"""From a code to a dossier: budgets, owners, slips, near misses; strangers learn nothing more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.conversation.memory import PENDING_PROOF
from bot.core.conversation.proving import proof_in
from bot.core.dossiers.codes import DossierCode
from bot.core.dossiers.guard import Marks
from bot.core.dossiers.nearby import is_near, slips_of
from bot.core.errors import SourceUnavailable
from bot.core.photos.payload import Payload, PayloadKind, PhotoReading
from tests.builders import a_claim, a_dossier, an_ask
from tests.unit.gate_parts import CODE, OTHER, SLIP, UNIT, World, ask_proof


def wrong(number: int) -> str:
    return f"H39.{number + 10}-261102-{number * 131 % 9000 + 1000}"


def test_a_bare_code_shows_no_owners_lines_and_offers_the_proof() -> None:
    world = World()
    said = world.say(CODE)

    assert UNIT not in said
    assert "Tôi là chủ hồ sơ" in world.titles()
    assert "Báo tôi khi có thay đổi" in world.titles()
    assert len(world.titles()) <= 4


def test_the_last_four_digits_open_the_owners_answer_and_it_stays_open() -> None:
    world = World()
    assert "bốn số cuối" in ask_proof(world)
    said = world.say("dạ 4 số cuối là 0641 ạ")

    assert f"Nơi đang giải quyết: {UNIT}" in said
    assert "Thiếu bản sao" in said
    assert "30 ngày" in said
    assert UNIT in world.say(CODE)
    assert "30 ngày" not in world.say(CODE)
    assert "Tôi là chủ hồ sơ" not in world.titles()


@pytest.mark.parametrize(
    "value",
    [
        "k7p2", "mã tra cứu: K7P2", "0900 000 641", "không sáu bốn một", "K 7 P 2", "k7p2 dạ",
        "mã tra cứu là K 7 P 2", "ma tra cuu k7 p2", "K7 P2",
    ],
)  # fmt: skip
def test_a_secret_of_the_slip_a_whole_number_and_spoken_digits_do_too(value: str) -> None:
    world = World()
    ask_proof(world)

    assert UNIT in world.say(value)


def test_wrong_digits_no_phone_and_no_such_dossier_sound_alike() -> None:
    said = []
    for code in (CODE, OTHER, "H39.77-260101-9999"):
        world = World(dossiers=[a_dossier(code=OTHER)])
        asked = world.say(f'/prove_owner{{"dossier_code": "{code}"}}')
        said.append((asked + world.say("1111")).replace(code, "CODE"))

    assert len(set(said)) == 1


def test_three_attempts_a_day_then_none() -> None:
    world = World()
    ask_proof(world)
    for value, left in (("1111", "còn thử được 2 lần"), ("2222", "1 lần"), ("3333", "hết số lần")):
        said = world.say(value)
        assert "chưa xác nhận được" in said
        assert left in said
    assert "nhắn lại" not in said

    assert "hết số lần" in world.say("0641")
    assert {"effect": "forget_words"} in world.turn.effects
    assert "hết số lần" in ask_proof(world)
    assert UNIT not in world.say(CODE)


def test_the_digits_are_in_nothing_that_is_kept() -> None:
    world = World()
    ask_proof(world)
    for value in ("1111", "0641"):
        world.say(value)

        assert value not in str(world.turn)
        assert {"effect": "forget_words"} in world.turn.effects
        assert value not in str(world.context)


def test_the_question_stays_open_beside_another_one() -> None:
    world = World()
    ask_proof(world)
    world.say("cảm ơn em")

    assert world.context[PENDING_PROOF] == CODE
    assert UNIT in world.say("0641")
    assert PENDING_PROOF not in world.context


@pytest.mark.parametrize("text", ["mã tra cứu là k7", "4 số cuối là 0641 hay 0642"])
def test_an_attempt_that_cannot_be_read_is_forgotten_and_does_not_count(text: str) -> None:
    world = World()
    ask_proof(world)

    assert "chưa đọc được" in world.say(text)
    assert {"effect": "forget_words"} in world.turn.effects
    assert world.book.tries == []
    assert UNIT in world.say("0641")


@pytest.mark.parametrize(
    ("text", "value"), [("ma tra cuu r9 da", "R9DA"), ("mã tra cứu là abcd", "ABCD")]
)
def test_a_secret_in_parts_or_of_letters_only_is_one(text: str, value: str) -> None:
    assert proof_in(text) == value


def test_nobody_types_a_proof_as_a_payload() -> None:
    world = World()

    assert UNIT not in world.say(f'/prove_owner{{"dossier_code": "{CODE}", "proof": "0641"}}')


def test_a_silent_source_costs_no_attempt() -> None:
    world = World()
    ask_proof(world)
    world.source.silent = True

    assert "không trả lời" in world.say("0641")
    assert world.book.tries == []


def test_attempts_are_counted_like_wrong_codes() -> None:
    world = World(citizen=2, dossiers=[a_dossier(code=OTHER)])
    for code in (OTHER, "H39.77-260101-9999"):
        world.say(f'/prove_owner{{"dossier_code": "{code}"}}')
        world.say("1111")

    assert "tạm ngưng tra theo mã" in ask_proof(world)


@pytest.mark.parametrize(
    "text",
    [
        "2", "cấp hộ chiếu 2024 thì sao", "012345678901", CODE, "/start", "079203001", "", "STOP",
        "mã tra cứu là gì", "mã tra cứu ở đâu", "mã tra cứu là nhiêu", "quên mã tra cứu rồi",
        "bốn số cuối là số nào", "H53.08-261310-0118",
    ],
)  # fmt: skip
def test_what_is_no_proof_is_not_taken_for_one(text: str) -> None:
    assert proof_in(text) is None


def test_a_signed_slip_proves_at_once_and_is_not_repeated() -> None:
    world = World()
    said = world.say(f'/lookup_dossier{{"dossier_code": "{CODE}", "slip": "{SLIP}"}}')

    assert UNIT in said
    assert SLIP not in str(world.context)
    assert UNIT in world.say(CODE)


@pytest.mark.parametrize("token", ["000.00.19.H39-260915-0001.a.FORGED", "x", ""])
def test_a_forged_slip_is_a_bare_code(token: str) -> None:
    world = World()
    said = world.say(f'/lookup_dossier{{"dossier_code": "{CODE}", "slip": "{token}"}}')

    assert CODE in said
    assert UNIT not in said
    assert ("không có xác nhận còn hiệu lực" in said) == bool(token)
    assert world.turn.effects == ()


def test_a_slip_of_one_dossier_opens_no_other() -> None:
    world = World(dossiers=[a_dossier(code=OTHER, handling_unit="Phòng khác")])
    said = world.say(f'/lookup_dossier{{"dossier_code": "{OTHER}", "slip": "{SLIP}"}}')

    assert "Phòng khác" not in said


def test_the_photo_of_a_slip_proves_too() -> None:
    world = World()
    slip = Payload(PayloadKind.DOSSIER, (DossierCode(CODE),), slip=SLIP)
    world.photo = PhotoReading((slip,), False, 9, 9)
    claim = a_claim("")
    seen = world.conversation._seen(world.photo, an_ask("", citizen_id=claim.citizen.id))

    assert UNIT in "\n".join(reply.text for reply in seen.replies)


def test_closed_look_ups_sound_the_same_whether_the_code_exists_or_not() -> None:
    world = World(citizen=3, dossiers=[a_dossier(code=OTHER)])
    for number in range(3):
        assert "chưa tìm thấy" in world.say(wrong(number))

    closed = {world.say(text) for text in (OTHER, wrong(8), "H39.77-260101-9999")}
    assert len(closed) == 1
    assert "tạm ngưng tra theo mã" in closed.pop()


def test_ones_own_dossiers_are_answered_all_the_same() -> None:
    world = World(OTHER, citizen=1, dossiers=[a_dossier(code=OTHER)])
    world.say(wrong(1))
    assert "tạm ngưng" in world.say(CODE)

    assert OTHER in world.say(OTHER)
    assert UNIT in world.say(f'/lookup_dossier{{"dossier_code": "{CODE}", "slip": "{SLIP}"}}')
    assert CODE in world.say(CODE)


def test_a_silent_source_uses_nobodys_budget() -> None:
    world = World(citizen=1)
    world.source._error = SourceUnavailable()
    for number in range(5):
        world.say(wrong(number))

    assert world.tries.tried == []


@pytest.mark.parametrize(
    "typed",
    [
        "H53.08-261110-0171",  # neighbours swapped
        "H53.08-261110-0118",
        "H53.08-261110-01177",
        "H53.08-261110-00117",
        "G53.08-261110-0117",
        "H53.08-261101-0117",
    ],
)
def test_a_slip_of_the_finger_near_an_own_dossier_is_asked_about(typed: str) -> None:
    world = World(OTHER, dossiers=[a_dossier(code=OTHER)])
    said = world.say(typed)

    assert f"Có phải anh/chị muốn hỏi hồ sơ {OTHER}" in said
    assert world.tries.tried == []
    assert "đang được giải quyết" in world.say("dung")


@pytest.mark.parametrize("typed", ["hs H53.08-261110-117", "H53.08-261110.117 xong chưa"])
def test_a_code_too_damaged_to_be_one_is_asked_about_too(typed: str) -> None:
    world = World(OTHER, dossiers=[a_dossier(code=OTHER)])
    (reply,) = world.lookup(typed).replies

    assert f"hỏi hồ sơ {OTHER}" in reply.text


def test_near_a_proved_dossier_it_is_offered_in_its_own_spelling() -> None:
    world = World()
    ask_proof(world)
    world.say("0641")

    assert f"hỏi hồ sơ {CODE}" in world.say(CODE.replace("0001", "0007"))


def test_strangers_dossiers_and_two_that_fit_are_never_guessed() -> None:
    stranger = World(dossiers=[a_dossier(code=OTHER)])
    assert "chưa tìm thấy" in stranger.say(OTHER[:-1] + "8")

    twins = [OTHER, OTHER[:-1] + "6"]
    two = World(*twins, dossiers=[a_dossier(code=code) for code in twins])
    assert "chưa tìm thấy" in two.say(OTHER[:-1] + "8")


def test_every_slip_is_near_and_nothing_else() -> None:
    key = DossierCode(OTHER).key
    slips = set(slips_of(key)) - {key}

    assert all(is_near(slip, key) and is_near(key, slip) for slip in slips)
    assert not any(is_near(slip[:-2] + "xx", key) for slip in slips)


def test_the_budget_never_reads_a_code() -> None:
    mark = Marks("secret").of(DossierCode(CODE))

    assert "2609150001" not in str(replace(mark, number=0))
    assert mark != Marks("other").of(DossierCode(CODE))
