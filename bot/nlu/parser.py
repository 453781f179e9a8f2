"""Understands a text with the trained model alone: starts in a second, without Rasa.

Same model file, same parts, same answers as the Rasa pipeline (kept by a test).
"""

from __future__ import annotations

import json
import tarfile
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bot.core.conversation.payloads import parse_payload
from bot.nlu.entities import entities_of
from bot.nlu.gazetteer import Gazetteer
from bot.nlu.intent_model import IntentModel
from bot.nlu.words import words_of

FALLBACK = "nlu_fallback"
_RANKING_LENGTH = 10


@dataclass(frozen=True)
class Understood:
    """What a text means. ``ranking`` holds ``{"name", "confidence"}``, best first.

    ``entities`` hold ``entity``, ``value``, ``start``, ``end`` (offsets in ``text``).
    """

    text: str
    intent: str
    confidence: float
    ranking: list[dict[str, Any]]
    entities: list[dict[str, Any]]

    def as_json(self) -> str:
        """Return one line of JSON."""
        return json.dumps(asdict(self), ensure_ascii=False)


class Parser:
    """The understanding part of a trained model."""

    def __init__(self, model: IntentModel, gazetteer: Gazetteer, threshold: float) -> None:
        self._model = model
        self._gazetteer = gazetteer
        self._threshold = threshold

    @classmethod
    def open(cls, model_path: Path) -> Parser:
        """Read a model file. Raises FileNotFoundError or KeyError when it is not one of ours."""
        with tempfile.TemporaryDirectory() as folder, tarfile.open(model_path) as archive:
            parts = ("intents.npz", "gazetteer.json", "metadata.json")
            for member in archive.getmembers():
                name = Path(member.name).name
                content = archive.extractfile(member) if name in parts else None
                if content:
                    Path(folder, name).write_bytes(content.read())
            here = Path(folder)
            metadata = json.loads((here / "metadata.json").read_text(encoding="utf-8"))
            return cls(IntentModel.load(here), Gazetteer.load(here), _threshold(metadata))

    def parse(self, text: str) -> Understood:
        """Return what ``text`` means; nothing understood is the intent ``nlu_fallback``."""
        payload = parse_payload(text.strip())
        if payload:
            found = [
                {"entity": item.name, "value": item.value, "start": 0, "end": len(text)}
                for item in payload.entities
            ]
            sure = [{"name": payload.intent, "confidence": 1.0}]
            return Understood(text, payload.intent, 1.0, sure, found)
        words = words_of(text)
        ranked = self._model.rank(words) if words else []
        ranking = [{"name": name, "confidence": sure} for name, sure in ranked[:_RANKING_LENGTH]]
        top, confidence = ranked[0] if ranked else ("", 0.0)
        entities = entities_of(text, words, top, self._gazetteer)
        if confidence < self._threshold:
            top, confidence = FALLBACK, self._threshold
            ranking.insert(0, {"name": top, "confidence": confidence})
        return Understood(text, top, confidence, ranking, entities)


def _threshold(metadata: dict[str, Any]) -> float:
    nodes = metadata["predict_schema"]["nodes"]
    name = next(name for name in nodes if "FallbackClassifier" in name)
    return float(nodes[name]["config"]["threshold"])
