"""What a running talk remembers from one turn to the next."""

from __future__ import annotations

from collections.abc import Mapping

from bot.core.conversation.payloads import write_payload
from bot.core.desk import Answer, Ask

# Live for one turn: what "2", "yes" and "go on" would mean right now.
TRANSIENT = ("choices", "pending", "more")
# Live until replaced: what the talk is about.
LASTING = ("procedure", "dossier_code", "field", "topic", "area", "office")
SLOTS = (*LASTING, *TRANSIENT, "again")

_NOT_REPEATED = frozenset(("affirm", "deny", "cancel", "thank", "goodbye", "nlu_fallback"))


def changes_after(ask: Ask, answer: Answer) -> dict[str, str | None]:
    """Return every change of the context after ``answer``; None forgets a key."""
    changes: dict[str, str | None] = dict.fromkeys(TRANSIENT)
    changes.update(answer.context)
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
    return {name: value for name, value in merged.items() if value and name in SLOTS}
