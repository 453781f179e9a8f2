"""Confidences mean what they say."""

from __future__ import annotations

import numpy as np
import pytest

from bot.nlu.calibration import learn_calibration
from bot.nlu.intent_model import Calibration

INTENTS = 4


def confidences(scores: np.ndarray, lengths: np.ndarray, how: Calibration) -> np.ndarray:
    logits = (scores @ how.mixing + how.shift) * (lengths**how.growth)[:, None]
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)


def drawn(count: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return scores that are right as often as they say when multiplied by three."""
    random = np.random.default_rng(seed)
    scores = random.normal(size=(count, INTENTS))
    chances = confidences(scores, np.ones(count), Calibration(np.eye(INTENTS) * 3, 0.0, 0.0))
    right = np.array([random.choice(INTENTS, p=chance) for chance in chances])
    return scores, right, random.integers(1, 20, size=count)


def test_scores_that_are_too_low_are_raised() -> None:
    how = learn_calibration(*drawn(3000, seed=1))
    scores, right, lengths = drawn(3000, seed=2)

    found = confidences(scores, lengths, how)

    sure = found.max(axis=1) > 0.8
    assert (found.argmax(axis=1) == right)[sure].mean() == pytest.approx(
        found.max(axis=1)[sure].mean(), abs=0.03
    )


def test_an_intent_that_scores_too_high_is_held_back() -> None:
    scores, right, lengths = drawn(3000, seed=3)
    scores[:, 0] += 1.0

    how = learn_calibration(scores, right, lengths)

    named = confidences(scores, lengths, how).mean(axis=0)
    assert named[0] == pytest.approx((right == 0).mean(), abs=0.02)


def test_nothing_to_learn_from_gives_no_false_certainty() -> None:
    scores = np.zeros((4, INTENTS))

    how = learn_calibration(scores, np.arange(INTENTS), np.ones(4))

    assert confidences(scores, np.ones(4), how) == pytest.approx(0.25, abs=0.01)
