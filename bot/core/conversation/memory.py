"""What a running talk remembers from one turn to the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot.core.conversation.payloads import write_payload
from bot.core.desk import Answer, Ask
from bot.core.messages import Turn

# Live for one turn: what "2", "yes" and "go on" would mean right now.
TRANSIENT = ("choices", "pending", "more")
# Live until replaced: what the talk is about.
LASTING = ("procedure", "dossier_code", "field", "topic", "area", "office")
SLOTS = (*LASTING, *TRANSIENT, "again")
# Lives until it is answered: the code of the dossier whose owner was asked for a proof. No slot:
# neither the question nor its answer is the language model's business.
PENDING_PROOF = "pending_proof"
_KEPT = frozenset((*SLOTS, PENDING_PROOF))

# Beside the slots, known to the conversation only: when the last turn was, in seconds since 1970.
AT = "at"
# After a pause this long "how much is it?" is a new question, not a follow-up.
TALK_LIFE = timedelta(minutes=45)
# When the safety answer was given; kept while the danger may last.
DANGER = "danger"
DANGER_LASTS = timedelta(minutes=15)
# Naming one of these ends the talk about the others.
_ENDED_BY: Mapping[str, tuple[str, ...]] = {"topic": ("procedure", "field")}

_NOT_REPEATED = frozenset(("affirm", "deny", "cancel", "thank", "goodbye", "nlu_fallback"))


def changes_after(ask: Ask, answer: Answer) -> dict[str, str | None]:
    """Return every change of the context after ``answer``; None forgets a key."""
    changes: dict[str, str | None] = dict.fromkeys(TRANSIENT)
    changes.update(answer.context)
    for old in (old for new, olds in _ENDED_BY.items() if changes.get(new) for old in olds):
        changes.setdefault(old, None)
    if ask.intent not in _NOT_REPEATED and "again" not in answer.context:
        named = {entity.name: entity.value for entity in ask.entities}
        settled = {name: value for name, value in answer.context.items() if name in LASTING}
        entities = {name: value for name, value in {**named, **settled}.items() if value}
        changes["again"] = write_payload(ask.intent, **entities)
    return changes


def remember(context: Mapping[str, str], changes: Mapping[str, str | None]) -> dict[str, str]:
    """Return the new context.

    >>> remember({"topic": "a", "more": "x"}, {"more": None, "field": "land"})
    {'topic': 'a', 'field': 'land'}
    """
    merged = {**context, **changes}
    return {name: value for name, value in merged.items() if value and name in _KEPT}


def awake(context: Mapping[str, str], now: datetime) -> dict[str, str]:
    """Return the context, empty when the talk has rested longer than TALK_LIFE."""
    last = float(context.get(AT, "inf"))
    rested = now.timestamp() - last > TALK_LIFE.total_seconds()
    return {} if rested else dict(context)


def stamped(turn: Turn, before: Mapping[str, str], now: datetime) -> Turn:
    """Return ``turn`` with the moment noted in its context, so that the talk can fall asleep."""
    context = {**turn.context, AT: str(int(now.timestamp()))}
    if in_danger(before, now):
        context.setdefault(DANGER, before[DANGER])
    return replace(turn, context=context)


def kept_open(turn: Turn, before: Mapping[str, str]) -> Turn:
    """Return a turn of the dialogue, which knows the slots only, with the open question noted."""
    if PENDING_PROOF not in before:
        return turn
    return replace(turn, context={**turn.context, PENDING_PROOF: before[PENDING_PROOF]})


def alarmed(turn: Turn, now: datetime) -> Turn:
    """Return ``turn`` with the moment of a safety answer noted in its context."""
    return replace(turn, context={**turn.context, DANGER: str(int(now.timestamp()))})


def in_danger(context: Mapping[str, str], now: datetime) -> bool:
    """Whether a safety answer was given a short while ago."""
    since = now.timestamp() - float(context.get(DANGER, "-inf"))
    return since <= DANGER_LASTS.total_seconds()
