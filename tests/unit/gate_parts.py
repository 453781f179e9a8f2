"""A desk with one owned dossier, and everything that stands before it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.core.conversation.conversation import Conversation
from bot.core.desk import Answer, Desk
from bot.core.dossiers.answers import DossierAnswers
from bot.core.dossiers.codes import DossierCode
from bot.core.dossiers.dossier import Dossier
from bot.core.dossiers.gate import Gate
from bot.core.dossiers.guard import Guard, Limits, Mark, Marks, Noted, Past, Who, weigh
from bot.core.dossiers.proof import MOST_BY_CITIZEN, Proofs
from bot.core.dossiers.proof_answers import ProofAnswers
from bot.core.errors import DialogueUnavailable, SourceUnavailable
from bot.core.messages import Inbound, InboundKind, Turn
from bot.core.photos.payload import Payload, PhotoReading
from bot.wiring.desk import read_acts
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
ADDRESS = "https://desk.example"
SLIP = "000.00.19.H39-260915-0001.A.SIGNED"


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

    def tries_left(self, citizen_id: int, key: str, now: datetime) -> int:
        return max(MOST_BY_CITIZEN - self.tries.count((citizen_id, key)), 0)

    def undo_try(self, number: int) -> None:
        del self.tries[number - 1]

    def end_slips(self, key: str) -> int:
        raise NotImplementedError("no talk takes slips back")


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
        self.conversation = Conversation(desk, Silence(), self, read_acts(), WORDING, ADDRESS)

    def look(self, inbound: Inbound) -> PhotoReading:
        return self.photo

    def show(self, *payloads: Payload) -> str:
        self.photo = PhotoReading(payloads, False, 9, 9)
        return self.say("", kind=InboundKind.IMAGE)

    def say(self, text: str, **more: Any) -> str:
        self.turn = self.conversation.turn(a_claim(text, context=self.context, **more), NOW)
        self.context = dict(self.turn.context)
        for effect in self.turn.effects:
            if effect["effect"] == "prove_dossier":
                self.book.kept.add((1, effect["key"]))
        return "\n".join(reply.text for reply in self.turn.replies)

    def titles(self) -> list[str]:
        return [button.title for reply in self.turn.replies for button in reply.buttons]

    def lookup(self, text: str, **more: Any) -> Answer:
        return self.answers.lookup(an_ask(text, "lookup_dossier", **more))


def ask_proof(world: World) -> str:
    return world.say(f'/prove_owner{{"dossier_code": "{CODE}"}}')
