"""Ten thousand hostile pictures through the photo reader: what came of them.

    python -m tests.benchmarks.hostile_photos [--pictures 10000] [--first 0]

Ends with 1 when a picture gave a wrong code, took longer than allowed, left a file open, or the
helper outgrew its memory; and when a good picture between them was not read.
"""

from __future__ import annotations

import argparse
import re
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from tqdm import tqdm

from bot.core.errors import PhotoError, PhotoUnavailable
from bot.qr.draw import draw_png
from bot.qr.helper import MEMORY
from bot.qr.reader import PATIENCE, PATIENCE_HEIF, PhotoReader
from tests.hostile_pictures import CODE, hostile_picture

_EVERY = 100  # pictures between two looks at a good one
_RESTART = 2.0  # seconds to kill a helper and start the next, on a busy machine
_PEAK = re.compile(r"^VmPeak:\s+(\d+) kB", re.MULTILINE)


@dataclass
class Outcome:
    """What came of a corpus; ``times`` in milliseconds, ``peak`` in bytes of address space."""

    answers: Counter[str] = field(default_factory=Counter)
    by_kind: dict[str, Counter[str]] = field(default_factory=dict)
    times: list[float] = field(default_factory=list)
    peak: int = 0
    restarts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


def run(numbers: Iterable[int]) -> Outcome:
    """Read the hostile pictures of these numbers and note everything that should not be."""
    outcome = Outcome()
    with closing(PhotoReader()) as reader:
        for number in numbers:
            if number % _EVERY == 0 and not _still_reads(reader):
                outcome.faults.append(f"{number}: a good picture was not read afterwards")
            _try(reader, number, outcome)
        if not _still_reads(reader):
            outcome.faults.append("a good picture was not read at the end")
    return outcome


def _try(reader: PhotoReader, number: int, outcome: Outcome) -> None:
    kind, data = hostile_picture(number)
    before, started = reader.helper_pid, time.perf_counter()
    try:
        codes = {code.value for code in reader.read(data).codes}
        answer = "read" if codes else "nothing read"
        if not codes <= {CODE}:
            outcome.faults.append(f"{number} {kind}: wrong code")
    except PhotoError as error:
        answer = type(error).__name__
    took = time.perf_counter() - started
    outcome.times.append(took * 1000)
    outcome.answers[answer] += 1
    outcome.by_kind.setdefault(kind.split(":")[0], Counter())[answer] += 1
    if (
        took
        > (PATIENCE_HEIF if kind.startswith(("heif", "avif", "bomb")) else PATIENCE) + _RESTART
    ):
        outcome.faults.append(f"{number} {kind}: {took:.1f} s")
    if reader.helper_pid != before:
        outcome.restarts[kind] += before is not None
    _look_at_helper(reader, outcome, f"{number} {kind}")


def _look_at_helper(reader: PhotoReader, outcome: Outcome, name: str) -> None:
    folder = Path(f"/proc/{reader.helper_pid}")
    try:
        found = _PEAK.search((folder / "status").read_text())
        opened = [str(handle.readlink()) for handle in (folder / "fd").iterdir()]
    except OSError:  # it is just starting, or ending
        return
    outcome.peak = max(outcome.peak, int(found.group(1)) * 1024 if found else 0)
    if files := [path for path in opened if path.startswith("/") and path != "/dev/null"]:
        outcome.faults.append(f"{name}: open files {len(files)}")


def _still_reads(reader: PhotoReader) -> bool:
    good = draw_png(CODE)
    for _ in range(5):  # the machine may be busy with starting a helper
        try:
            return [code.value for code in reader.read(good).codes] == [CODE]
        except PhotoUnavailable:
            continue
    return False


def main() -> int:
    """Print what came of the corpus."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0)
    options = parser.parse_args()
    numbers = range(options.first, options.first + options.pictures)
    outcome = run(tqdm(numbers, disable=not sys.stderr.isatty()))
    times = sorted(outcome.times)
    print(f"pictures {len(times)}, helper restarts {dict(+outcome.restarts)}")
    print(f"answers {dict(outcome.answers)}")
    for kind, answers in sorted(outcome.by_kind.items()):
        print(f"  {kind:<6}{sum(answers.values()):>6}  {dict(answers)}")
    print(
        f"ms: median {statistics.median(times):.1f}, p99 {times[int(len(times) * 0.99)]:.0f}, "
        f"longest {times[-1]:.0f}"
    )
    print(f"helper's address space at most {outcome.peak >> 20} MiB of {MEMORY >> 20}")
    for fault in outcome.faults[:50]:
        print("FAULT", fault)
    return 1 if outcome.faults else 0


if __name__ == "__main__":
    sys.exit(main())
