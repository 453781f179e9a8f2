"""How well phrases were understood: shares, ranks, refusals, honesty of confidences."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.nlu.gate import OUT_OF_SCOPE, Judged
from bot.nlu.parser import FALLBACK

BANDS = (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)
_LEAST = 1e-6  # a right intent that is not ranked at all costs this much, not infinitely much


@dataclass(frozen=True)
class Band:
    """The phrases whose first guess has a confidence in ``low`` to ``high``; shares of them."""

    low: float
    high: float
    phrases: int
    confidence: float
    right: float
    in_two: float
    in_three: float


@dataclass(frozen=True)
class Confusion:
    """``count`` phrases of one intent were understood as another."""

    meant: str
    understood: str
    count: int


def right(judged: Sequence[Judged]) -> float:
    """Return the share understood; refusing counts as wrong, except out of scope."""
    return _share(judged, lambda item: item.is_right)


def among_first(judged: Sequence[Judged], places: int) -> float:
    """Return the share whose intent is among the first guesses, refused or not."""
    return _share(judged, lambda item: item.intent in _names(item, places))


def refused_wrongly(judged: Sequence[Judged]) -> float:
    """Return the share of phrases in scope that are refused or called out of scope."""
    refusals = (OUT_OF_SCOPE, FALLBACK)
    return _share(_scope(judged, inside=True), lambda item: item.understood in refusals)


def answered_wrongly(judged: Sequence[Judged]) -> float:
    """Return the share of phrases out of scope that are answered with a topic."""
    return _share(_scope(judged, inside=False), lambda item: not item.is_right)


def log_loss(judged: Sequence[Judged]) -> float:
    """Return the mean surprise at the right intent, in nats; 0 is certainty, never wrong."""
    costs = (-math.log(max(_LEAST, dict(item.ranking).get(item.intent, 0.0))) for item in judged)
    return sum(costs) / max(1, len(judged))


def calibration_error(judged: Sequence[Judged]) -> float:
    """Return by how much confidence and share right differ, band by band, weighted (0-1)."""
    return sum(
        band.phrases * abs(band.confidence - band.right) for band in reliability(judged)
    ) / max(1, len(judged))


def reliability(judged: Sequence[Judged]) -> list[Band]:
    """Return the bands of confidence that hold phrases, lowest first."""
    bands = []
    for low, high in zip(BANDS, BANDS[1:], strict=False):
        inside = [
            item
            for item in judged
            if item.ranking
            and (low <= item.ranking[0][1] < high or item.ranking[0][1] == high == 1)
        ]
        if inside:
            mean = sum(item.ranking[0][1] for item in inside) / len(inside)
            firsts = (among_first(inside, places) for places in (1, 2, 3))
            bands.append(Band(low, high, len(inside), mean, *firsts))
    return bands


def confusions(judged: Sequence[Judged], most: int) -> list[Confusion]:
    """Return the most frequent mistakes."""
    pairs = Counter((item.intent, item.understood) for item in judged if not item.is_right)
    ordered = sorted(pairs.items(), key=lambda pair: (-pair[1], pair[0]))
    return [Confusion(meant, got, count) for (meant, got), count in ordered[:most]]


def grouped(
    judged: Sequence[Judged], key: Callable[[Judged], str]
) -> Mapping[str, Sequence[Judged]]:
    """Return the phrases by way of writing, by intent, or by what else ``key`` says."""
    groups: defaultdict[str, list[Judged]] = defaultdict(list)
    for item in judged:
        groups[key(item)].append(item)
    return groups


def _names(item: Judged, places: int) -> list[str]:
    return [name for name, _ in item.ranking[:places]]


def _scope(judged: Sequence[Judged], *, inside: bool) -> list[Judged]:
    return [item for item in judged if (item.intent != OUT_OF_SCOPE) is inside]


def _share(judged: Sequence[Judged], holds: Callable[[Judged], bool]) -> float:
    return sum(map(holds, judged)) / max(1, len(judged))
