"""The intent model as it is used: a weighted sum of known features, nothing else to load."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from bot.nlu.clauses import clauses_of
from bot.nlu.features import BLOCKS, features_of
from bot.nlu.gazetteer import Gazetteer
from bot.nlu.rows import Rows
from bot.nlu.words import Word

_FILE = "intents.npz"
STORY = 12  # words; shorter texts are one clause or two equal ones
SAY_OF_CLAUSES = 0.1  # more makes stories too unsure of themselves (docs/adr/0009)


@dataclass(frozen=True)
class Training:
    """How to train; the defaults were chosen by cross-validation (docs/adr/0009)."""

    strength: float = 0.5  # of the evidence against simplicity (C of the linear SVM)
    copies: int = 1  # misspelt copies of each phrase
    share_of_copies: float = 0.3  # what a copy counts beside its phrase
    parts: int = 3  # each is scored by a fit on the others, to set the confidences


DEFAULT = Training()


@dataclass(frozen=True)
class Calibration:
    """``confidences = softmax((scores @ mixing + shift) * words ** growth)``.

    ``mixing`` is intents x intents, ``shift`` has one entry for each intent.
    """

    mixing: Any
    shift: Any
    growth: float


@dataclass(frozen=True)
class IntentModel:
    """A linear model, one column of weights for each intent.

    ``rows`` gives each block's features their row in ``weights`` (float16 once loaded, rows x
    intents) and ``idf`` (float32, rows). Scores are multiplied by ``words ** growth`` before they
    become confidences: more words are more evidence. ``gazetteer`` tags known names, which are
    features of their own.
    """

    intents: tuple[str, ...]
    rows: Mapping[str, Rows]
    idf: Any
    weights: Any
    bias: Any
    gazetteer: Gazetteer
    growth: float = 0.0

    def rank(self, words: Sequence[Word]) -> list[tuple[str, float]]:
        """Return all intents with their confidences, best first; they sum to one.

        In a long text the clauses have a say of their own, the last one most: a request hides in
        one of them.
        """
        confidences = self._confidences(words)
        clauses = clauses_of(words) if len(words) >= STORY else []
        if len(clauses) > 1:
            each = np.stack([self._confidences(clause) for clause in clauses])
            heard = (each[-1] + each.mean(axis=0)) / 2
            confidences = (1 - SAY_OF_CLAUSES) * confidences + SAY_OF_CLAUSES * heard
        order = np.argsort(-confidences, kind="stable")
        return [(self.intents[i], float(confidences[i])) for i in order]

    def _confidences(self, words: Sequence[Word]) -> Any:
        scores = self.scores(words) * len(words) ** self.growth
        odds = np.exp(scores - scores.max())
        return odds / odds.sum()

    def scores(self, words: Sequence[Word]) -> Any:
        """Return the raw score of each intent, in the order of ``intents``."""
        total = self.bias.copy()
        found = features_of(words, self.gazetteer.tagged(words))
        for block in BLOCKS:
            rows, values = self._block(block, found[block])
            if len(rows):
                total += values @ self.weights[rows].astype(np.float32)
        return total

    def _block(self, block: str, found: Sequence[str]) -> tuple[Any, Any]:
        counts = Counter(found)
        known, rows = self.rows[block].find(counts)
        values = np.fromiter(
            (1.0 + math.log(count) for count in counts.values()), np.float32, len(counts)
        )[known]
        values *= self.idf[rows]
        length = float(np.sqrt((values * values).sum()))
        return rows, values / length if length else values

    def calibrated(self, calibration: Calibration) -> IntentModel:
        """Return the model whose confidences are those of ``calibration``; as fast as before."""
        return replace(
            self,
            weights=self.weights @ calibration.mixing,
            bias=self.bias @ calibration.mixing + calibration.shift,
            growth=calibration.growth,
        )

    def save(self, folder: Path) -> None:
        """Write arrays and names; no code is stored."""
        known = {f"keys_{block}": self.rows[block].keys for block in BLOCKS}
        known.update({f"places_{block}": self.rows[block].places for block in BLOCKS})
        np.savez_compressed(
            folder / _FILE,
            intents=np.array(self.intents),
            idf=self.idf,
            weights=self.weights.astype(np.float16),
            bias=self.bias,
            growth=np.float32(self.growth),
            **known,
        )
        self.gazetteer.save(folder)

    @classmethod
    def load(cls, folder: Path) -> IntentModel:
        """Read what ``save`` wrote.

        Raises FileNotFoundError when nothing was trained, KeyError when it is of an older make.
        """
        with np.load(folder / _FILE, allow_pickle=False) as data:
            growth = float(data["growth"])
            rows = {
                block: Rows(data[f"keys_{block}"], data[f"places_{block}"]) for block in BLOCKS
            }
            return cls(
                tuple(data["intents"].tolist()),
                rows,
                data["idf"],
                data["weights"],
                data["bias"],
                Gazetteer.load(folder),
                growth,
            )
