"""Reads the training phrases as Rasa writes them, without Rasa."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

_ANNOTATION = re.compile(r'\[([^\]]+)\](?:\(([a-z_]+)\)|\{"entity":\s*"([a-z_]+)"[^}]*\})')


@dataclass(frozen=True)
class Phrase:
    """One training phrase; ``entities`` are ``(name, start, end)`` in ``text``."""

    text: str
    intent: str
    entities: tuple[tuple[str, int, int], ...] = ()


def read_corpus(folder: Path) -> list[Phrase]:
    """Return the phrases of every YAML file under ``folder``, in a stable order."""
    phrases: list[Phrase] = []
    for path in sorted(folder.rglob("*.yml")):
        data: Any = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        for block in data.get("nlu", ()):
            if "intent" in block:
                phrases.extend(_phrases(block["intent"], block["examples"]))
    return phrases


def _phrases(intent: str, examples: str) -> Iterator[Phrase]:
    for line in examples.splitlines():
        text = line.strip().removeprefix("-").strip()
        if text:
            yield _without_annotations(text, intent)


def _without_annotations(text: str, intent: str) -> Phrase:
    plain = ""
    entities: list[tuple[str, int, int]] = []
    position = 0
    for match in _ANNOTATION.finditer(text):
        plain += text[position : match.start()]
        start = len(plain)
        plain += match.group(1)
        entities.append((match.group(2) or match.group(3), start, len(plain)))
        position = match.end()
    return Phrase(plain + text[position:], intent, tuple(entities))
