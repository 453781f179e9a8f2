"""What the citizen gets: which step of the ladder each judged phrase leads to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.conversation.ladder import decide
from bot.core.desk import Guess
from bot.nlu.gate import OUT_OF_SCOPE, Judged
from bot.nlu.parser import FALLBACK


@dataclass(frozen=True)
class Steps:
    """Shares of the phrases (0-1); they sum to one, ``foreign_answered`` apart.

    ``foreign_answered`` is the share of what is out of scope that is answered with a topic.
    """

    answered_rightly: float
    answered_wrongly: float
    asked_with_it: float
    asked_without_it: float
    refused_wrongly: float
    foreign_answered: float


def steps(judged: Sequence[Judged]) -> Steps:
    """Return what the ladder makes of every phrase."""
    counts = Counter(_outcome(item) for item in judged)
    foreign = [item for item in judged if item.intent == OUT_OF_SCOPE]
    wrong = sum(_outcome(item) == "answered wrongly" for item in foreign)
    names = (
        "answered rightly", "answered wrongly", "asked with it", "asked without it",
        "refused wrongly",
    )  # fmt: skip
    right, other, asked, in_vain, refused = (counts[name] / max(1, len(judged)) for name in names)
    return Steps(right, other, asked, in_vain, refused, wrong / max(1, len(foreign)))


def _outcome(item: Judged) -> str:
    if item.understood == FALLBACK:
        return "answered rightly" if item.is_right else "refused wrongly"
    ranking = [Guess(name, sure) for name, sure in item.ranking]
    choices = decide(ranking, len(item.text.split())).choices
    if choices:
        # What is foreign loses nothing by the question: no line fits, and that is the answer.
        fits = item.intent in choices or item.intent == OUT_OF_SCOPE
        return "asked with it" if fits else "asked without it"
    return "answered rightly" if item.is_right else "answered wrongly"
