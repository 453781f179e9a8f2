"""SIGKILL whoever plans and sends an approved notice, while it is paused and resumed too.

``MOTCUA_KILLS`` sets how many kills; recounted from the receiver's own log.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections import Counter
from datetime import datetime, timezone
from pathlib import Path

import pytest

from bot.core.notices.approval import command
from bot.core.notices.notice import Urgency
from bot.core.notices.states import NoticeRefused, State
from bot.store import Store, open_store
from bot.store.schema import citizens, deliveries, subscriptions
from tests.contract.notice_builders import a_notice, again, planned

ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("MOTCUA_KILLS", "20"))
RECIPIENTS = KILLS * 60
SEED = 20261122
AT_WORK = """
import os, sys, time
from datetime import datetime, timezone
from functools import partial
from bot.core.work.delivery_lane import DeliveryLane
from bot.core.work.notice_lane import NoticeLane
from bot.store import open_store
from tests.contract.notice_builders import render

class Platform:
    name = "zalo"
    log = os.open(sys.argv[2], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    def send(self, to, reply):
        os.write(self.log, (to + "\\n").encode())
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


def utc_now() -> datetime:
    return datetime.now(timezone.utc)


def crowd(store: Store, size: int) -> None:
    now = utc_now()
    people = [
        {
            "id": number,
            "channel": "zalo",
            "external_id": f"u{number}",
            "first_interaction_at": now,
            "last_interaction_at": now,
        }
        for number in range(1, size + 1)
    ]
    follows = [
        {"citizen_id": each["id"], "topic": "thien-tai", "consent_at": now, "source": "test"}
        for each in people
    ]
    with store._db.write() as connection:
        connection.execute(citizens.insert(), people)
        connection.execute(subscriptions.insert(), follows)


def fates(store: Store) -> dict[str, str]:
    joined = deliveries.join(citizens)
    query = joined.select().with_only_columns(citizens.c.external_id, deliveries.c.state)
    with store._db.read() as connection:
        rows = connection.execute(query).all()
    assert len(rows) == len(dict(rows)), "somebody has two rows"
    return dict(rows)


@pytest.mark.slow
def test_an_approved_notice_survives_kills_pauses_and_all(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    url, log = f"sqlite:///{tmp_path / 'motcua.db'}", tmp_path / "sent.log"
    store = open_store(url)
    store.upgrade()
    crowd(store, RECIPIENTS)
    draft = planned(store, a_notice(urgency=Urgency.URGENT), utc_now())
    operator = command("cli:test")

    for _ in range(KILLS):
        with subprocess.Popen(
            [sys.executable, "-c", AT_WORK, url, str(log)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        ) as worker:
            assert worker.stdout is not None
            assert worker.stdout.readline() == "ready\n"
            time.sleep(chance.random() / 4)
            try:
                if chance.random() < 0.5:
                    store.broadcasts.pause(draft.id, operator, "", utc_now())
                    time.sleep(chance.random() / 50)
                    store.broadcasts.resume(draft.id, operator, utc_now())
            except NoticeRefused:
                pass  # not begun yet, or through
            worker.kill()
    worker = subprocess.Popen([sys.executable, "-c", AT_WORK, url, str(log)], cwd=ROOT)
    deadline = time.monotonic() + 120
    while again(store, draft).state is not State.DONE and time.monotonic() < deadline:
        time.sleep(0.05)
    worker.kill()
    worker.wait()

    rows, told = fates(store), Counter(log.read_text().split())
    assert again(store, draft).state is State.DONE
    assert len(rows) == RECIPIENTS, "somebody has no row"
    assert set(rows.values()) <= {"sent", "unsure"}
    assert max(told.values()) == 1, "somebody was told twice"
    assert {who for who, state in rows.items() if told[who] != 1 and state != "unsure"} == set()
    unsure = [who for who, state in rows.items() if state == "unsure"]
    assert len(unsure) <= KILLS + 1
    assert store.audit.verify() is None
    print(  # noqa: T201 - the figures of docs/benchmarks.md
        f"{RECIPIENTS} recipients, {KILLS} kills: {dict(Counter(rows.values()))}; "
        f"of {len(unsure)} unsure {sum(told[who] for who in unsure)} had arrived"
    )
    store.close()
