"""SIGKILL web and worker during a broadcast to a failing platform; recounted from its own log.

``MOTCUA_KILLS`` sets how many kills, with 50 recipients for each: 200 take six minutes.
"""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.broadcast import Zalo, environ, plan, platform_process, states, waiting
from tests.desk_process import RunningDesk, free_port, running_desk

KILLS = int(os.environ.get("MOTCUA_KILLS", "20"))
RECIPIENTS = KILLS * 50
LONG = 100
SEED = 20261122
CHANCES = {"drop_before_acting": 0.004, "drop_after_acting": 0.004, "500": 0.004, "garbage": 0.004}
LIMIT = 4000


@pytest.mark.slow
def test_a_broadcast_survives_kills_and_a_failing_platform(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    port = free_port()
    with (
        platform_process(tmp_path / "zalo.jsonl", port, RECIPIENTS) as zalo,
        running_desk(tmp_path, environ(zalo.url, LIMIT), port, start=False) as desk,
    ):
        notice = plan(desk.data_dir, RECIPIENTS)
        for fault in faults():
            zalo.order("faults", fault)
        for name in ("web", "worker"):
            desk.start(name)
        began = time.monotonic()
        for reached in sorted(chance.sample(range(20, RECIPIENTS - 20), KILLS)):
            left = RECIPIENTS - reached
            wait_until(lambda left=left: waiting(desk.data_dir) <= left, desk, 300)
            time.sleep(chance.random() / 20)
            name = "web" if chance.random() < 0.2 else "worker"
            desk.kill(name)
            desk.start(name)
        wait_until(lambda: not waiting(desk.data_dir), desk, 600)
        seconds = time.monotonic() - began

        rows = states(desk.data_dir, notice)
        told = zalo.told()
        print(report(rows, told, zalo, seconds))  # noqa: T201 - the figures of docs/benchmarks.md
        assert len(rows) == RECIPIENTS, "somebody has no row, or two"
        assert set(rows.values()) <= {"sent", "delivered", "unsure"}
        assert max(told.values()) == 1, "somebody was told twice"
        wrong = {who for who, state in rows.items() if told[who] != 1 and state != "unsure"}
        assert not wrong, "lost without a mark"
        assert max(zalo.calls_by_minute().values()) <= LIMIT
        unsure = {who for who, state in rows.items() if state == "unsure"}
        assert not zalo.calls_after_the_limit(unheard=unsure)


def faults() -> Iterator[dict[str, Any]]:
    for kind, likely in CHANCES.items():
        yield {"place": "message", "kind": kind, "times": 0, "chance": likely}
    yield {"place": "message", "kind": "slow", "seconds": 0.5, "times": 0, "chance": 0.01}
    if KILLS >= LONG:  # the wait for the next minute would be most of a short run
        limit = {"kind": "code", "code": -32, "times": 3, "chance": 3 / RECIPIENTS}
        yield {"place": "message", **limit}


def wait_until(done: Callable[[], bool], desk: RunningDesk, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            raise AssertionError(f"not done; worker said: {desk.log('worker')[-1500:]}")
        time.sleep(0.02)


def report(rows: dict[str, str], told: Counter[str], zalo: Zalo, seconds: float) -> str:
    unsure = [who for who, state in rows.items() if state == "unsure"]
    arrived = sum(told[who] for who in unsure)
    ends = dict(Counter(rows.values()))
    return (
        f"{RECIPIENTS} recipients, {KILLS} kills, {seconds:.0f} s: {ends}; "
        f"of {len(unsure)} unsure {arrived} had arrived; "
        f"most calls in a minute {max(zalo.calls_by_minute().values())}"
    )
