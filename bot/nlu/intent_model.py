"""The intent model as it is used: a weighted sum of known features, nothing else to load."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bot.nlu.features import BLOCKS, features_of
from bot.nlu.gazetteer import Gazetteer
from bot.nlu.words import Word

_FILE = "intents.npz"


@dataclass(frozen=True)
class IntentModel:
    """A linear model, one column of weights for each intent.

    ``rows`` gives each block's features their row in ``weights`` (float32, rows x intents) and
    ``idf`` (float32, rows). Scores are divided by ``temperature`` before they become confidences.
    ``gazetteer`` tags known names, which are features of their own.
    """

    intents: tuple[str, ...]
    rows: Mapping[str, Mapping[str, int]]
    idf: Any
    weights: Any
    bias: Any
    gazetteer: Gazetteer
    temperature: float = 1.0

    def rank(self, words: Sequence[Word]) -> list[tuple[str, float]]:
        """Return all intents with their confidences, best first; they sum to one."""
        scores = self.scores(words) / self.temperature
        odds = np.exp(scores - scores.max())
        confidences = odds / odds.sum()
        order = np.argsort(-confidences, kind="stable")
        return [(self.intents[i], float(confidences[i])) for i in order]

    def scores(self, words: Sequence[Word]) -> Any:
        """Return the raw score of each intent, in the order of ``intents``."""
        total = self.bias.copy()
        found = features_of(words, self.gazetteer.tagged(words))
        for block in BLOCKS:
            rows, values = self._block(block, found[block])
            if len(rows):
                total += values @ self.weights[rows]
        return total

    def _block(self, block: str, found: Sequence[str]) -> tuple[Any, Any]:
        known = self.rows[block]
        counts = Counter(known[feature] for feature in found if feature in known)
        rows = np.fromiter(counts.keys(), dtype=np.int64, count=len(counts))
        values = np.fromiter(
            (1.0 + math.log(count) for count in counts.values()), np.float32, len(counts)
        )
        values *= self.idf[rows]
        length = float(np.sqrt((values * values).sum()))
        return rows, values / length if length else values

    def save(self, folder: Path) -> None:
        """Write arrays and names; no code is stored."""
        names = {f"rows_{block}": np.array(list(self.rows[block])) for block in BLOCKS}
        np.savez_compressed(
            folder / _FILE,
            intents=np.array(self.intents),
            idf=self.idf,
            weights=self.weights.astype(np.float16),
            bias=self.bias,
            temperature=np.float32(self.temperature),
            **names,
        )
        self.gazetteer.save(folder)

    @classmethod
    def load(cls, folder: Path) -> IntentModel:
        """Read what ``save`` wrote. Raises FileNotFoundError when nothing was trained."""
        with np.load(folder / _FILE, allow_pickle=False) as data:
            rows: dict[str, dict[str, int]] = {}
            first = 0
            for block in BLOCKS:
                names = data[f"rows_{block}"].tolist()
                rows[block] = {name: first + index for index, name in enumerate(names)}
                first += len(names)
            return cls(
                tuple(data["intents"].tolist()),
                rows,
                data["idf"],
                data["weights"].astype(np.float32),
                data["bias"],
                Gazetteer.load(folder),
                float(data["temperature"]),
            )
