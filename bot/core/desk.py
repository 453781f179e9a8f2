"""The desk: what it can be asked and what it hands back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from bot.core.messages import Reply


@dataclass(frozen=True)
class Entity:
    """A part of the text that was recognised, e.g. ``Entity("field", "đất đai")``."""

    name: str
    value: str


@dataclass(frozen=True)
class Guess:
    """What a text may mean, and how likely it is (0-1, calibrated)."""

    intent: str
    confidence: float


@dataclass(frozen=True)
class Ask:
    """What a citizen wants, as understood, with the running talk's context.

    ``context`` holds short strings only: ``procedure`` (code), ``dossier_code``, ``field``,
    ``topic``, ``area``, ``office``, ``choices`` (JSON list of payloads, in shown order),
    ``pending`` (payload run on "yes"), ``more`` (payload of the next page), ``again`` (payload
    that repeats the last answer).
    ``ranking`` holds what free text may mean, best first; it is empty for a button.
    ``also`` are further requests in the same message.
    """

    intent: str
    text: str
    now: datetime
    entities: tuple[Entity, ...] = ()
    context: Mapping[str, str] = field(default_factory=dict)
    citizen_id: int = 0
    ranking: tuple[Guess, ...] = ()
    also: tuple[str, ...] = ()

    def first(self, name: str) -> str | None:
        """Return the first entity of this name, or None."""
        return next((entity.value for entity in self.entities if entity.name == name), None)

    def every(self, name: str) -> tuple[str, ...]:
        """Return all values of this entity, in the order they stand in the text."""
        return tuple(entity.value for entity in self.entities if entity.name == name)


def page_start(ask: Ask) -> int:
    """Return where the page asked for begins; 0 for anything that is no small number."""
    text = ask.first("offset") or ""
    return int(text) if text.isdecimal() and len(text) < 6 else 0


@dataclass(frozen=True)
class Answer:
    """What the desk says, what the talk should remember, and what should change.

    ``context`` holds changes only; None forgets a key. ``effects`` as in ``messages.Turn``.
    """

    replies: tuple[Reply, ...]
    context: Mapping[str, str | None] = field(default_factory=dict)
    effects: tuple[Mapping[str, Any], ...] = ()


class Wording(Protocol):
    """Turns a name and data into bubbles; every sentence with data lives behind this."""

    def replies(self, name: str, **data: Any) -> tuple[Reply, ...]:
        """Return the bubbles of ``bot/wording/<name>.vi.j2`` filled with ``data``."""


AnswerFunction = Callable[[Ask], Answer]


def _clear(ask: Ask) -> Answer | None:
    return None


def _as_is(ask: Ask, answer: Answer) -> Answer:
    return answer


@dataclass(frozen=True)
class Desk:
    """Everything the desk can answer, by the name of its action.

    ``bot.wiring`` fills the table; Rasa's actions and the conversation without Rasa both call it.
    ``doubt`` may ask back instead of answering free text; ``besides`` may offer what the same
    message asked as well.
    """

    answers: Mapping[str, AnswerFunction]
    clock: Callable[[], datetime]
    doubt: Callable[[Ask], Answer | None] = _clear
    besides: Callable[[Ask, Answer], Answer] = _as_is

    def answer(self, name: str, ask: Ask) -> Answer:
        """Answer ``ask`` with the named function. Raises KeyError for an unknown name."""
        return self.answers[name](ask)

    def hear(self, name: str, ask: Ask) -> Answer:
        """Answer free text as the ladder says: ask back when it may mean several things."""
        return self.doubt(ask) or self.besides(ask, self.answer(name, ask))
