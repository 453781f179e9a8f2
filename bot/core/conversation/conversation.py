"""One inbound message in, one turn out."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from bot.core.announcements.codes import asks_by_code
from bot.core.conversation.acts import Acts
from bot.core.conversation.dialogue import Dialogue
from bot.core.conversation.feedback import SAID, corrected, noted, picked, unclear_turns
from bot.core.conversation.intents import ANSWERS, PAYLOADS
from bot.core.conversation.ladder import FALLBACK
from bot.core.conversation.memory import (
    PENDING_PROOF,
    alarmed,
    awake,
    changes_after,
    in_danger,
    kept_open,
    remember,
    stamped,
)
from bot.core.conversation.pasted import host_of, pasted
from bot.core.conversation.payloads import ERASE, Payload, parse_payload, write_payload
from bot.core.conversation.proving import proof_in
from bot.core.desk import Answer, Ask, Desk, Entity, Wording
from bot.core.dossiers.broken import broken_codes
from bot.core.dossiers.codes import DossierCode
from bot.core.dossiers.recognise import recognise
from bot.core.errors import DialogueUnavailable, PhotoError, PhotoTooLarge, PhotoWrongType
from bot.core.messages import Claimed, Inbound, InboundKind, Turn
from bot.core.photos.payload import Payload as Shown
from bot.core.photos.payload import PayloadKind, PhotoReading, Trouble
from bot.core.vietnamese import normalise

log = logging.getLogger(__name__)

_STATE = ".gov.vn"  # only authorities have it; slips of an earlier address stay good
_NO_SLIP = "-"  # is no slip: what was signed but comes by a stranger's address
_MOST_WORDS = 3  # of a message that is little more than a code
_MOST_READ = 2_000  # characters, also after one letter became many; nobody's question is longer


class Photos(Protocol):
    """Fetches and reads photos; keeps nothing."""

    def look(self, inbound: Inbound) -> PhotoReading:
        """Return what the photo of ``inbound`` shows. Raises PhotoError."""


class Conversation:
    """Turns one message into one turn, by the desk's answers and the dialogue.

    Codes, photos, buttons, STOP and "a person, please" never need the dialogue, so they are
    answered while the language model is missing or dead. ``address`` is the desk's own, as its
    slips are printed with; without it no slip is suspected for its address.
    """

    def __init__(
        self,
        desk: Desk,
        dialogue: Dialogue,
        photos: Photos,
        acts: Acts,
        wording: Wording,
        address: str = "",
    ) -> None:
        self._desk = desk
        self._dialogue = dialogue
        self._photos = photos
        self._acts = acts
        self._wording = wording
        self._address = address

    def turn(self, claimed: Claimed, now: datetime) -> Turn:
        """Return what ``claimed`` leads to."""
        inbound, context = claimed.inbound, awake(claimed.context, now)
        ask = Ask("", "", now, context=context, citizen_id=claimed.citizen.id)
        if inbound.kind is InboundKind.TEXT:
            turn = self._text(normalise(inbound.text[:_MOST_READ])[:_MOST_READ], ask)
        elif inbound.kind is InboundKind.IMAGE:
            turn = self._photo(inbound, ask)
        elif inbound.kind is InboundKind.LOCATION:
            turn = self._location(inbound, ask)
        elif inbound.kind in _SILENT:
            turn = Turn((), context, ({"effect": _SILENT[inbound.kind]},))
        elif inbound.kind is InboundKind.SHARED:
            turn = self._template("talk/shared", ask)
        else:
            turn = self._named(_KINDS.get(inbound.kind, "action_other_kind"), ask)
        return _marked(stamped(turn, context, now))

    def _text(self, text: str, ask: Ask) -> Turn:
        ask = replace(ask, text=text)
        if not any(char.isalnum() for char in text):
            return self._named("action_sticker", ask)
        if parse_payload(text):
            return self._pressed(text, ask)
        if PENDING_PROOF in ask.context and (proof := proof_in(text)) is not None:
            return self._prove(ask.context[PENDING_PROOF], proof, ask)
        if act := self._act(text, ask):
            return act
        if link := pasted(text, self._address):
            return self._seen(PhotoReading((link,), False, 0, 0), ask)
        if meant := self._acts.after_correction(text):
            return corrected(self._free(meant, ask, matter=meant), ask.context)
        return self._free(text, ask, matter=self._acts.after_likewise(text))

    def _free(self, text: str, ask: Ask, *, matter: str | None) -> Turn:
        """Return the turn of free text.

        ``matter`` may name another matter of the last question: "còn hộ chiếu thì sao?" after a
        fee asks for the fee.
        """
        text = text.lstrip("/ ")  # Rasa reads a leading slash as an intent
        try:
            turn = self._heard(text, ask)
        except DialogueUnavailable:
            log.warning("event=dialogue_unavailable citizen=%s", ask.citizen_id)
            return self._without_dialogue(replace(ask, text=text))
        if turn.intent == "affirm" and SAID in ask.context and "pending" in ask.context:
            return self._pressed(ask.context["pending"], ask)
        if matter and turn.intent == "find_procedure":
            turn = self._asked_again(matter, ask) or turn
        if in_danger(ask.context, ask.now) and _is_unclear(turn):
            turn = alarmed(self._template("talk/still_here", ask), ask.now)
        if turn.intent == FALLBACK and unclear_turns(ask.context):
            turn = replace(turn, replies=turn.replies + self._wording.replies("talk/offer_person"))
        return noted(turn, text, ask.context)

    def _asked_again(self, text: str, ask: Ask) -> Turn | None:
        """Return the answer of the last question about the matter that ``text`` names."""
        last = parse_payload(ask.context.get("again", ""))
        if last is None or last.intent not in _QUESTIONS:
            return None
        context = {key: value for key, value in ask.context.items() if key != "procedure"}
        asked = replace(ask, intent=last.intent, text=text, context=context)
        return self._settled(self._desk.answer(ANSWERS[last.intent], asked), asked)

    def _pressed(self, payload_text: str, ask: Ask) -> Turn:
        """Return the turn of a button; one that settles a doubt answers the words said."""
        payload = parse_payload(payload_text)
        if payload is None:
            return self._named("action_other_kind", ask)
        offered = json.loads(ask.context.get("choices", "[]"))
        payload = _with_slip(payload, offered)
        said = ask.context.get(SAID, "") if payload_text in offered else ""
        return picked(self.run(payload, replace(ask, text=said)), payload_text, ask.context)

    def _act(self, text: str, ask: Ask) -> Turn | None:
        """Return the turn of an act of the running talk, or None."""
        if self._acts.in_danger(text):
            return alarmed(self._named("action_safety", ask), ask.now)
        if ask.context.get("pending") == ERASE and (turn := self._about_erasing(text, ask)):
            return turn
        chosen = ask.context.get("pending") if self._acts.is_assent(text) else None
        if not chosen and self._acts.is_stop(text):
            return self._named("action_stop", ask)
        if not chosen and "choices" in ask.context:
            chosen = self._acts.choice(text, ask.context["choices"])
        if not chosen and self._acts.is_more(text):
            chosen = ask.context.get("more")
        if not chosen and self._acts.is_again(text):
            chosen = ask.context.get("again")
        if chosen and parse_payload(chosen):
            return self._pressed(chosen, ask)
        return self._without_meaning(text, ask)

    def _about_erasing(self, text: str, ask: Ask) -> Turn | None:
        """Return the turn of an answer to "erase everything?": only a sure yes erases."""
        if self._acts.is_erase_yes(text):
            return self._pressed(ERASE, ask)
        if self._acts.is_erase_no(text):
            return self._intent("deny", ask)
        if self._acts.is_assent(text):  # "dung" may be a yes, a stop or a don't: ask again
            return self._intent("delete_my_data", ask)
        return None

    def _without_meaning(self, text: str, ask: Ask) -> Turn | None:
        """Return the turn of a text that no classifier should guess at, or None."""
        if self._acts.is_choice(text):
            if "choices" not in ask.context:
                return self._template("talk/no_choice_open", ask)
            count = len(json.loads(ask.context["choices"]))
            replies = self._wording.replies("talk/choose_within", count=count)
            return Turn(replies, ask.context)  # the choice stays open
        if self._acts.is_more(text):
            return self._template("talk/nothing_more", ask)
        if self._acts.is_again(text):
            return self._intent("ask_capabilities", ask)
        if asks_by_code(text):
            return self._intent("verify_notice", ask)
        numbers = recognise(text)
        if (numbers.personal or numbers.tail) and not any(char.isalpha() for char in text):
            return self._intent("lookup_dossier", ask)
        if len(text.split()) <= _MOST_WORDS and broken_codes(text):
            return self._intent("lookup_dossier", ask)
        return None

    def run(self, payload: Payload, ask: Ask) -> Turn:
        """Answer a button: by the desk itself, or by the dialogue for a fixed sentence.

        ``ask.text`` is empty, or what the button settles a doubt about.
        """
        name = PAYLOADS[payload.intent]
        ask = replace(ask, intent=payload.intent, entities=payload.entities)
        if name in self._desk.answers:
            return self._settled(self._desk.answer(name, ask), ask)
        try:
            return self._heard(f"/{payload.intent}", ask)
        except DialogueUnavailable:
            return self._named("action_no_dialogue", ask)

    def _heard(self, text: str, ask: Ask) -> Turn:
        return kept_open(self._dialogue.respond(ask.citizen_id, text, ask.context), ask.context)

    def _prove(self, code: str, proof: str, ask: Ask) -> Turn:
        """Return the turn of a proof. Its words go nowhere else: no dialogue, no list, no log."""
        known = (Entity("dossier_code", code), Entity("proof", proof))
        ask = replace(ask, intent="prove_owner", text="", entities=known)
        return self._named("action_prove_owner", ask)

    def _without_dialogue(self, ask: Ask) -> Turn:
        """Answer what needs no language model; say honestly that the rest must wait."""
        if DossierCode.find_all(ask.text) or broken_codes(ask.text):
            return self._intent("lookup_dossier", ask)
        if self._acts.wants_human(ask.text):
            return self._intent("request_human", ask)
        if self._acts.is_menu(ask.text):
            return self._intent("ask_capabilities", ask)
        return self._named("action_no_dialogue", ask)

    def _photo(self, inbound: Inbound, ask: Ask) -> Turn:
        try:
            seen = self._photos.look(inbound)
        except PhotoTooLarge:
            return self._template("photos/too_large", ask)
        except PhotoWrongType:
            return self._template("photos/wrong_type", ask)
        except PhotoError as error:
            log.warning("event=photo_unread reason=%s", type(error).__name__)
            return self._template("photos/unavailable", ask)
        return self._seen(seen, ask)

    def _seen(self, seen: PhotoReading, ask: Ask) -> Turn:
        """Answer what a photo showed: a dossier code as if typed, anything else by its kind."""
        if len(seen.codes) == 1:
            return self.run(Payload("lookup_dossier", self._shown(seen, seen.codes[0])), ask)
        if seen.codes:
            return self._which_code(seen, ask)
        found = {payload.kind: payload for payload in seen.payloads}
        if procedure := found.get(PayloadKind.PROCEDURE):
            entity = Entity("procedure", procedure.procedure)
            return self.run(Payload("find_procedure", (entity,)), ask)
        for kind, name in _PHOTO_WORDINGS.items():
            if kind in found:
                return self._template(name, ask, host=found[kind].host)
        trouble = Trouble.BLURRED if seen.blurred_code_seen else Trouble.NO_CODE
        return self._template(f"photos/{(seen.trouble or trouble).value}", ask)

    def _which_code(self, seen: PhotoReading, ask: Ask) -> Turn:
        shown = [self._shown(seen, code) for code in seen.codes]
        named = [{each.name: each.value for each in entities} for entities in shown]
        payloads = [write_payload("lookup_dossier", **entities) for entities in named]
        codes = [code.value for code in seen.codes]
        replies = self._wording.replies("photos/two_codes", codes=codes)
        return self._settled(Answer(replies, {"choices": json.dumps(payloads)}), ask)

    def _shown(self, seen: PhotoReading, code: DossierCode) -> tuple[Entity, ...]:
        """Return a code that was shown, and the signed slip it stood on, if it was one."""
        shown = [item for item in seen.payloads if code in item.codes]
        slips = [item.slip for item in shown if item.slip and self._is_ours(item)]
        if not slips and not all(map(self._is_ours, shown)):
            slips = [_NO_SLIP]
        named = (Entity("dossier_code", code.value),)
        return (*named, Entity("slip", slips[0])) if slips else named

    def _is_ours(self, item: Shown) -> bool:
        """Whether a link in the form of our slips has an address that can be ours."""
        own = ("", host_of(self._address))
        return not self._address or item.host in own or item.host.endswith(_STATE)

    def _location(self, inbound: Inbound, ask: Ask) -> Turn:
        if inbound.latitude is None or inbound.longitude is None:
            return self._named("action_other_kind", ask)
        point = (
            Entity("latitude", str(inbound.latitude)),
            Entity("longitude", str(inbound.longitude)),
        )
        return self._named("action_nearest_office", replace(ask, entities=point))

    def _intent(self, intent: str, ask: Ask) -> Turn:
        ask = replace(ask, intent=intent)
        return self._settled(self._desk.answer(ANSWERS[intent], ask), ask)

    def _named(self, name: str, ask: Ask) -> Turn:
        return self._settled(self._desk.answer(name, ask), ask)

    def _template(self, name: str, ask: Ask, **data: str) -> Turn:
        return self._settled(Answer(self._wording.replies(name, **data)), ask)

    @staticmethod
    def _settled(answer: Answer, ask: Ask) -> Turn:
        changes = changes_after(ask, answer)
        if not ask.intent:
            changes.pop("again", None)
        context = remember(ask.context, changes)
        return Turn(answer.replies, context, tuple(answer.effects), ask.intent or None)


_SILENT = {InboundKind.UNFOLLOW: "stop", InboundKind.WITHDRAW: "erase"}
_KINDS = {
    InboundKind.FOLLOW: "action_welcome",
    InboundKind.OPENED: "action_greet",
    InboundKind.STICKER: "action_sticker",
}
_QUESTIONS = frozenset(("ask_requirements", "ask_fee", "ask_duration", "ask_where"))
_NO_REQUEST = frozenset(
    (FALLBACK, "out_of_scope", "deny", "affirm", "cancel", "complain", "ask_identity", "greet")
)
_PHOTO_WORDINGS = {
    PayloadKind.IDENTITY_CARD: "photos/identity_card",
    PayloadKind.HEALTH_CARD: "photos/health_card",
    PayloadKind.PAYMENT: "photos/payment",
    PayloadKind.LINK: "photos/link",
    PayloadKind.OTHER: "photos/other_code",
}


def _with_slip(pressed: Payload, offered: Sequence[str]) -> Payload:
    """Return a pressed button with the slip that its code stood on: buttons carry none."""
    named = pressed.entities[:1]
    for payload in filter(None, map(parse_payload, offered)):
        if (payload.intent, payload.entities[:1]) == (pressed.intent, named) and named:
            return payload if len(pressed.entities) == 1 else pressed
    return pressed


def _is_unclear(turn: Turn) -> bool:
    """Whether a text is no clear request: not of somebody who may still be in danger."""
    asked_back = any(effect.get("reason") == "unsure" for effect in turn.effects)
    return asked_back or turn.intent in _NO_REQUEST


def _marked(turn: Turn) -> Turn:
    """Return the turn with its intent and confidence noted on every reply."""
    more = {"intent": turn.intent, "confidence": turn.confidence}
    known = {name: value for name, value in more.items() if value is not None}
    return replace(turn, replies=tuple(reply.with_meta(**known) for reply in turn.replies))
