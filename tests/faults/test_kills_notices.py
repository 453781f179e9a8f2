"""SIGKILL whoever plans and sends an approved notice, while it is paused and resumed too.

``MOTCUA_KILLS`` sets how many kills, ``MOTCUA_RECIPIENTS`` for how many people; recounted from
the receiver's own log, which the notice's CSV ledger must agree with.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
from tqdm import tqdm

from bot.core.notices.approval import command
from bot.core.notices.draft import Draft
from bot.core.notices.notice import Urgency
from bot.core.notices.states import NoticeRefused, State
from bot.store import Store, open_store
from tests.contract.notice_builders import a_notice, again, planned
from tests.crowd import contradictions, fates, gather, ledger, utc_now

ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("MOTCUA_KILLS", "20"))
RECIPIENTS = int(os.environ.get("MOTCUA_RECIPIENTS", KILLS * 60))
SEED = 20261122
OPERATOR = command("cli:test")
PATIENCE = 600.0  # seconds
AT_WORK = """
import os, sys, time
from datetime import datetime, timezone
from functools import partial
from bot.core.work.delivery_lane import DeliveryLane
from bot.core.work.notice_lane import NoticeLane
from bot.store import Store, open_store
from tests.contract.notice_builders import render

class Platform:
    name = "zalo"
    log = os.open(sys.argv[2], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    def send(self, to, reply):
        os.write(self.log, (to + "\\n").encode())
        time.sleep(0.003)  # the answer's way; also leaves somebody for the last kill
        return f"m-{to}"

class Slowly:
    def __init__(self, notices):
        self.resume = partial(notices.resume, batch=7)

def now():
    return datetime.now(timezone.utc)

store = open_store(sys.argv[1])
store.deliveries.free(lambda owner: owner != str(os.getpid()), now())
notices = NoticeLane(store.broadcasts, Slowly(store.notices), render)
sender = DeliveryLane(store.deliveries, {"zalo": Platform()}, str(os.getpid()), notices.note)
print("ready", flush=True)
while True:
    notices.step(now, lambda: sender.step(now, 2))
    if not sender.step(now):
        time.sleep(0.01)
"""


def at_work(url: str, log: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", AT_WORK, url, str(log)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def one_life(store: Store, url: str, draft: Draft, log: Path, chance: random.Random) -> None:
    """Let a worker work for a moment, perhaps pause and resume the notice, and kill it."""
    with at_work(url, log) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
        time.sleep(chance.random() / 4)
        with suppress(NoticeRefused):  # not begun yet
            if chance.random() < 0.5:
                store.broadcasts.pause(draft.id, OPERATOR, "", utc_now())
                time.sleep(chance.random() / 50)
                store.broadcasts.resume(draft.id, OPERATOR, utc_now())
        worker.kill()


def last_life(store: Store, url: str, draft: Draft, log: Path) -> Draft:
    """Let a worker bring the notice to its end; return it."""
    with at_work(url, log) as worker:
        deadline = time.monotonic() + PATIENCE
        while again(store, draft).state is not State.DONE and time.monotonic() < deadline:
            time.sleep(0.05)
        worker.kill()
    return again(store, draft)


@pytest.mark.slow
def test_an_approved_notice_survives_kills_pauses_and_all(tmp_path: Path) -> None:
    chance, log = random.Random(SEED), tmp_path / "sent.log"
    url = f"sqlite:///{tmp_path / 'motcua.db'}"
    store = open_store(url)
    store.upgrade()
    for _ in gather(store, RECIPIENTS):
        pass
    draft = planned(store, a_notice(urgency=Urgency.URGENT), utc_now())

    for _ in tqdm(range(KILLS), desc="kills", disable=None):
        one_life(store, url, draft, log, chance)
    assert again(store, draft).state is not State.DONE, "too few people: the last kills hit nobody"
    done = last_life(store, url, draft, log)

    assert done.state is State.DONE
    assert done.announcement_id is not None
    rows, told = ledger(store, done.announcement_id), Counter(log.read_text().split())
    assert rows.keys() == set(range(1, RECIPIENTS + 1)), "somebody has no row"
    assert fates(rows).keys() <= {"sent", "unsure"}
    assert max(told.values()) == 1, "somebody was told twice"
    heard = {int(who[1:]): [f"m-{who}"] * count for who, count in told.items()}
    assert contradictions(rows, heard) == []
    unsure = [who for who, row in rows.items() if row["state"] == "unsure"]
    assert len(unsure) <= KILLS + 1
    assert store.audit.verify() is None
    print(  # noqa: T201 - the figures of docs/benchmarks.md
        f"{RECIPIENTS} recipients, {KILLS} kills: {fates(rows)}; "
        f"of {len(unsure)} unsure {sum(who in heard for who in unsure)} had arrived"
    )
    store.close()
