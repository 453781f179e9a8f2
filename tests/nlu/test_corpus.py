"""The training phrases: every intent has enough, and no phrase means two things."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from bot.core.conversation.intents import ANSWERS
from bot.nlu.corpus import read_corpus

CORPUS = read_corpus(Path("data/nlu"))


def test_every_intent_has_enough_phrases() -> None:
    counts = Counter(phrase.intent for phrase in CORPUS)
    wanted = set(ANSWERS) - {"nlu_fallback"}

    assert set(counts) == wanted
    assert {intent: number for intent, number in counts.items() if number < 60} == {}


def test_no_phrase_is_written_twice() -> None:
    counts = Counter(phrase.text.lower() for phrase in CORPUS)

    assert [text for text, number in counts.items() if number > 1] == []
