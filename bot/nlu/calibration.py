"""Makes confidences mean what they say: of the texts given 0.8, eight in ten are understood.

Scores of a linear model are no probabilities: some intents score high too easily, some are
mistaken for each other, and a long text is surer than its score. All three are learnt from
phrases the scoring model had not seen.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import minimize

from bot.nlu.intent_model import Calibration

# How many texts it takes to believe in a departure from one temperature for all. Which of these
# is right differs from data to data, so it is tried on the texts themselves (docs/adr/0009).
HOLDS = (1.0, 3.0, 9.0, 18.0, 36.0)
USUAL_HOLD = 18.0
_FEW = 500  # texts; so few cannot tell which is right
_TEMPERATURES = np.geomspace(0.02, 5.0, 80)


def learn_calibration(scores: Any, right: Any, lengths: Any) -> Calibration:
    """Return what makes the right intents of unseen texts most likely.

    ``scores`` is texts x intents, ``right`` the index of each text's intent, ``lengths`` its
    number of words. It starts from one temperature for all and departs from it only as far as
    the texts give reason to.
    """
    half = np.arange(len(right)) % 2

    def doubt(hold: float) -> float:
        """Return the log loss on each half of what is learnt from the other."""
        total = 0.0
        for part in (0, 1):
            known, asked = half != part, half == part
            learnt = learn_held(scores[known], right[known], lengths[known], hold)
            total += _log_loss(learnt, scores[asked], right[asked], lengths[asked])
        return total

    hold = min(HOLDS, key=doubt) if len(right) >= _FEW else USUAL_HOLD
    return learn_held(scores, right, lengths, hold)


def learn_held(scores: Any, right: Any, lengths: Any, hold: float) -> Calibration:
    """Return the calibration that departs from one temperature at the price ``hold``."""
    count = scores.shape[1]
    temperature = _temperature(scores, right)
    cold = scores / temperature
    middle, spread = cold.mean(axis=0), float(cold.std()) or 1.0
    problem = _Problem(cold, (cold - middle) / spread, np.log(lengths), right, hold)
    start = np.zeros(2 + count * count + count)
    start[0] = 1.0
    found = minimize(problem.loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 200}).x
    slope, growth, mixing, shift = problem.parts(found)
    # Everything before the length is linear in the scores, so it becomes one matrix.
    whole = (np.eye(count) * slope + mixing / spread) / temperature
    fixed = shift - (middle / spread) @ mixing
    sharp = np.exp(-growth * problem.middle_length)
    return Calibration(
        (whole * sharp).astype(np.float32), (fixed * sharp).astype(np.float32), float(growth)
    )


class _Problem:
    """The loss of a calibration on unseen texts, with its gradient."""

    def __init__(self, cold: Any, centred: Any, lengths: Any, right: Any, hold: float) -> None:
        self._cold = cold
        self._centred = centred
        self.middle_length = float(lengths.mean())
        self._lengths = lengths - self.middle_length
        self._right = right
        self._hold = hold / len(right)

    def parts(self, point: Any) -> tuple[float, float, Any, Any]:
        """Split a point of the search into slope, growth, mixing and shift."""
        count = self._cold.shape[1]
        mixing = point[2 : 2 + count * count].reshape(count, count)
        return float(point[0]), float(point[1]), mixing, point[2 + count * count :]

    def loss(self, point: Any) -> tuple[float, Any]:
        """Return the mean log loss with the price of departing, and the gradient."""
        slope, growth, mixing, shift = self.parts(point)
        total = self._cold * slope + self._centred @ mixing + shift
        sharp = np.exp(growth * self._lengths)[:, None]
        rows = np.arange(len(self._right))
        logits = total * sharp
        logits -= logits.max(axis=1, keepdims=True)
        odds = np.exp(logits)
        sums = odds.sum(axis=1, keepdims=True)
        loss = float((np.log(sums[:, 0]) - logits[rows, self._right]).mean())
        error = odds / sums
        error[rows, self._right] -= 1.0
        error /= len(rows)
        scaled = error * sharp
        steps = (
            [(scaled * self._cold).sum() + 2 * self._hold * (slope - 1.0)],
            [
                ((error * total * sharp).sum(axis=1) * self._lengths).sum()
                + 2 * self._hold * growth
            ],
            (self._centred.T @ scaled + 2 * self._hold * mixing).ravel(),
            scaled.sum(axis=0) + 0.2 * self._hold * shift,
        )
        far = (mixing**2).sum() + 0.1 * (shift**2).sum() + (slope - 1.0) ** 2 + growth**2
        return loss + self._hold * float(far), np.concatenate(steps)


def _log_loss(learnt: Calibration, scores: Any, right: Any, lengths: Any) -> float:
    """Return the sum over the texts."""
    logits = (scores @ learnt.mixing + learnt.shift) * lengths[:, None] ** learnt.growth
    logits -= logits.max(axis=1, keepdims=True)
    sums = np.log(np.exp(logits).sum(axis=1))
    return float((sums - logits[np.arange(len(right)), right]).sum())


def _temperature(scores: Any, right: Any) -> float:
    rows = np.arange(len(right))

    def loss(temperature: float) -> float:
        scaled = scores / temperature
        scaled = scaled - scaled.max(axis=1, keepdims=True)
        log_sum = np.log(np.exp(scaled).sum(axis=1))
        return float((log_sum - scaled[rows, right]).mean())

    return float(min(_TEMPERATURES, key=loss))
