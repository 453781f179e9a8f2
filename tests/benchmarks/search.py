"""How fast a procedure is found, among the demo's 119 and among 12,000, and how often rightly.

    python -m tests.benchmarks.search [--rows 12000]

``first`` is the older gold file, ``second`` the later one: its half ``dev`` was looked at while
the search was improved, its half ``test`` was not. The large catalogue is the demo's own rows and
generated ones of other fields (catalogue.yml), the same at every run. Absent matters are not
counted there: some of them are in it. Processor time is what to compare on a busy machine.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import random
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml
from tqdm import tqdm

from bot.registry.build import build, import_procedures
from bot.registry.read import Registry

PROVINCE = Path("data/province")
PARTS = Path(__file__).with_name("catalogue.yml")
GOLD = (Path("tests/nlu/gold_procedures.csv"), Path("tests/nlu/gold_second.csv"))
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=timezone.utc)  # any day; it is only noted in the file
_SEED = 12
_FIRST_CODE = 3_600_000  # far from every code in use
_SHOWN = 3


@dataclass(frozen=True)
class Asked:
    """One gold query; no ``codes`` when the demo's list does not hold the matter."""

    query: str
    codes: frozenset[str]


@dataclass
class Score:
    """What some gold queries gave on one catalogue; ``times`` in milliseconds."""

    held: int = 0
    first: int = 0
    third: int = 0
    absent: int = 0
    answered: int = 0
    times: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)  # of the processor, without waiting for it

    def __add__(self, other: Score) -> Score:
        """Return both together."""
        return Score(
            self.held + other.held,
            self.first + other.first,
            self.third + other.third,
            self.absent + other.absent,
            self.answered + other.answered,
            self.times + other.times,
            self.busy + other.busy,
        )


def gold(path: Path, part: str = "") -> list[Asked]:
    """Return the queries of a gold file, of one ``part`` when given."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if not part or row["part"] == part]
    return [Asked(row["query"], frozenset(row["codes"].replace(";", " ").split())) for row in rows]


def measure(registry: Registry, queries: Sequence[Asked], label: str = "") -> Score:
    """Ask every query once and count."""
    score = Score()
    for asked in tqdm(queries, desc=label, leave=False, disable=not label):
        started, began = time.perf_counter(), time.process_time()
        matches = registry.search(asked.query, _SHOWN)
        score.busy.append((time.process_time() - began) * 1000)
        score.times.append((time.perf_counter() - started) * 1000)
        found = [match.procedure.code for match in matches]
        if asked.codes:
            score.held += 1
            score.first += not asked.codes.isdisjoint(found[:1])
            score.third += not asked.codes.isdisjoint(found)
        else:
            score.absent += 1
            score.answered += bool(found)
    return score


def generated(count: int) -> list[tuple[str, str, str]]:
    """Return ``count`` rows (code, name, field), no name twice, the same at every run."""
    parts = yaml.safe_load(PARTS.read_text(encoding="utf-8"))
    objects = [(thing, where) for where, things in parts["objects"].items() for thing in things]
    every = list(itertools.product(parts["actions"], objects, parts["targets"]))
    if count > len(every):
        raise SystemExit(f"the parts make {len(every)} names, {count} were asked for")
    drawn = random.Random(_SEED).sample(every, count)
    return [
        (_code(number), f"{action} {thing} {target}".strip(), where)
        for number, (action, (thing, where), target) in enumerate(drawn)
    ]


def _code(number: int) -> str:
    digits = str(_FIRST_CODE + number)
    return f"{digits[0]}.{digits[1:]}"


def large_registry(folder: Path, rows: int) -> Path:
    """Build the demo's registry and import generated rows until it holds ``rows``."""
    target = folder / "large.db"
    held = build(PROVINCE, target, NOW).kept["procedures.csv"]
    source = folder / "generated.csv"
    with source.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("code", "name_vi", "field_vi"))
        writer.writerows(generated(rows - held))
    with tqdm(desc="index", leave=False) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        import_procedures(source, target, NOW, progress=progress)
    return target


def lines(name: str, registry: Registry, *, with_absent: bool) -> Iterator[str]:
    """Yield the rows of the table for one catalogue."""
    first, second = GOLD
    sets = {"first": gold(first), **{part: gold(second, part) for part in ("dev", "test")}}
    scores = {
        part: measure(registry, queries, f"{name}, {part}") for part, queries in sets.items()
    }
    scores["second"] = scores["dev"] + scores["test"]
    for part, score in scores.items():
        wrong = f"{score.answered / score.absent:>9.1%}" if with_absent else f"{'-':>9}"
        yield (
            f"{name:<14}{part:<8}{score.held:>6}{score.first / score.held:>8.1%}"
            f"{score.third / score.held:>8.1%}{score.absent:>8}{wrong}"
        )
    both = scores["first"] + scores["second"]
    yield f"{name:<14}ms a query: {_spread(both.times)}; of processor time: {_spread(both.busy)}"


def _spread(times: Sequence[float]) -> str:
    ordered = sorted(times)
    late = ordered[int(len(ordered) * 0.95)]
    return f"p50 {statistics.median(ordered):.1f}, p95 {late:.1f}, max {ordered[-1]:.1f}"


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=12_000, help="rows of the large catalogue")
    options = parser.parse_args()
    print(
        f"{'catalogue':<14}{'gold':<8}{'held':>6}{'first':>8}{'in 3':>8}{'absent':>8}"
        f"{'answered':>9}"
    )
    with TemporaryDirectory(prefix="motcua-search-") as folder:
        demo = Path(folder) / "demo.db"
        build(PROVINCE, demo, NOW)
        large = large_registry(Path(folder), options.rows)
        for path, name in ((demo, "demo"), (large, f"{options.rows:,} rows")):
            registry = Registry(path)
            registry.search("khai sinh")  # the small tables are read at the first call
            for line in lines(name, registry, with_absent=path == demo):
                tqdm.write(line)
            registry.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
