"""SIGKILL the lane of followed dossiers at random moments: each follower is told once.

``MOTCUA_KILLS`` sets how many kills, with 40 followers for each.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.core.dossiers.codes import DossierCode
from bot.core.follow.exchange import Event
from bot.store import Store, open_store
from bot.store.schema import deliveries
from tests.builders import a_dossier
from tests.contract.follow_builders import MORNING, Book, a_lane, at, following

KILLS = int(os.environ.get("MOTCUA_KILLS", "20"))
FOLLOWERS = KILLS * 40
SOON = MORNING + timedelta(minutes=1)
SEED = 20261122


def code_of(number: int) -> str:
    return f"H39.21-261102-{number:04d}"


def run_lane(url: str) -> None:
    """Tell everybody, as the worker's thread does; printed: that it began."""
    store = open_store(url)
    book = Book("portal")
    sys.stdout.write("begun\n")
    sys.stdout.flush()
    a_lane(store, book).step(at(SOON))
    store.close()


@pytest.mark.slow
def test_every_follower_is_told_once_whatever_is_killed(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    url = f"sqlite:///{tmp_path / 'motcua.db'}"
    store = open_store(url)
    store.upgrade()
    for number in range(FOLLOWERS):
        dossier = a_dossier(code=code_of(number), source="portal", as_of=MORNING)
        following(store, dossier, sender=f"c{number}")
    a_lane(store, Book("portal")).step(at(MORNING))
    events = [
        Event(DossierCode(code_of(number)).key, {"status": 9, "changed_at": SOON.isoformat()})
        for number in range(FOLLOWERS)
    ]
    cut_short = 0
    for number in range(KILLS):
        store.hooks.take(f"call {number}", events[number * 40 : (number + 1) * 40], SOON)
        killed(url, chance.random())
        cut_short += len(rows(store)) < (number + 1) * 40
    a_lane(store, Book("portal")).step(at(SOON))

    told = Counter(follow for (follow,) in rows(store))
    store.close()
    print(f"{cut_short} of {KILLS} kills came before everybody was told")  # noqa: T201 - a figure
    assert len(told) == FOLLOWERS
    assert max(told.values()) == 1


def killed(url: str, seconds: float) -> None:
    """Run the lane in a process of its own and kill it a moment after it began."""
    program = f"from tests.faults.test_kills_follow import run_lane; run_lane({url!r})"
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    assert process.stdout
    assert process.stdout.readline() == b"begun\n"
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=30)
    process.stdout.close()


def rows(store: Store) -> list[tuple[int]]:
    with store._db.read() as connection:
        found = connection.execute(select(deliveries.c.follow_id))
        return [(row.follow_id,) for row in found if row.follow_id]
