"""Entities of a text in Rasa's shape, from the code grammar and the gazetteer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.nlu.gazetteer import Gazetteer
from bot.nlu.words import Word, codes_in


def entities_of(
    text: str, words: Sequence[Word], intent: str, gazetteer: Gazetteer
) -> list[dict[str, Any]]:
    """Return dicts with ``entity``, ``value``, ``start``, ``end`` in the order of the text.

    A dossier code's value is its written form; any other value is the text as typed.
    """
    found: list[dict[str, Any]] = [
        {"entity": "dossier_code", "start": start, "end": end, "value": code}
        for start, end, code in codes_in(text)
    ]
    for name in gazetteer.find(words, intent):
        if not any(item["start"] < name.end and name.start < item["end"] for item in found):
            value = text[name.start : name.end]
            found.append(
                {"entity": name.entity, "start": name.start, "end": name.end, "value": value}
            )
    return sorted(found, key=lambda item: int(item["start"]))
