"""How fast an approved notice leaves at a platform's full rate, and what that costs.

Real web and worker processes on SQLite with every commit flushed; the platform is a process of its
own, takes a while for each answer, counts calls and echoes every message to the webhook.

usage: python -m tests.benchmarks.notices_rate [--recipients 10000] [--latency 0.2] [--threads 32]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bot.core.notices.notice import Urgency
from tests.benchmarks.sending import MINUTE, most_within
from tests.benchmarks.table import print_table
from tests.contract.notice_builders import a_notice
from tests.crowd import contradictions, fates, ledger
from tests.crowded_desk import CrowdedDesk, crowded_desk, heard, taken

RATE_ERROR = -32


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; exit status 1 at any rate error, or when somebody was not told once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recipients", type=int, default=10_000)
    parser.add_argument("--rate", type=int, default=4_000, help="calls a minute")
    parser.add_argument("--latency", type=float, default=0.2, help="seconds a call takes")
    parser.add_argument("--threads", type=int, help="as MOTCUA_SEND_THREADS")
    parser.add_argument("--urgent", action="store_true")
    options = parser.parse_args(arguments)
    given = (options.recipients, options.rate, options.latency, options.threads)
    with (
        tempfile.TemporaryDirectory() as folder,
        crowded_desk(Path(folder), *given) as crowded,
    ):
        return measure(crowded, options)


def measure(crowded: CrowdedDesk, options: argparse.Namespace) -> int:
    """Send the notice, print one table row, return the exit status."""
    urgency = Urgency.URGENT if options.urgent else Urgency.BULK
    draft = crowded.approved(a_notice(urgency=urgency))
    crowded.release(draft)
    before = crowded.worker_seconds()
    crowded.watch(draft, options.recipients, "sent")
    busy = crowded.worker_seconds() - before
    calls, moments = crowded.zalo.calls(), crowded.zalo.moments()
    errors = sum(line.get("answer", {}).get("error") == RATE_ERROR for line in calls)
    seconds, most = moments[-1] - moments[0], most_within(moments, MINUTE)
    told = heard(taken(crowded.zalo))
    rows = ledger(crowded.store, crowded.announcement_of(draft) or 0)
    wrong = contradictions(rows, told)
    doubled = sum(len(ids) > 1 for ids in told.values())
    print_table(
        {
            "recipients": f"{len(rows):,}",
            "an answer takes": f"{options.latency} s",
            "seconds": f"{seconds:.0f}",
            "calls a minute": f"{len(calls) / seconds * MINUTE:,.0f}",
            "most in any 60 s": f"{most:,}",
            "rate errors": errors,
            "doubled": doubled,
            "ledger and log differ": len(wrong),
            "worker's peak MiB": f"{crowded.worker_peak():.0f}",
            "its processor time a message": f"{1000 * busy / len(calls):.1f} ms",
        }
    )
    all_sent = fates(rows) == {"sent": options.recipients}
    return 0 if all_sent and not (errors or doubled or wrong) else 1


if __name__ == "__main__":
    sys.exit(main())
