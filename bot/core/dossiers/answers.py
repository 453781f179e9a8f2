"""What the desk says about a dossier: little to whoever has its code, more to its owner."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Any

from bot.core.conversation.payloads import write_payload
from bot.core.desk import Answer, Ask, Wording
from bot.core.dossiers.broken import BrokenCode, broken_codes
from bot.core.dossiers.codes import DossierCode
from bot.core.dossiers.days import WEEKENDS_ONLY, WorkCalendar
from bot.core.dossiers.dictation import as_digits
from bot.core.dossiers.dossier import Dossier, DossierSource
from bot.core.dossiers.facts import facts
from bot.core.dossiers.gate import Gate
from bot.core.dossiers.guard import LookupsClosed
from bot.core.dossiers.receipts import ReceiptNumbers
from bot.core.dossiers.recognise import recognise
from bot.core.dossiers.statuses import status_of
from bot.core.errors import DossierNotFound, SourceUnavailable
from bot.core.messages import Reply
from bot.core.services.catalogue import Catalogue
from bot.core.vietnamese import fold

_MOST_CODES = 3  # answered at once


class DossierAnswers:
    """Answers ``lookup_dossier``: what the law lets a bare code show, and the owner's rest."""

    def __init__(
        self,
        sources: Sequence[DossierSource],
        catalogue: Catalogue,
        wording: Wording,
        zone: tzinfo,
        holidays: WorkCalendar = WEEKENDS_ONLY,
        gate: Gate | None = None,
        receipts: ReceiptNumbers | None = None,
    ) -> None:
        self.gate = gate or Gate(sources)
        self._catalogue = catalogue
        self._wording = wording
        self._zone = zone
        self._holidays = holidays
        self._receipts = receipts or ReceiptNumbers()

    def lookup(self, ask: Ask) -> Answer:
        """Answer with the state of the dossiers asked for, or ask for a code."""
        codes = self.codes_in(ask)
        if not codes:
            return self._without_code(ask)
        told = [self._about(code, ask) for code in codes[:_MOST_CODES]]
        changes: dict[str, str | None] = {"dossier_code": codes[0].value, **told[0].context}
        if len(codes) > 1:
            payloads = [write_payload("lookup_dossier", dossier_code=c.value) for c in codes]
            changes["choices"] = json.dumps(payloads)
        if ask.first("slip"):  # what repeats the answer need not carry the signature
            changes["again"] = write_payload("lookup_dossier", dossier_code=codes[0].value)
        effects = tuple(effect for answer in told for effect in answer.effects)
        return Answer((*_each_once(told), *self._beside(ask)), changes, effects)

    def _beside(self, ask: Ask) -> tuple[Reply, ...]:
        """Return what is to be said beside the answer: of a bad signature, of a bad code."""
        said: tuple[Reply, ...] = ()
        if self.gate.is_forged(ask):
            said += self._wording.replies("dossiers/forged")
        for broken in self._broken(ask)[:1]:
            said += self._say_broken(broken, ask).replies
        return said

    def brief(self, ask: Ask) -> tuple[Reply, ...]:
        """Return one or two lines on the dossier that ``ask`` names; none when it names none."""
        codes = self.codes_in(ask) if self.names_code(ask) else ()
        dossier = self.find(codes[0], ask) if codes else None
        if dossier is None:
            return self._about(codes[0], ask).replies if codes else ()
        return self._say("dossiers/brief", dossier.code, **self.facts(dossier, ask.now))

    def names_code(self, ask: Ask) -> bool:
        """Whether the message itself holds a code, typed or dictated."""
        return any(map(self._codes_of, (*ask.every("dossier_code"), ask.text)))

    def codes_in(self, ask: Ask) -> tuple[DossierCode, ...]:
        """Return the codes a request names, else the one the talk is about, else none."""
        if signed := self.gate.slip(ask):
            return (signed,)
        named = [code for value in ask.every("dossier_code") for code in self._codes_of(value)]
        codes = tuple(dict.fromkeys(named)) or self._codes_of(ask.text)
        asked_anew = bool(ask.every("dossier_code"))  # "?" from the button "another dossier"
        if codes or asked_anew or self.other_number(ask):
            return codes
        if "dossier_code" in ask.context:
            return (DossierCode(ask.context["dossier_code"]),)
        return ()

    def find(self, code: DossierCode, ask: Ask) -> Dossier | None:
        """Return the dossier, or None: unknown, its source silent, or too many codes tried."""
        try:
            return self.gate.open(code, ask)
        except (DossierNotFound, SourceUnavailable, LookupsClosed):
            return None

    def facts(self, dossier: Dossier, now: datetime) -> dict[str, Any]:
        """Return what a template may know; see ``bot.core.dossiers.facts``."""
        return facts(dossier, now, self._zone, self._holidays)

    def shown(self, dossier: Dossier, ask: Ask, *, owner: bool, proved_now: bool) -> Answer:
        """Return the answer about a dossier; the owner's lines are a bubble of their own."""
        code, known = DossierCode(dossier.code), self.facts(dossier, ask.now)
        followable = not status_of(dossier.status).final and not self.gate.is_followed(code, ask)
        replies = self._say(
            "dossiers/found", dossier.code, owner=owner, followable=followable, **known
        )
        if owner:
            replies += self._say("dossiers/owner", dossier.code, proved_now=proved_now, **known)
        return Answer(replies, {"procedure": dossier.procedure_code or None})

    def closed(self) -> Answer:
        """Return the one sentence for who tried too many codes, whatever the code."""
        return Answer(self._wording.replies("dossiers/closed"))

    def _about(self, code: DossierCode, ask: Ask) -> Answer:
        try:
            dossier = self.gate.open(code, ask)
        except LookupsClosed:
            return Answer(self._say("dossiers/closed", code.value))
        except SourceUnavailable:
            return Answer(self._say("dossiers/unavailable", code.value))
        except DossierNotFound:
            near = self.gate.near(code, ask)
            return (
                self._near(near) if near else Answer(self._say("dossiers/not_found", code.value))
            )
        new = self.gate.new_proof(code, ask)
        answer = self.shown(
            dossier, ask, owner=self.gate.is_owner(code, ask), proved_now=bool(new)
        )
        return Answer(answer.replies, answer.context, new)

    def _near(self, code: str) -> Answer:
        pending = write_payload("lookup_dossier", dossier_code=code)
        return Answer(self._say("dossiers/near", code), {"pending": pending})

    def _say(self, name: str, code: str, **data: Any) -> tuple[Reply, ...]:
        replies = self._wording.replies(name, code=code, **data)
        return tuple(reply.with_meta(dossier_code=code) for reply in replies)

    def _without_code(self, ask: Ask) -> Answer:
        numbers = recognise(ask.text)
        if numbers.procedures and (found := self._catalogue.find(numbers.procedures[0])):
            replies = self._wording.replies("dossiers/procedure_code", procedure=found)
            return Answer(replies, {"procedure": found.code})
        if not (numbers.procedures or numbers.result_code or numbers.personal):
            if near := self.gate.near_text(ask):
                return self._near(near)
            for broken in self._broken(ask)[:1]:
                return self._say_broken(broken, ask)
        for seen, name in (
            (numbers.personal and "bien nhan" in fold(ask.text), "dossiers/receipt_number"),
            (numbers.tail, "dossiers/tail_only"),
            (numbers.result_code, "dossiers/result_code"),
            (numbers.personal, "dossiers/personal_number"),
        ):
            if seen:
                return Answer(self._wording.replies(name))
        return Answer(self._wording.replies("dossiers/ask_code"))

    def other_number(self, ask: Ask) -> bool:
        """Whether the text holds another number: a phone, a tail, a card, a code that is none."""
        numbers = recognise(ask.text)
        known = numbers.procedures or numbers.result_code or numbers.tail or numbers.personal
        return bool(known or self._broken(ask))

    def _broken(self, ask: Ask) -> tuple[BrokenCode, ...]:
        return () if self._receipts.find_all(ask.text) else broken_codes(ask.text)

    def _say_broken(self, broken: BrokenCode, ask: Ask) -> Answer:
        last = None if self._codes_of(ask.text) else ask.context.get("dossier_code")
        data = {"code": broken.text, "fault": broken.fault.value, "last": last}
        return Answer(self._wording.replies("dossiers/broken", **data))

    def _codes_of(self, text: str) -> tuple[DossierCode, ...]:
        found = DossierCode.find_all(text) or DossierCode.find_all(as_digits(text))
        return found or self._receipts.find_all(text)


def _each_once(told: Sequence[Answer]) -> tuple[Reply, ...]:
    """Return the replies in order; what was said about one code is not said again of the next."""
    return tuple({reply.text: reply for answer in told for reply in answer.replies}.values())
