"""Understanding of phrases nobody trained on, by way of writing.

The floors in ``floors.json`` only go up: raise them when a measurement allows it, never lower
them to make a change pass. Those at the top level are for ``phrases.csv``; a name with floors of
its own is another file of phrases beside it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.nlu.corpus import read_corpus
from bot.nlu.evaluate import rows_of, unseen
from bot.nlu.figures import answered_wrongly, grouped, right
from bot.nlu.gate import Judged, judge
from bot.nlu.model import latest_model
from bot.nlu.parser import Parser
from bot.settings import Settings

HERE = Path(__file__).parent
WAYS = 9
_READ: dict[str, object] = json.loads((HERE / "floors.json").read_text(encoding="utf-8"))
FLOORS: dict[str, Mapping[str, float]] = {
    "phrases": {name: value for name, value in _READ.items() if isinstance(value, float)},
    **{name: value for name, value in _READ.items() if isinstance(value, dict)},
}


def new_rows(name: str) -> list[dict[str, str]]:
    """Return what is not trained on: a second author writes some of the shortest phrases, too."""
    return unseen(rows_of(HERE / f"{name}.csv"), read_corpus(Path("data/nlu")))


@pytest.fixture(scope="module")
def parser() -> Parser:
    model = latest_model(Settings())
    assert model is not None, "no model: run `make train`"
    return Parser.open(model)


@pytest.fixture(scope="module", params=sorted(FLOORS))
def judged(request: pytest.FixtureRequest, parser: Parser) -> tuple[str, list[Judged]]:
    """Return the name of a file of phrases and how they were understood."""
    return request.param, judge(parser, new_rows(request.param))


def test_no_phrase_of_the_first_author_occurs_in_training() -> None:
    assert new_rows("phrases") == rows_of(HERE / "phrases.csv")


@pytest.mark.parametrize("name", sorted(FLOORS))
def test_most_phrases_are_new(name: str) -> None:
    assert len(new_rows(name)) >= 0.8 * len(rows_of(HERE / f"{name}.csv"))


def test_enough_is_understood(judged: tuple[str, list[Judged]]) -> None:
    name, phrases = judged

    assert right(phrases) >= FLOORS[name]["all"]


def test_every_way_of_writing_is_understood(judged: tuple[str, list[Judged]]) -> None:
    name, phrases = judged
    ways = {way: right(group) for way, group in grouped(phrases, lambda item: item.way).items()}

    assert len(ways) == WAYS
    assert {way: share for way, share in ways.items() if share < FLOORS[name]["each_way"]} == {}


def test_out_of_scope_is_not_answered_with_a_topic(judged: tuple[str, list[Judged]]) -> None:
    name, phrases = judged

    assert answered_wrongly(phrases) <= FLOORS[name]["out_of_scope_with_a_topic"]
