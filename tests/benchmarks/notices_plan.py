"""How long it takes to write down who gets a notice, and how much memory.

A fresh process begins and plans an approved notice as the worker does, on a durable store; another
one wrote the crowd before.

usage: python -m tests.benchmarks.notices_plan [--recipients 1000000] [--engine postgresql]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tqdm import tqdm

from bot.core.announcements.announcement import Announcement
from bot.core.notices.notice import Urgency
from bot.core.work.notice_lane import NoticeLane
from bot.store import Store, open_store
from tests.benchmarks.table import print_table
from tests.contract.notice_builders import a_notice, again, planned, render
from tests.crowd import gather, utc_now
from tests.desk_process import ROOT, peak_of
from tests.postgresql import binaries, private_server

MOST_SECONDS, MOST_MIB = 60.0, 300.0  # for a million


@dataclass
class Shown:
    """Planning with a progress bar."""

    store: Store

    def resume(self, announcement: Announcement, now: datetime) -> Iterator[object]:
        """Write rows for the recipients, batch by batch."""
        with tqdm(unit="row", desc="planned") as bar:
            for progress in self.store.notices.resume(announcement, now):
                bar.total = progress.total
                bar.update(progress.done - bar.n)
                yield progress


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; exit status 1 when somebody has no row or a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recipients", type=int, default=1_000_000)
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--urgency", choices=("bulk", "urgent"), default="bulk")
    parser.add_argument("--plan", metavar="URL", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.plan:
        return plan(options.plan)
    with address(options.engine) as url:
        return measure(url, options)


@contextmanager
def address(engine: str) -> Iterator[str]:
    """Yield the address of an empty database."""
    if engine == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{Path(folder) / 'motcua.db'}"
        return
    programs = binaries()
    if programs is None:
        raise SystemExit("PostgreSQL's server programs are not installed: apt install postgresql")
    with private_server(programs, fsync=True) as url:
        yield url


def measure(url: str, options: argparse.Namespace) -> int:
    """Write the crowd, let a fresh process plan, print one table row."""
    store = open_store(url)
    store.upgrade()
    with tqdm(total=options.recipients, unit="person", desc="crowd") as bar:
        for count in gather(store, options.recipients):
            bar.update(count)
    draft = planned(store, a_notice(urgency=Urgency(options.urgency)), utc_now())
    command = [sys.executable, "-m", "tests.benchmarks.notices_plan", "--plan", url]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    rows = store.deliveries.counts(again(store, draft).announcement_id)
    store.close()
    print_table(
        {
            "engine": options.engine,
            "notice": options.urgency,
            "recipients": f"{sum(rows.values()):,}",
            "seconds": f"{found['seconds']:.1f}",
            "peak MiB": f"{found['peak']:.0f}",
            "of these before planning": f"{found['before']:.0f}",
        }
    )
    fits = found["seconds"] <= MOST_SECONDS and found["peak"] <= MOST_MIB
    return 0 if fits and sum(rows.values()) == options.recipients else 1


def plan(url: str) -> int:
    """Begin and plan what is due; print seconds and memory as JSON."""
    store = open_store(url)
    lane = NoticeLane(store.broadcasts, Shown(store), render)
    before, began = peak_of("self"), time.monotonic()
    lane.step(utc_now, lambda: None)
    figures = {"seconds": time.monotonic() - began, "peak": peak_of("self"), "before": before}
    print(json.dumps(figures))
    store.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
