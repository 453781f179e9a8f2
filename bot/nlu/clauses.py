"""The clauses of a message: a story's request stands in one of them, and two requests in two."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.nlu.words import Word

Rank = Callable[[Sequence[Word]], list[tuple[str, float]]]

# Questions that people hang on to another one; a story's other clauses are seldom taken for them.
ASKED_BESIDES = frozenset(
    (
        "ask_requirements", "ask_fee", "ask_duration", "ask_where", "ask_office",
        "ask_result_delivery", "book_appointment", "lookup_dossier", "request_human",
        "subscribe_topic", "ask_announcements",
    )
)  # fmt: skip
# Only a question is asked together with another; news and complaints are not.
_MAIN = ASKED_BESIDES | {"find_procedure", "list_services"}
_SURE = 0.8
_SHORTEST = 2  # words
_JOINTS = frozenset(("va", "con", "roi", "luon", "san", "cung"))


def asked_besides(words: Sequence[Word], main: str, rank: Rank) -> list[str]:
    """Return further intents that single clauses surely mean, in their order.

    ``rank`` is the intent model; ``main`` is what the whole text means.
    """
    clauses = clauses_of(words) if main in _MAIN else []
    others: list[str] = []
    for clause in clauses if len(clauses) > 1 else ():
        intent, sure = rank(clause)[0]
        if sure >= _SURE and intent in ASKED_BESIDES and intent not in (main, *others):
            others.append(intent)
    return others


def clauses_of(words: Sequence[Word]) -> list[list[Word]]:
    """Return runs of at least two words between punctuation and joining words such as "và"."""
    clauses: list[list[Word]] = [[]]
    for word in words:
        before = clauses[-1]
        if word.plain in _JOINTS:
            clauses.append([])
            continue
        if before and word.after_break:
            clauses.append([])
        clauses[-1].append(word)
    return [clause for clause in clauses if len(clause) >= _SHORTEST]
