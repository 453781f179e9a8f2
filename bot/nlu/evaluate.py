"""``python -m bot.nlu.evaluate FILE.csv``: how well phrases nobody trained on are understood.

The file has the columns text, intent and way. With ``--cross-validate`` the training phrases
are judged instead, each by a model that has not seen it.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.nlu.corpus import read_corpus
from bot.nlu.model import latest_model
from bot.nlu.parser import FALLBACK, Parser
from bot.nlu.province import known_names
from bot.nlu.train import Folders

OUT_OF_SCOPE = "out_of_scope"


@dataclass(frozen=True)
class Judged:
    """One phrase with the intent meant and the intent understood."""

    text: str
    intent: str
    way: str
    understood: str
    confidence: float

    @property
    def is_right(self) -> bool:
        """Return whether it counts: not understanding what is out of scope is right, too."""
        silent = self.intent == OUT_OF_SCOPE and self.understood == FALLBACK
        return self.understood == self.intent or silent


def judge(parser: Parser, rows: Iterable[dict[str, str]]) -> list[Judged]:
    """Understand every row of an evaluation file."""
    judged = []
    for row in rows:
        found = parser.parse(row["text"])
        way = row.get("way") or "all"
        judged.append(Judged(row["text"], row["intent"], way, found.intent, found.confidence))
    return judged


def cross_validated(folder: Path, folds: int = 5, threshold: float = 0.0) -> list[Judged]:
    """Judge the training phrases in ``folds`` stratified parts; held-out parts stay as written."""
    from sklearn.model_selection import StratifiedKFold

    from bot.nlu.fitting import SEED, fit_calibrated

    phrases = read_corpus(folder)
    known = list(known_names(Folders().province_dir))
    parts = StratifiedKFold(folds, shuffle=True, random_state=SEED % 1000)
    judged: list[Judged] = []
    for train, test in parts.split(phrases, [phrase.intent for phrase in phrases]):
        model = fit_calibrated([phrases[index] for index in train], known)
        parser = Parser(model, model.gazetteer, threshold)
        held_out = (phrases[index] for index in test)
        judged += judge(parser, ({"text": p.text, "intent": p.intent} for p in held_out))
    return judged


def report(judged: Sequence[Judged], worst: int = 15) -> str:
    """Return the tables: overall, by way, worst intents, confusions, thresholds."""
    lines = [f"phrases {len(judged)}   right {_share(judged):.1%}   {_out_of_scope(judged)}"]
    lines += _table("way", judged, lambda item: item.way, worst=99)
    lines += _table("intent", judged, lambda item: item.intent, worst=worst)
    confused = Counter((j.intent, j.understood) for j in judged if not j.is_right)
    lines += ["", "meant -> understood"]
    lines += [f"  {a} -> {b}: {count}" for (a, b), count in confused.most_common(worst)]
    lines += ["", "threshold  answered  right when answered"]
    for threshold in (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7):
        answered = [j for j in judged if j.confidence >= threshold and j.understood != FALLBACK]
        share = len(answered) / max(1, len(judged))
        lines.append(f"  {threshold:.1f}      {share:8.1%}  {_share(answered):.1%}")
    return "\n".join(lines)


def _share(judged: Sequence[Judged]) -> float:
    return sum(item.is_right for item in judged) / max(1, len(judged))


def _out_of_scope(judged: Sequence[Judged]) -> str:
    foreign = [item for item in judged if item.intent == OUT_OF_SCOPE]
    wrong = sum(not item.is_right for item in foreign)
    return f"out of scope answered with a topic {wrong}/{len(foreign)}"


def _table(
    title: str, judged: Sequence[Judged], key: Callable[[Judged], str], worst: int
) -> list[str]:
    groups: defaultdict[str, list[Judged]] = defaultdict(list)
    for item in judged:
        groups[key(item)].append(item)
    ordered = sorted(groups.items(), key=lambda pair: _share(pair[1]))[:worst]
    return ["", title] + [f"  {name:24} {_share(g):7.1%}  of {len(g)}" for name, g in ordered]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the report; exit status 1 when ``--least`` is not reached."""
    options_of = argparse.ArgumentParser(prog="python -m bot.nlu.evaluate", description=__doc__)
    options_of.add_argument("file", type=Path, nargs="?", help="CSV with text, intent, way")
    options_of.add_argument("--model", type=Path, help="model file; else the current one")
    options_of.add_argument("--cross-validate", action="store_true")
    options_of.add_argument("--least", type=float, default=0.0, help="share that must be right")
    options_of.add_argument("--mistakes", action="store_true", help="print each wrong phrase")
    options = options_of.parse_args(arguments)
    if options.cross_validate:
        judged = cross_validated(Path("data/nlu"))
    elif options.file and (model := options.model or latest_model(Folders())):
        with options.file.open(encoding="utf-8-sig", newline="") as file:
            judged = judge(Parser.open(model), csv.DictReader(file))
    else:
        options_of.error("give a CSV file (and train a model first), or --cross-validate")
    sys.stdout.write(report(judged) + "\n")
    if options.mistakes:
        for item in (item for item in judged if not item.is_right):
            understood = f"{item.understood} {item.confidence:.2f}"
            sys.stdout.write(f"{item.intent} <- {understood}  {item.text}\n")
    return 0 if _share(judged) >= options.least else 1


if __name__ == "__main__":
    sys.exit(main())
