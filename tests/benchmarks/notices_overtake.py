"""How soon an urgent notice arrives while a broadcast to a crowd is under way.

Real web and worker processes on SQLite with every commit flushed, a platform of its own. The clock
runs from the moment the approved urgent notice is released until the platform has taken its
messages. ``--during planning`` releases it while the broadcast is still being written down.

usage: python -m tests.benchmarks.notices_overtake [--recipients 100000] [--during planning]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.core.notices.draft import Draft
from bot.core.notices.notice import Audience, Urgency
from tests.benchmarks.table import print_table
from tests.contract.notice_builders import a_notice
from tests.crowd import contradictions, ledger, subscribe
from tests.crowded_desk import CrowdedDesk, crowded_desk, heard, taken

BAR = 5.0  # seconds
TOPIC = "cup-dien"
TITLE = "Xã lũ khẩn cấp lúc 15 giờ"
RATE = 4_000


@dataclass(frozen=True)
class Found:
    """Moments since the release, in seconds, and what the broadcast did meanwhile."""

    first: float
    last: float
    bulk_before: int
    bulk_meanwhile: int


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; exit status 1 when the last urgent message took over five seconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recipients", type=int, default=100_000, help="of the broadcast")
    parser.add_argument("--urgent", type=int, default=100, help="of the urgent notice")
    parser.add_argument("--latency", type=float, default=0.2, help="seconds a call takes")
    parser.add_argument("--during", choices=("sending", "planning"), default="sending")
    parser.add_argument("--sent", type=int, default=1_000, help="of the broadcast, before")
    options = parser.parse_args(arguments)
    with (
        tempfile.TemporaryDirectory() as folder,
        crowded_desk(Path(folder), options.recipients, RATE, options.latency) as crowded,
    ):
        return measure(crowded, options)


def measure(crowded: CrowdedDesk, options: argparse.Namespace) -> int:
    """Release the urgent notice over the broadcast, print one row, return the exit status."""
    everybody = range(1, options.recipients + 1)
    subscribe(crowded.store, everybody[-options.urgent :], TOPIC)
    bulk = crowded.approved(a_notice())
    audience = Audience(topics=(TOPIC,))
    urgent = crowded.approved(
        a_notice(topic=TOPIC, title=TITLE, urgency=Urgency.URGENT, audience=audience)
    )
    crowded.release(bulk)
    if options.during == "sending":
        crowded.watch(bulk, options.sent, "broadcast")
    else:
        wait_for_planning(crowded, bulk)
    released = crowded.release(urgent)
    crowded.watch(urgent, options.urgent, "urgent")
    time.sleep(1.0)  # the platform writes its log
    found = reckon(taken(crowded.zalo), released)
    rows = ledger(crowded.store, crowded.announcement_of(urgent) or 0)
    wrong = told_wrongly(crowded, rows)
    print_table(
        {
            "broadcast": f"{options.recipients:,}",
            "released during its": options.during,
            "urgent": len(rows),
            "first after": f"{found.first:.1f} s",
            "last after": f"{found.last:.1f} s",
            "broadcast's messages before": f"{found.bulk_before:,}",
            "and meanwhile": f"{found.bulk_meanwhile:,}",
            "ledger and log differ": len(wrong),
        }
    )
    return 0 if found.last <= BAR and not wrong and len(rows) == options.urgent else 1


def wait_for_planning(crowded: CrowdedDesk, draft: Draft) -> None:
    """Wait until some of the broadcast is written down, and only some."""
    while (announcement_id := crowded.announcement_of(draft)) is None:
        time.sleep(0.01)
    while not crowded.store.deliveries.counts(announcement_id):
        time.sleep(0.01)


def is_urgent(line: dict[str, Any]) -> bool:
    """Whether a call carried the urgent notice."""
    return TITLE in str(line["request"]["message"])


def reckon(lines: Sequence[dict[str, Any]], released: datetime) -> Found:
    """Return when the urgent messages arrived."""

    def after(line: dict[str, Any]) -> float:
        return (datetime.fromisoformat(line["at"]) - released).total_seconds()

    urgent = [after(line) for line in lines if is_urgent(line)]
    bulk = [after(line) for line in lines if not is_urgent(line)]
    before = sum(each < 0 for each in bulk)
    meanwhile = sum(0 <= each <= max(urgent) for each in bulk)
    return Found(min(urgent), max(urgent), before, meanwhile)


def told_wrongly(crowded: CrowdedDesk, rows: dict[int, dict[str, str]]) -> list[str]:
    """Return where the urgent notice's ledger and the platform's log differ."""
    return contradictions(rows, heard(filter(is_urgent, taken(crowded.zalo))))


if __name__ == "__main__":
    sys.exit(main())
