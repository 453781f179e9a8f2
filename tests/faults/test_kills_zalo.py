"""SIGKILL while sending to a platform: nobody is told twice, and what is unknown is marked."""

from __future__ import annotations

import json
import random
import sqlite3
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.desk_process import NO_BUDGETS, RunningDesk, free_port, running_desk, zalo_environ
from tests.simulator import Simulator

MESSAGES = 120
KILLS = 6
PEOPLE = 8


@pytest.mark.slow
def test_a_killed_worker_tells_nobody_twice(tmp_path: Path) -> None:
    chance = random.Random(7)
    port = free_port()
    with (
        Simulator(f"http://127.0.0.1:{port}/webhooks/zalo") as zalo,
        running_desk(tmp_path, {**zalo_environ(zalo), **NO_BUDGETS}, port) as desk,
    ):
        codes = [f"H39.21-260915-{number:04d}" for number in range(MESSAGES)]
        kill_after = set(chance.sample(range(5, MESSAGES), KILLS))
        for number, code in enumerate(codes):
            posted = zalo.citizen_says(person(number), code)
            assert posted.status == 200
            if number in kill_after:
                time.sleep(chance.random() / 20)
                desk.kill("worker")
                desk.start("worker")
        told = wait_until_settled(desk, zalo, codes)

        unknown = unsure(desk)
        assert max(told.values()) == 1, "somebody was told twice"
        missing = {code for code in codes if not told[code]}
        assert missing <= unknown, f"lost without a mark: {missing - unknown}"


def person(number: int) -> str:
    return f"2000000000000099{number % PEOPLE:03d}"


def wait_until_settled(desk: RunningDesk, zalo: Simulator, codes: list[str]) -> Counter[str]:
    """Wait until every code was answered or stands as unsure; return how often each was told."""
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline:
        texts = [sent.text for number in range(PEOPLE) for sent in zalo.sent_to(person(number))]
        told = Counter({code: sum(code in text for text in texts) for code in codes})
        if all(told[code] or code in unsure(desk) for code in codes):
            return told
        time.sleep(0.5)
    raise AssertionError(f"not settled; worker said: {desk.log('worker')[-1500:]}")


def unsure(desk: RunningDesk) -> set[str]:
    """Return the codes of the deliveries nobody knows the fate of."""
    with sqlite3.connect(desk.data_dir / "motcua.db") as db:
        rows = db.execute("SELECT body FROM deliveries WHERE state = 'unsure'").fetchall()
    return {json.loads(body)["meta"]["dossier_code"] for (body,) in rows}
