"""What a talk notes about its own understanding: doubts, picks, corrections, low turns in a row.

These notes travel in the context beside the slots, and only from one turn to the next.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.core.conversation.ladder import FALLBACK
from bot.core.conversation.masking import mask
from bot.core.conversation.payloads import parse_payload
from bot.core.messages import Turn

SAID = "said"  # the words in doubt, as written: a pick answers them; gone with the next turn
HEARD = "heard"  # JSON: masked words and the guess, of the last message in free text
UNCLEAR = "unclear"  # how many turns in a row were not understood
_LONGEST = 500  # characters kept of a message

# Answers to a question of the desk say nothing about how well the message itself was understood.
_REPLIES = frozenset(("affirm", "deny", "thank", "greet", "goodbye"))


@dataclass(frozen=True)
class Heard:
    """One message in free text: masked words, what they were taken for, and whether in doubt."""

    text: str
    guessed: str
    confidence: float
    in_doubt: bool = False

    def effect(self, reason: str, picked: str = "") -> dict[str, Any]:
        """Return the change that puts the message on the review list."""
        return {
            "effect": "review",
            "reason": reason,
            "text": self.text,
            "guessed": self.guessed,
            "confidence": round(self.confidence, 3),
            "picked": picked,
        }


def noted(turn: Turn, text: str, before: Mapping[str, str]) -> Turn:
    """Return ``turn`` with the notes that one message in free text leaves."""
    intent = turn.intent or ""
    in_doubt = any(effect.get("reason") == "unsure" for effect in turn.effects)
    asked_back = in_doubt or (intent == FALLBACK and "choices" in turn.context)
    heard = Heard(mask(text[:_LONGEST]), intent, turn.confidence or 0.0, asked_back)
    others = tuple(effect for effect in turn.effects if effect["effect"] != "review")
    answered = _denied(intent, before)
    context = dict(turn.context)
    if intent == FALLBACK:
        others += (heard.effect("low"),)
        context[UNCLEAR] = str(unclear_turns(before) + 1)
    if in_doubt:
        others += (heard.effect("unsure"),)
        context[SAID] = text[:_LONGEST]
    if intent and intent not in _REPLIES:
        context[HEARD] = json.dumps(vars(heard), ensure_ascii=False)
    return replace(turn, context=context, effects=(*others, *answered))


def picked(turn: Turn, payload: str, before: Mapping[str, str]) -> Turn:
    """Return ``turn`` with the pick noted, if ``payload`` answers a question about a doubt."""
    heard = last_heard(before)
    chosen = parse_payload(payload)
    if heard is None or not heard.in_doubt or chosen is None:
        return turn
    if chosen.intent == "deny":
        return replace(turn, effects=(*turn.effects, heard.effect("corrected")))
    if payload not in json.loads(before.get("choices") or "[]"):
        return turn
    return replace(turn, effects=(*turn.effects, heard.effect("picked", chosen.intent)))


def corrected(turn: Turn, before: Mapping[str, str]) -> Turn:
    """Return ``turn`` with the last message noted as taken for the wrong thing."""
    heard = last_heard(before)
    if heard is None:
        return turn
    return replace(turn, effects=(*turn.effects, heard.effect("corrected", turn.intent or "")))


def last_heard(context: Mapping[str, str]) -> Heard | None:
    """Return the last message in free text, if it was the turn before."""
    try:
        return Heard(**json.loads(context[HEARD]))
    except (KeyError, ValueError, TypeError):  # none, or of another version
        return None


def unclear_turns(context: Mapping[str, str]) -> int:
    """Return how many turns in a row were not understood so far."""
    return int(context.get(UNCLEAR, "0"))


def _denied(intent: str, before: Mapping[str, str]) -> tuple[Mapping[str, Any], ...]:
    """Return what a typed no says about the doubt before it."""
    heard = last_heard(before)
    in_doubt = heard is not None and heard.in_doubt and intent == "deny"
    return (heard.effect("corrected"),) if heard and in_doubt else ()
