"""``python -m tests.benchmarks.parse``: how long understanding one text takes, in process.

Prints milliseconds of processor time (a busy machine does not count) for the held-out phrases
and for texts at the length cap, the seconds to open the model, and the size of its file.
"""

from __future__ import annotations

import csv
import statistics
import time
from pathlib import Path

from bot.nlu.model import Folders, latest_model
from bot.nlu.parser import Parser
from bot.nlu.words import LONGEST_TEXT

FILES = (Path("tests/nlu/phrases.csv"), Path("tests/nlu/second_author.csv"))
ROUNDS = 3


def texts() -> list[str]:
    found = []
    for path in FILES:
        if path.exists():
            with path.open(encoding="utf-8-sig", newline="") as file:
                found += [row["text"] for row in csv.DictReader(file)]
    return found


def milliseconds(parser: Parser, phrases: list[str]) -> list[float]:
    spent = []
    for text in phrases:
        started = time.process_time()
        parser.parse(text)
        spent.append((time.process_time() - started) * 1000)
    return spent


def main() -> None:
    model = latest_model(Folders())
    if model is None:
        raise SystemExit("no model: run `make train`")
    started = time.perf_counter()
    parser = Parser.open(model)
    opened = time.perf_counter() - started
    phrases = texts()
    milliseconds(parser, phrases[:50])
    spent = sorted(ms for _ in range(ROUNDS) for ms in milliseconds(parser, phrases))
    longest = max(milliseconds(parser, ["".join((text + " ") * 2000) for text in phrases[:20]]))
    print(f"{model.name}: {model.stat().st_size / 1e6:.1f} MB, opened in {opened:.1f} s")
    print(f"{len(phrases)} phrases, {ROUNDS} rounds: p50 {statistics.median(spent):.2f} ms, "
          f"p95 {spent[int(len(spent) * 0.95)]:.2f} ms, worst {spent[-1]:.1f} ms")  # fmt: skip
    print(f"texts longer than the cap of {LONGEST_TEXT} characters: worst {longest:.1f} ms")


if __name__ == "__main__":
    main()
