"""Plans notices for people who want them gathered, and makes their digests. Prints the figures.

python -m tests.benchmarks.digests --people 100000 --notices 5
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path

from sqlalchemy import insert

from bot.core.announcements.digest import DigestWords
from bot.core.announcements.pages import Pages
from bot.core.messages import Reply
from bot.core.notices.hours import VIETNAM
from bot.core.work.digest_lane import DigestLane
from bot.settings import Settings
from bot.store import Store, open_store
from bot.store.schema import citizens, subscriptions
from bot.wiring.desk import build_wording
from tests.desk_process import peak_of

SUNDAY = datetime(2026, 11, 22, 2, tzinfo=timezone.utc)
MORNING = datetime(2026, 11, 23, 0, tzinfo=timezone.utc)
TOPIC = "thien-tai"
_PAGE = 10_000


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--notices", type=int, default=5)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{Path(folder) / 'bench.db'}", ("key",))
        store.upgrade()
        people(store, options.people)
        before = peak_of(os.getpid())
        begun = time.perf_counter()
        for number in range(options.notices):
            plan(store, number)
        planned = time.perf_counter()
        words = DigestWords(build_wording(Settings.from_env()), VIETNAM, Pages())
        lane = DigestLane(store.digests, words.reply, VIETNAM)
        rows = lane.step(lambda: MORNING, lambda: None)
        made = time.perf_counter()
        peak = peak_of(os.getpid())
        waiting = store.deliveries.counts()
        store.close()
    say = sys.stdout.write
    say(f"planned {options.people * options.notices} rows in {planned - begun:.1f} s\n")
    say(f"made digests of {rows} rows in {made - planned:.1f} s; rows now {dict(waiting)}\n")
    say(f"memory: {before:.0f} MB before, {peak:.0f} MB at most\n")
    return 0


def people(store: Store, count: int) -> None:
    """Write citizens who want the topic's news once a day."""
    for first in range(1, count + 1, _PAGE):
        ids = range(first, min(first + _PAGE, count + 1))
        with store._db.write() as connection:
            names = [
                {
                    "id": each,
                    "channel": "web",
                    "external_id": str(each),
                    "first_interaction_at": SUNDAY,
                }
                for each in ids
            ]
            connection.execute(insert(citizens), names)
            wishes = [
                {
                    "citizen_id": each,
                    "topic": TOPIC,
                    "area": "",
                    "consent_at": SUNDAY,
                    "source": "web",
                    "pace": "daily",
                }
                for each in ids
            ]
            connection.execute(insert(subscriptions), wishes)


def plan(store: Store, number: int) -> None:
    at = SUNDAY + timedelta(minutes=number)
    made = store.announcements.publish(
        topic=TOPIC, title=f"Tin {number}", body="Mưa.", issuer="Đài Khí tượng", now=at
    )
    for _ in store.notices.plan(made, Reply("Mưa."), at):
        pass


if __name__ == "__main__":
    raise SystemExit(main())
