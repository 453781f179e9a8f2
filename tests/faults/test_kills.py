"""SIGKILL at seeded moments: no message is lost, none is answered twice without being marked."""

from __future__ import annotations

import random
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.desk_process import NO_BUDGETS, Chat, RunningDesk, running_desk

MESSAGES = 200
KILLS = 10
CITIZENS = 8


@pytest.mark.slow
def test_two_hundred_messages_survive_ten_kills_of_the_worker(tmp_path: Path) -> None:
    chance = random.Random(20261122)
    with running_desk(tmp_path, NO_BUDGETS) as desk:
        chats = [Chat(desk.url) for _ in range(CITIZENS)]
        sent: dict[tuple[int, str], int] = {}
        kill_after = sorted(chance.sample(range(10, MESSAGES), KILLS))

        for number in range(MESSAGES):
            who = number % CITIZENS
            asked = chats[who].send(f"000.00.19.H39-260915-{number:04d}", f"m-{number}")
            sent[who, asked] = number
            if kill_after and number == kill_after[0]:
                kill_after.pop(0)
                time.sleep(chance.random() / 10)
                desk.kill("worker")
                desk.start("worker")
        _wait_for_quiet(desk, chats, sent)

        for who, chat in enumerate(chats):
            entries = chat.messages()
            mine = {asked for citizen, asked in sent if citizen == who}
            asked = [item["id"] for item in entries if item["from"] == "citizen"]
            assert set(asked) == mine, "a message was lost"
            answers = Counter(
                item["meta"]["dossier_code"] for item in entries if item["from"] == "bot"
            )
            assert len(answers) == len(mine), "a message was not answered"
            assert set(answers.values()) == {1}, "a message was answered twice"


def _wait_for_quiet(
    desk: RunningDesk, chats: list[Chat], sent: dict[tuple[int, str], int]
) -> None:
    """Wait until every message has an answer; leases of killed workers run out in a minute."""
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline:
        answered = sum(sum(item["from"] == "bot" for item in chat.messages()) for chat in chats)
        if answered >= len(sent):
            return
        time.sleep(0.5)
    raise AssertionError(f"not all answered; worker said: {desk.log('worker')[-1500:]}")
