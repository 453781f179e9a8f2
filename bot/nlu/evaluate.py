"""``python -m bot.nlu.evaluate FILE.csv ...``: how well phrases nobody trained on are understood.

A file has the columns text, intent and way. With ``--cross-validate`` the training phrases are
judged instead, each by a model that has not seen it.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path

from bot.core.vietnamese import fold_tokens
from bot.nlu.corpus import Phrase, read_corpus
from bot.nlu.figures import right
from bot.nlu.gate import Judged, judge
from bot.nlu.model import Folders, latest_model
from bot.nlu.parser import Parser
from bot.nlu.province import known_names
from bot.nlu.report import report, title_of, write_between_markers

TRAINED_ON = Path("data/nlu")


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


def judged_files(files: Sequence[Path], model: Path) -> dict[str, list[Judged]]:
    """Judge what is new in each file by a trained model; keys are the titles of the files."""
    parser = Parser.open(model)
    trained = read_corpus(TRAINED_ON)
    return {title_of(path): judge(parser, unseen(rows_of(path), trained)) for path in files}


def rows_of(path: Path) -> list[dict[str, str]]:
    """Return the rows of a file of phrases."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def unseen(rows: Sequence[dict[str, str]], trained: Sequence[Phrase]) -> list[dict[str, str]]:
    """Leave out what was trained on, marks and punctuation apart: two people both write "alo"."""
    known = {_same(phrase.text) for phrase in trained}
    return [row for row in rows if _same(row["text"]) not in known]


def _same(text: str) -> str:
    return " ".join(fold_tokens(text)) or text


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the report; exit status 1 when ``--least`` is not reached by every set."""
    options_of = argparse.ArgumentParser(prog="python -m bot.nlu.evaluate", description=__doc__)
    options_of.add_argument("files", type=Path, nargs="*", help="CSV with text, intent, way")
    options_of.add_argument("--model", type=Path, help="model file; else the current one")
    options_of.add_argument("--cross-validate", action="store_true")
    options_of.add_argument("--write", type=Path, help="page to write the tables into")
    options_of.add_argument("--least", type=float, default=0.0, help="share that must be right")
    options_of.add_argument("--mistakes", action="store_true", help="print each wrong phrase")
    options = options_of.parse_args(arguments)
    sets: Mapping[str, Sequence[Judged]]
    if options.cross_validate:
        sets = {"training phrases, held out": cross_validated(TRAINED_ON)}
        note = ""
    elif options.files and (model := options.model or latest_model(Folders())):
        sets = judged_files(options.files, model)
        note = _note(model, sum(len(rows_of(path)) for path in options.files), sets)
    else:
        options_of.error("give a CSV file (and train a model first), or --cross-validate")
    text = report(sets, note, examples_from=next(iter(sets)))
    sys.stdout.write(text + "\n")
    if options.mistakes:
        sys.stdout.write("\n".join(_wrong(sets)) + "\n")
    if options.write:
        write_between_markers(options.write, text)
    return 0 if all(right(judged) >= options.least for judged in sets.values()) else 1


def _note(model: Path, written: int, sets: Mapping[str, Sequence[Judged]]) -> str:
    count = len(read_corpus(TRAINED_ON))
    day = datetime.now(timezone.utc).date()
    left_out = written - sum(map(len, sets.values()))
    return (
        f"Written by `make nlu` on {day}: model `{model.name}`, {count:,} training phrases. "
        f"{left_out} of {written:,} phrases are left out because they occur in training, too."
    )


def _wrong(sets: Mapping[str, Sequence[Judged]]) -> list[str]:
    return [
        f"{item.intent} <- {item.understood} {item.confidence:.2f}  {item.text}"
        for judged in sets.values()
        for item in judged
        if not item.is_right
    ]


if __name__ == "__main__":
    sys.exit(main())
