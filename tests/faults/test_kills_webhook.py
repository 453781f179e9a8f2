"""A steady stream of webhook events while processes die: none is lost, none answered twice."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from bot.web.spool import Spool
from tests.desk_process import RunningDesk, free_port
from tests.simulator import Simulator
from tests.webhook_load import Load, loaded_desk, person, reckon, wait_for_answers

EVENTS = 3_000
RATE = 100.0
KILLS = 8


@pytest.mark.slow
def test_a_stream_of_events_survives_a_worker_that_dies_again_and_again(tmp_path: Path) -> None:
    chance = random.Random(20261122)
    port = free_port()
    with (
        Simulator(f"http://127.0.0.1:{port}/webhooks/zalo") as platform,
        loaded_desk(tmp_path, platform, port) as desk,
    ):
        load = Load(port, platform.account, EVENTS, RATE)
        load.run_beside_kills(desk, KILLS, chance)
        found = wait_for_answers(tmp_path, platform, EVENTS, 400)

        assert (found.lost, found.doubled) == (0, 0)
        assert found.unanswered <= found.unsure, "an event was not answered and not marked"


@pytest.mark.slow
def test_what_was_spooled_survives_the_death_of_the_web_process(tmp_path: Path) -> None:
    port = free_port()
    with (
        Simulator(f"http://127.0.0.1:{port}/webhooks/zalo") as platform,
        loaded_desk(tmp_path, platform, port) as desk,
    ):
        platform.citizen_says(person(0), "chào em")
        with closing(sqlite3.connect(tmp_path / "motcua.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            load = Load(port, platform.account, 200, RATE)
            load.run()
            assert max(load.seconds) < 2.0, "the platform would not have waited"
            assert Spool(tmp_path).waiting().events == 200
            kill_web(desk)
            other.execute("COMMIT")
        desk.start("web")
        _wait_until_brought_in(desk)

        assert Spool(tmp_path).waiting().events == 0
        found = wait_for_answers(tmp_path, platform, 200, 120)
        assert (found.lost, found.doubled) == (0, 0)
        assert found.unanswered <= found.unsure
        assert "event=spool_replayed events=200" in desk.log("web")


@pytest.mark.slow
def test_the_web_process_may_die_while_it_brings_events_in(tmp_path: Path) -> None:
    chance = random.Random(7)
    port = free_port()
    with (
        Simulator(f"http://127.0.0.1:{port}/webhooks/zalo") as platform,
        loaded_desk(tmp_path, platform, port) as desk,
    ):
        with closing(sqlite3.connect(tmp_path / "motcua.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            Load(port, platform.account, 400, 200.0).run()
            other.execute("COMMIT")
        for _ in range(5):
            time.sleep(chance.uniform(0.0, 0.4))
            kill_web(desk)
            desk.start("web")
            time.sleep(1.5)
        _wait_until_brought_in(desk)

        assert reckon(tmp_path, platform, 400).lost == 0
        found = wait_for_answers(tmp_path, platform, 400, 120)
        assert (found.lost, found.doubled) == (0, 0)


def kill_web(desk: RunningDesk) -> None:
    """Kill the web process, also the child that does its work and would live on for a second."""
    pid = desk.processes["web"].pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    desk.kill("web")
    for child in children:
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(child), signal.SIGKILL)


def _wait_until_brought_in(desk: RunningDesk) -> None:
    deadline = time.monotonic() + 60
    while Spool(desk.data_dir).waiting().events and time.monotonic() < deadline:
        time.sleep(0.2)
