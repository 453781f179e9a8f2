"""SIGKILL while a token is renewed: the pair survives the worker that asked for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.desk_process import free_port
from tests.simulator import Simulator
from tests.webhook_load import code_of, loaded_desk, person, wait_for_answers

SLOW = 3.0  # seconds the token service takes: long enough to be killed in


@pytest.mark.slow
@pytest.mark.parametrize("acts", [True, False], ids=["exchanged already", "not exchanged yet"])
def test_a_worker_killed_while_it_waits_for_a_token_burns_none(tmp_path: Path, acts: bool) -> None:
    port = free_port()
    with Simulator(f"http://127.0.0.1:{port}/webhooks/zalo") as zalo:
        zalo.fail("token", "slow", times=1, seconds=SLOW, acts=acts)
        with loaded_desk(tmp_path, zalo, port) as desk:
            desk.kill("worker")  # its first deed was to ask for a token, and that is slow
            zalo.citizen_says(person(0), code_of(0))
            desk.start("worker")
            _wait_until(lambda: zalo.tokens.refreshes == 1)
            found = wait_for_answers(tmp_path, zalo, 1, 60)

            assert (found.doubled, found.unanswered) == (0, 0)
            assert zalo.tokens.refreshes == 1
            assert "zalo_token_needs_grant" not in desk.log("worker")


def _wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not true() and time.monotonic() < deadline:
        time.sleep(0.1)
