"""How fast webhook events are acknowledged while the worker answers them.

Real web and worker processes, a durable store, a simulated platform that takes the answers.

usage: python -m tests.benchmarks.webhook [--events 3000] [--rate 100] [--kills 0]
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import quantiles

from tqdm import tqdm

from tests.desk_process import free_port
from tests.simulator import Simulator
from tests.webhook_load import Load, Reckoning, loaded_desk, wait_for_answers


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; exit status 1 when an event was lost or answered twice."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=3_000)
    parser.add_argument("--rate", type=float, default=100, help="events a second")
    parser.add_argument(
        "--kills", type=int, default=0, help="of the worker, spread over the time of posting"
    )
    parser.add_argument(
        "--patience", type=float, default=600, help="seconds to wait for the last answer"
    )
    options = parser.parse_args(arguments)
    port = free_port()
    with (
        tempfile.TemporaryDirectory() as folder,
        Simulator(f"http://127.0.0.1:{port}/webhooks/zalo") as platform,
        loaded_desk(Path(folder), platform, port) as desk,
    ):
        load = Load(port, platform.account, options.events, options.rate, show=True)
        load = load.run_beside_kills(desk, options.kills, random.Random(1))
        found = settle(Path(folder), platform, options)
    print_figures(load, found)
    return 1 if found.lost or found.doubled else 0


def settle(folder: Path, platform: Simulator, options: argparse.Namespace) -> Reckoning:
    """Wait for the answers, with a progress bar."""
    with tqdm(total=options.events, unit="answer", desc="answered") as bar:

        def show(found: Reckoning) -> None:
            if more := options.events - found.unanswered - bar.n:
                bar.update(more)

        return wait_for_answers(folder, platform, options.events, options.patience, show)


def print_figures(load: Load, found: Reckoning) -> None:
    """Print one table row and what is behind it."""
    cuts = quantiles(load.seconds, n=100)
    p50, p95, p99 = (cuts[at - 1] * 1000 for at in (50, 95, 99))
    print("\n| events | rate/s | p50 ms | p95 ms | p99 ms | longest ms | lost | doubled |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    print(
        f"| {load.count} | {load.rate:g} | {p50:.1f} | {p95:.1f} | {p99:.1f} | "
        f"{max(load.seconds) * 1000:.0f} | {found.lost} | {found.doubled} |"
    )
    print(
        f"\nposted again: {dict(load.refused) or 0}; never answered: {found.unanswered}, "
        f"of these marked unsure: {found.unsure}"
    )


if __name__ == "__main__":
    sys.exit(main())
