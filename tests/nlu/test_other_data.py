"""The components serve other data, too: no tables of a province, entities by Rasa's own CRF."""

from __future__ import annotations

import asyncio
import importlib
import warnings
from pathlib import Path
from typing import Any

import pytest

CONFIG = """
recipe: default.v1
language: vi
assistant_id: flights
pipeline:
- name: bot.nlu.tokenizer.VietnameseTokenizer
- name: bot.nlu.classifier.LinearIntentClassifier
  province_dir: nowhere
- name: LexicalSyntacticFeaturizer
- name: CRFEntityExtractor
policies: []
"""
CITIES = ("hà nội", "đà nẵng", "hồ chí minh", "cần thơ", "new york", "boston", "đà lạt", "huế")
PHRASES = {
    "flight": (
        "cho xem các chuyến bay từ [{a}](from_city) đến [{b}](to_city) vào thứ hai",
        "tôi muốn bay từ [{a}](from_city) tới [{b}](to_city) lúc 9 giờ sáng",
        "flights from [{a}](from_city) to [{b}](to_city) on monday",
    ),
    "airfare": (
        "giá vé rẻ nhất từ [{a}](from_city) đến [{b}](to_city) là bao nhiêu",
        "vé một chiều đi [{b}](to_city) giá bao nhiêu hs k biết",
        "how much is a ticket to [{b}](to_city)",
    ),
    "aircraft": ("chuyến bay 417 dùng loại máy bay nào", "máy bay 757 là loại gì"),
}


def _training_file() -> str:
    lines = ['version: "3.1"', "nlu:"]
    for intent, patterns in PHRASES.items():
        lines += [f"- intent: {intent}", "  examples: |"]
        for a, b in zip(CITIES, (*CITIES[3:], *CITIES[:3]), strict=True):
            lines += [f"    - {pattern.format(a=a, b=b)}" for pattern in patterns]
    return "\n".join(lines)


@pytest.fixture(scope="module")
def flights(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return what parses flight questions, trained here."""
    folder: Path = tmp_path_factory.mktemp("flights")
    (folder / "config.yml").write_text(CONFIG, encoding="utf-8")
    (folder / "nlu.yml").write_text(_training_file(), encoding="utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from rasa.core.agent import Agent
        from rasa.model_training import train_nlu

        model = train_nlu(str(folder / "config.yml"), str(folder / "nlu.yml"), str(folder))
        agent = Agent.load(model)
        yield lambda text: asyncio.run(agent.parse_message(text))


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("cho toi xem chuyen bay tu hue den boston", "flight"),
        ("giá vé đi đà lạt là bao nhiêu", "airfare"),
        ("chuyến bay 1201 dùng máy bay nào", "aircraft"),
    ],
)
def test_other_intents_are_told_apart(flights: Any, text: str, intent: str) -> None:
    assert flights(text)["intent"]["name"] == intent


def test_entities_come_from_the_crf_with_places_in_the_text(flights: Any) -> None:
    text = "giá vé rẻ nhất từ  đà nẵng đến cần thơ là bao nhiêu hs k"

    found = {
        item["entity"]: text[item["start"] : item["end"]] for item in flights(text)["entities"]
    }

    assert found == {"from_city": "đà nẵng", "to_city": "cần thơ"}


@pytest.mark.parametrize(
    "name", ["classifier.LinearIntentClassifier", "lexicon.LexiconEntityExtractor"]
)
def test_a_part_taken_from_the_cache_has_a_fingerprint(name: str) -> None:
    module, _, kind = name.partition(".")
    part = getattr(importlib.import_module(f"bot.nlu.{module}"), kind)

    assert part.fingerprint_addon({"output": "cached"}) == part.fingerprint_addon({})
