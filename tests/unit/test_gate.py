"""From a code to a dossier: budgets, owners, slips, near misses; strangers learn nothing more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from bot.core.conversation.conversation import Conversation
from bot.core.conversation.memory import PENDING_PROOF
from bot.core.conversation.proving import proof_in
from bot.core.desk import Answer, Desk
from bot.core.dossiers.answers import DossierAnswers
from bot.core.dossiers.codes import DossierCode
from bot.core.dossiers.dossier import Dossier
from bot.core.dossiers.gate import Gate
from bot.core.dossiers.guard import Guard, Limits, Mark, Marks, Noted, Past, Who, weigh
from bot.core.dossiers.nearby import is_near, slips_of
from bot.core.dossiers.proof import MOST_BY_CITIZEN, Proofs
from bot.core.dossiers.proof_answers import ProofAnswers
from bot.core.errors import DialogueUnavailable, SourceUnavailable
from bot.core.messages import Turn
from bot.core.photos.payload import Payload, PayloadKind, PhotoReading
from bot.wiring import read_acts
from tests.builders import (
    NOW,
    WORDING,
    ZONE,
    FakeCatalogue,
    FakeSource,
    a_claim,
    a_dossier,
    a_procedure,
    an_ask,
)

CODE = "000.00.19.H39-260915-0001"
OTHER = "H53.08-261110-0117"
UNIT = "Bộ phận hộ tịch"
SLIP = "000.00.19.H39-260915-0001.a.SIGNED"


class MemoryTries:
    """Counts in memory; one citizen, no address."""

    def __init__(self) -> None:
        self.tried: list[tuple[Mark, int]] = []

    def past(self, who: Who, now: datetime) -> Past:
        return Past(tuple(self.tried))

    def note(self, who: Who, mark: Mark, wrong: bool, limits: Limits, now: datetime) -> Noted:
        if limits.used_up(self.past(who, now)):
            return Noted(refused=True)
        self.tried.append((mark, weigh(mark, wrong, self.tried)))
        return Noted(closed=limits.used_up(self.past(who, now)))


class MemoryProofs:
    """Keeps in memory what the effects of a turn would write."""

    def __init__(self) -> None:
        self.kept: set[tuple[int, str]] = set()
        self.tries: list[tuple[int, str]] = []

    def owns(self, citizen_id: int, key: str, now: datetime) -> bool:
        return (citizen_id, key) in self.kept

    def keys_of(self, citizen_id: int, now: datetime) -> frozenset[str]:
        return frozenset(key for who, key in self.kept if who == citizen_id)

    def begin_try(self, citizen_id: int, key: str, now: datetime) -> int | None:
        if self.tries.count((citizen_id, key)) >= MOST_BY_CITIZEN:
            return None
        self.tries.append((citizen_id, key))
        return len(self.tries)

    def undo_try(self, number: int) -> None:
        del self.tries[number - 1]


class OwnedSource(FakeSource):
    """Knows the end of the owner's phone, or is silent about it."""

    silent = False

    def confirm(self, code: DossierCode, kind: str, value: str) -> bool:
        if self.silent:
            raise SourceUnavailable
        return code == DossierCode(CODE) and (kind, value) in {
            ("phone", "0641"),
            ("secret", "K7P2"),
        }


class Followed:
    """What a citizen follows."""

    def __init__(self, *codes: str) -> None:
        self.codes = codes

    def codes_of(self, citizen_id: int) -> tuple[str, ...]:
        return self.codes


def verify(token: str) -> DossierCode | None:
    return DossierCode(CODE) if token == SLIP else None


class Silence:
    """A dialogue that is dead: nothing here needs it."""

    def respond(self, *_: Any) -> Turn:
        raise DialogueUnavailable("dead")


class World:
    """A desk with one owned dossier and everything that stands before it."""

    def __init__(self, *followed: str, dossiers: Sequence[Dossier] = (), **limits: int) -> None:
        self.source = OwnedSource(a_dossier(note="Thiếu bản sao"), *dossiers)
        self.book, self.tries = MemoryProofs(), MemoryTries()
        marks = Marks("secret")
        proofs = Proofs(self.book, [self.source], marks)
        guard = Guard(self.tries, Limits(**limits), marks)
        gate = Gate([self.source], guard, proofs, Followed(*followed), verify)
        catalogue = FakeCatalogue(a_procedure())
        self.answers = DossierAnswers([self.source], catalogue, WORDING, ZONE, gate=gate)
        self.proofs = ProofAnswers(self.answers, proofs, WORDING)
        self.photo = PhotoReading((), False, 1, 1)
        self.context: dict[str, str] = {}
        desk = Desk(
            {
                "action_lookup_dossier": self.answers.lookup,
                "action_prove_owner": self.proofs.prove,
                "action_no_dialogue": lambda ask: Answer(WORDING.replies("talk/no_dialogue")),
            },
            lambda: NOW,
        )
        self.conversation = Conversation(desk, Silence(), self, read_acts(), WORDING)

    def look(self, inbound: Any) -> PhotoReading:
        return self.photo

    def say(self, text: str) -> str:
        self.turn = self.conversation.turn(a_claim(text, context=self.context), NOW)
        self.context = dict(self.turn.context)
        for effect in self.turn.effects:
            if effect["effect"] == "prove_dossier":
                self.book.kept.add((1, effect["key"]))
        return "\n".join(reply.text for reply in self.turn.replies)

    def titles(self) -> list[str]:
        return [button.title for reply in self.turn.replies for button in reply.buttons]

    def lookup(self, text: str, **more: Any) -> Answer:
        return self.answers.lookup(an_ask(text, "lookup_dossier", **more))


def wrong(number: int) -> str:
    return f"H39.{number + 10}-261102-{number * 131 % 9000 + 1000}"


def ask_proof(world: World) -> str:
    return world.say(f'/prove_owner{{"dossier_code": "{CODE}"}}')


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
    "value", ["k7p2", "mã tra cứu: K7P2", "0900 000 641", "không sáu bốn một"]
)
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
    for value in ("1111", "2222", "3333"):
        assert "chưa xác nhận được" in world.say(value)

    assert "hết số lần" in world.say("0641")
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
    "text", ["2", "cấp hộ chiếu 2024 thì sao", "012345678901", CODE, "/start", "079203001", ""]
)
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
