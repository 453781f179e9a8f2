"""Judges a new model on phrases nobody trained on, before it may answer citizens.

A folder holds both: ``phrases.csv`` (text, intent, way) and ``floors.json``.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.nlu.parser import FALLBACK, Parser

PHRASES, FLOORS = "phrases.csv", "floors.json"
OUT_OF_SCOPE = "out_of_scope"
_CEILINGS = frozenset(("out_of_scope_with_a_topic",))  # here less is better


class BadEvaluation(Exception):
    """The phrases or floors cannot be read; the message names the file and the trouble."""


@dataclass(frozen=True)
class Judged:
    """One phrase with the intent meant and the intent understood.

    ``ranking`` holds intents and confidences, best first, as if nothing were refused.
    """

    text: str
    intent: str
    way: str
    understood: str
    confidence: float
    ranking: tuple[tuple[str, float], ...] = ()

    @property
    def is_right(self) -> bool:
        """Return whether it counts: not understanding what is out of scope is right, too."""
        silent = self.intent == OUT_OF_SCOPE and self.understood == FALLBACK
        return self.understood == self.intent or silent


@dataclass(frozen=True)
class Verdict:
    """How a model did. ``figures`` and ``floors`` are shares, ``failures`` the names below.

    ``unknown`` are floors this gate does not measure.
    """

    phrases: int
    figures: Mapping[str, float]
    floors: Mapping[str, float]
    failures: tuple[str, ...]
    unknown: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """Return one line for each figure, the broken ones marked."""
        return [
            f"  {name:28}{value:7.1%}   {'at most' if name in _CEILINGS else 'at least'} "
            f"{self.floors[name]:.1%}{'   NOT HELD' if name in self.failures else ''}"
            for name, value in self.figures.items()
        ]


def evaluation_in(folder: Path) -> bool:
    """Return whether a folder holds phrases and floors to judge by."""
    return (folder / PHRASES).is_file() and (folder / FLOORS).is_file()


def digest(folder: Path) -> str:
    """Return a name for phrases and floors as they are now; "" when there are none."""
    if not evaluation_in(folder):
        return ""
    content = b"".join((folder / name).read_bytes() for name in (PHRASES, FLOORS))
    return hashlib.sha256(content).hexdigest()[:12]


def examine(model: Path, folder: Path) -> Verdict | None:
    """Judge a model file; None when the folder holds nothing to judge by.

    Takes a second or two. Raises BadEvaluation.
    """
    if not evaluation_in(folder):
        return None
    floors, rows = _floors(folder / FLOORS), _rows(folder / PHRASES)
    return verdict(judge(Parser.open(model), rows), floors)


def judge(parser: Parser, rows: Iterable[dict[str, str]]) -> list[Judged]:
    """Understand every row of an evaluation file."""
    judged = []
    for row in rows:
        found = parser.parse(row["text"])
        way = row.get("way") or "all"
        ranking = tuple(
            (item["name"], item["confidence"])
            for item in found.ranking
            if item["name"] != FALLBACK
        )
        judged.append(
            Judged(row["text"], row["intent"], way, found.intent, found.confidence, ranking)
        )
    return judged


def verdict(judged: Sequence[Judged], floors: Mapping[str, float]) -> Verdict:
    """Compare what was understood with the floors."""
    known = [name for name in _MEASURES if name in floors]
    figures = {name: _MEASURES[name](judged) for name in known}
    failures = tuple(name for name in known if not _holds(name, figures[name], floors[name]))
    unknown = tuple(sorted(set(floors) - set(known)))
    return Verdict(len(judged), figures, floors, failures, unknown)


def _holds(name: str, figure: float, floor: float) -> bool:
    return figure <= floor if name in _CEILINGS else figure >= floor


def _floors(path: Path) -> dict[str, float]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return {str(name): float(value) for name, value in data.items() if _is_share(value)}
    except (OSError, ValueError, AttributeError) as error:
        raise BadEvaluation(f"{path} cannot be read: {error}") from error


def _is_share(value: object) -> bool:
    """Whether a floor is one number; floors by way or intent are for the tests."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, ValueError, csv.Error) as error:
        raise BadEvaluation(f"{path} cannot be read: {error}") from error
    if not rows or not {"text", "intent"} <= set(rows[0]):
        raise BadEvaluation(f"{path} must have the columns text and intent, and phrases")
    return rows


def _right(judged: Sequence[Judged]) -> float:
    return sum(item.is_right for item in judged) / max(1, len(judged))


def _worst_way(judged: Sequence[Judged]) -> float:
    ways: defaultdict[str, list[Judged]] = defaultdict(list)
    for item in judged:
        ways[item.way].append(item)
    return min((_right(group) for group in ways.values()), default=0.0)


def _out_of_scope_with_a_topic(judged: Sequence[Judged]) -> float:
    foreign = [item for item in judged if item.intent == OUT_OF_SCOPE]
    return 1.0 - _right(foreign) if foreign else 0.0


_MEASURES: Mapping[str, Callable[[Sequence[Judged]], float]] = {
    "all": _right,
    "each_way": _worst_way,
    "out_of_scope_with_a_topic": _out_of_scope_with_a_topic,
}
