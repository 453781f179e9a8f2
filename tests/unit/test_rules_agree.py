"""The rules Rasa follows say exactly what ``intents.ANSWERS`` says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.core.conversation.intents import ANSWERS
from bot.core.conversation.memory import SLOTS

NLU = Path("data/nlu")


def _all_of(name: str, key: str) -> list[Any]:
    found: list[Any] = []
    for path in sorted(NLU.rglob(name)):
        found += (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get(key) or []
    return found


def test_every_intent_has_the_rule_the_table_names() -> None:
    rules = {}
    for rule in _all_of("rules.yml", "rules"):
        intent, action = rule["steps"]
        assert rule["rule"] == intent["intent"]
        assert intent["intent"] not in rules
        rules[intent["intent"]] = action["action"]

    assert rules == dict(ANSWERS)


def test_the_domain_declares_the_intents_actions_and_slots() -> None:
    slots = yaml.safe_load((NLU / "domain.yml").read_text(encoding="utf-8"))["slots"]
    responses = {name for item in _all_of("domain.yml", "responses") for name in [item]}

    assert set(_all_of("domain.yml", "intents")) == set(ANSWERS)
    assert set(_all_of("domain.yml", "actions")) | responses == set(ANSWERS.values())
    assert set(slots) == set(SLOTS)
    assert all(slot["influence_conversation"] is False for slot in slots.values())


def test_every_intent_but_the_fallback_has_phrases() -> None:
    spoken = {
        block["intent"]
        for path in NLU.rglob("*phrases.yml")
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]
        if "intent" in block
    }

    assert spoken == set(ANSWERS) - {"nlu_fallback"}


@pytest.mark.parametrize("path", sorted(NLU.rglob("*.yml")), ids=lambda path: str(path))
def test_no_file_of_the_language_holds_anything_rasa_would_not_read(path: Path) -> None:
    keys = set(yaml.safe_load(path.read_text(encoding="utf-8")))

    assert keys <= {
        "version", "nlu", "rules", "intents", "entities", "slots", "actions", "responses",
        "session_config",
    }  # fmt: skip
