"""The training phrases: every intent has enough, and no phrase means two things."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from bot.core.conversation.intents import ANSWERS
from bot.nlu.corpus import read_corpus
from bot.nlu.near import near_duplicates

CORPUS = read_corpus(Path("data/nlu"))
LEAST = 80
LEAST_OF_THE_LARGE = 120
LARGE = {
    "lookup_dossier", "find_procedure", "ask_requirements", "ask_fee", "ask_duration", "ask_where",
    "ask_overdue", "ask_portal_help", "submit_dossier", "complain", "out_of_scope",
}  # fmt: skip


def test_every_intent_has_enough_phrases() -> None:
    counts = Counter(phrase.intent for phrase in CORPUS)
    wanted = set(ANSWERS) - {"nlu_fallback"}

    assert set(counts) == wanted
    least = {name: LEAST_OF_THE_LARGE if name in LARGE else LEAST for name in counts}
    assert {name: number for name, number in counts.items() if number < least[name]} == {}


def test_no_phrase_is_written_twice() -> None:
    counts = Counter(phrase.text.lower() for phrase in CORPUS)

    assert [text for text, number in counts.items() if number > 1] == []


def test_no_phrase_repeats_another_in_nearly_the_same_words() -> None:
    assert [(pair.first, pair.second) for pair in near_duplicates(CORPUS)] == []
