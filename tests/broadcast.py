"""A broadcast to a crowd on a platform in its own process, and the recount from its log."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import requests

from bot.core.messages import Inbound, InboundKind, Reply, Turn
from bot.settings import Settings
from bot.wiring.desk import open_ready_store
from tests.desk_process import ROOT, free_port
from tests.simulator.account import Account
from tests.simulator.world import CROWD

MESSAGES = "/v3.0/oa/message/cs"
TOPIC = "thien-tai"


@dataclass
class Zalo:
    """The platform in its own process, and what its log says."""

    url: str
    log: Path

    def order(self, address: str, asked: dict[str, Any]) -> None:
        requests.post(f"{self.url}/control/{address}", json=asked, timeout=30).raise_for_status()

    def change(self, address: str, asked: dict[str, Any]) -> None:
        requests.patch(f"{self.url}/control/{address}", json=asked, timeout=30).raise_for_status()

    def calls(self) -> list[dict[str, Any]]:
        text = self.log.read_text(encoding="utf-8")
        lines = [json.loads(line) for line in text.splitlines(keepends=True) if line[-1] == "\n"]
        return [line for line in lines if line.get("path") == MESSAGES]

    def told(self) -> Counter[str]:
        """Return how often the platform delivered something to each person."""
        taken = [line for line in self.calls() if line.get("answer", {}).get("error") == 0]
        return Counter(line["request"]["recipient"]["user_id"] for line in taken)

    def moments(self) -> list[float]:
        """Return when each call was answered, in seconds, sorted."""
        return sorted(datetime.fromisoformat(line["at"]).timestamp() for line in self.calls())

    def calls_by_minute(self) -> Counter[str]:
        return Counter(line["at"][:16] for line in self.calls())

    def calls_after_the_limit(self, unheard: Collection[str]) -> list[str]:
        """Return calls of the same minute, begun a second or more after -32 was answered.

        An answer about one of ``unheard`` does not count: its sender was killed before it could
        tell anybody.
        """
        found = []
        stops = (line for line in self.calls() if line.get("fault") == "code")
        for stop in stops:
            if stop["request"]["recipient"]["user_id"] in unheard:
                continue
            moment = datetime.fromisoformat(stop["at"]).timestamp()
            for line in self.calls():
                at = datetime.fromisoformat(line["at"]).timestamp() - line["ms"] / 1000
                if moment + 1 < at and int(at // 60) == int(moment // 60):
                    found.append(line["at"])
        return found


@contextmanager
def platform_process(log: Path, port: int, followers: int) -> Iterator[Zalo]:
    own = free_port()
    command = [sys.executable, "-m", "tests.simulator", "--port", str(own), "--log", str(log)]
    command += ["--webhook", f"http://127.0.0.1:{port}/webhooks/zalo"]
    command += ["--followers", str(followers)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Simulator:")
        log.touch()
        yield Zalo(f"http://127.0.0.1:{own}", log)
    finally:
        process.terminate()
        process.communicate(timeout=30)


def environ(url: str, rate: int) -> dict[str, str]:
    account = Account()
    return {
        "MOTCUA_ZALO_APP_ID": account.app_id,
        "MOTCUA_ZALO_APP_SECRET": account.app_secret,
        "MOTCUA_ZALO_OA_ID": account.oa_id,
        "MOTCUA_ZALO_OA_SECRET": account.oa_secret,
        "MOTCUA_ZALO_API_URL": url,
        "MOTCUA_ZALO_OAUTH_URL": url,
        "MOTCUA_ZALO_REFRESH_TOKEN": account.first_refresh_token,
        "MOTCUA_ZALO_RATE_PER_MINUTE": str(rate),
        "MOTCUA_RASA_URL": "http://127.0.0.1:9",  # nobody speaks here: no model to load
    }


def gather(data_dir: Path, followers: int, topic: str = TOPIC) -> None:
    """Let a crowd write to the account and follow a topic."""
    now = datetime.now(timezone.utc)
    store = open_ready_store(Settings(data_dir=data_dir, secret_key="only-for-tests"))
    follow = {"effect": "subscribe", "topic": topic, "area": ""}
    for first in range(1, followers + 1, 500):
        people = [CROWD.format(n) for n in range(first, min(first + 500, followers + 1))]
        store.journal.receive(
            [Inbound("zalo", f"m-{who}", who, InboundKind.FOLLOW, now) for who in people], now
        )
        for claimed in store.journal.claim(now, "test", 500, timedelta(minutes=5)):
            store.journal.settle(claimed, Turn((), effects=(follow,)), now)
    store.close()


def plan(data_dir: Path, followers: int) -> int:
    """Let a crowd follow a topic and plan a notice for them; return its id."""
    gather(data_dir, followers)
    now = datetime.now(timezone.utc)
    store = open_ready_store(Settings(data_dir=data_dir, secret_key="only-for-tests"))
    made = store.announcements.publish(
        topic=TOPIC, title="Mưa lớn", body="Chiều nay mưa lớn.", issuer="Đài Khí tượng", now=now
    )
    for _ in store.notices.plan(made, Reply("Mưa lớn", meta={"notice_id": made.id}), now):
        pass
    store.close()
    return made.id


def waiting(data_dir: Path) -> int:
    query = "SELECT count(*) FROM deliveries WHERE state IN ('queued', 'retry', 'sending')"
    with sqlite3.connect(data_dir / "motcua.db") as db:
        return int(db.execute(query).fetchone()[0])


def states(data_dir: Path, notice: int) -> dict[str, str]:
    """Return the state of each recipient's row."""
    query = """
        SELECT external_id, state FROM deliveries JOIN citizens ON citizens.id = citizen_id
        WHERE announcement_id = ?
    """
    with sqlite3.connect(data_dir / "motcua.db") as db:
        rows = db.execute(query, [notice]).fetchall()
    assert len(rows) == len(dict(rows)), "somebody has two rows"
    return dict(rows)
