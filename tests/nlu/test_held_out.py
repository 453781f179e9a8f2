"""Understanding of phrases nobody trained on, by way of writing. Floors only go up."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.core.vietnamese import fold_tokens
from bot.nlu.corpus import read_corpus
from bot.nlu.model import latest_model
from bot.nlu.parser import Parser
from bot.settings import Settings

HERE = Path(__file__).parent
ALL = 0.96
EACH_WAY = 0.90
OUT_OF_SCOPE_WITH_A_TOPIC = 0.02


def held_out() -> list[dict[str, str]]:
    with (HERE / "phrases.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def understood() -> list[tuple[str, str, str]]:
    """Return (meant, way, understood) for every phrase."""
    model = latest_model(Settings())
    assert model is not None, "no model: run `make train`"
    parser = Parser.open(model)
    return [(row["intent"], row["way"], parser.parse(row["text"]).intent) for row in held_out()]


def same(text: str) -> str:
    return " ".join(fold_tokens(text))


def trained_on() -> Iterator[str]:
    for phrase in read_corpus(Path("data/nlu")):
        yield same(phrase.text)


def test_no_held_out_phrase_occurs_in_training() -> None:
    known = set(trained_on())

    assert [row["text"] for row in held_out() if same(row["text"]) in known] == []


def test_enough_is_understood(understood: list[tuple[str, str, str]]) -> None:
    assert sum(meant == got for meant, _, got in understood) / len(understood) >= ALL


def test_every_way_of_writing_is_understood(understood: list[tuple[str, str, str]]) -> None:
    ways: dict[str, list[bool]] = defaultdict(list)
    for meant, way, got in understood:
        ways[way].append(meant == got)

    assert len(ways) == 9
    assert {way: sum(hits) / len(hits) for way, hits in ways.items()} == {
        way: pytest.approx(1.0, abs=1.0 - EACH_WAY) for way in ways
    }


def test_out_of_scope_is_not_answered_with_a_topic(understood: list[tuple[str, str, str]]) -> None:
    outside = [got for meant, _, got in understood if meant == "out_of_scope"]
    wrong = [got for got in outside if got not in ("out_of_scope", "nlu_fallback")]

    assert len(wrong) / len(outside) <= OUT_OF_SCOPE_WITH_A_TOPIC
