"""How fast a broadcast leaves, and how near it comes to the platform's limit.

A real worker process, a durable store, a simulated platform in a process of its own. A rate far
over 4000 shows what the machine can do when no limit holds it back; ``--latency`` is what a call
takes on its way to a platform that is not on the same machine.

usage: python -m tests.benchmarks.sending [--followers 4000] [--rate 4000] [--latency 0]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from tests.broadcast import Zalo, environ, plan, platform_process, waiting
from tests.desk_process import free_port, running_desk

MINUTE = 60.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; exit status 1 when somebody was not told once or the rate was passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--followers", type=int, default=4_000)
    parser.add_argument("--rate", type=int, default=4_000, help="calls a minute")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds a call takes")
    options = parser.parse_args(arguments)
    port = free_port()
    with (
        tempfile.TemporaryDirectory() as folder,
        platform_process(Path(folder) / "zalo.jsonl", port, options.followers) as zalo,
        running_desk(Path(folder), environ(zalo.url, options.rate), port, start=False) as desk,
    ):
        zalo.change("limits", {"rate": options.rate})
        if options.latency:
            slow = {"place": "message", "kind": "slow", "times": 0, "seconds": options.latency}
            zalo.order("faults", slow)
        plan(desk.data_dir, options.followers)
        desk.start("worker")
        with tqdm(total=options.followers, unit="message", desc="sent") as bar:
            while left := waiting(desk.data_dir):
                bar.update(options.followers - left - bar.n)
                time.sleep(0.5)
        return print_figures(zalo, options)


def print_figures(zalo: Zalo, options: argparse.Namespace) -> int:
    """Print one table row; return the exit status."""
    moments, told = zalo.moments(), zalo.told()
    seconds, most = moments[-1] - moments[0], most_within(moments, MINUTE)
    print("\n| recipients | limit a minute | seconds | a second | most in any 60 s | doubled |")
    print("| --- | --- | --- | --- | --- | --- |")
    doubled = sum(count > 1 for count in told.values())
    print(
        f"| {len(told)} | {options.rate} | {seconds:.0f} | {len(moments) / seconds:.0f} | "
        f"{most} | {doubled} |"
    )
    return 0 if most <= options.rate and not doubled and len(told) == options.followers else 1


def most_within(moments: Sequence[float], span: float) -> int:
    """Return how many of the sorted moments lie within some stretch of ``span`` seconds."""
    most = first = 0
    for last, moment in enumerate(moments):
        while moment - moments[first] >= span:
            first += 1
        most = max(most, last - first + 1)
    return most


if __name__ == "__main__":
    sys.exit(main())
