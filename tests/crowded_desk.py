"""A real desk with a crowd of followers, on a platform in a process of its own, for benchmarks."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tqdm import tqdm

from bot.core.messages import DeliveryState
from bot.core.notices.draft import Draft
from bot.core.notices.notice import Notice
from bot.settings import Settings
from bot.store import Store
from bot.wiring.desk import open_ready_store
from tests.broadcast import Zalo, environ, platform_process
from tests.contract.notice_builders import again, approve, hand, submitted
from tests.crowd import gather, noon_zone, utc_now
from tests.desk_process import RunningDesk, free_port, peak_of, processor_seconds, running_desk
from tests.simulator.world import CROWD

_CROWD_PREFIX = CROWD.format(0)[:2]
_WAITING = {DeliveryState.QUEUED.value, DeliveryState.RETRY.value, DeliveryState.SENDING.value}


@dataclass
class CrowdedDesk:
    """The desk, its platform, and its store as another process sees it."""

    desk: RunningDesk
    zalo: Zalo
    store: Store

    def approved(self, notice: Notice) -> Draft:
        """Write, submit and approve a notice."""
        now = utc_now()
        return approve(self.store, submitted(self.store, notice, now), "minh", now)

    def release(self, draft: Draft) -> datetime:
        """Let an approved notice go out at once; return the moment before."""
        now = utc_now()
        self.store.drafts.schedule(draft.id, hand(self.store, "lan"), draft.version, now)
        return now

    def announcement_of(self, draft: Draft) -> int | None:
        """Return the id under which a notice is sent, None while it has not begun."""
        return again(self.store, draft).announcement_id

    def settled(self, draft: Draft) -> int:
        """Return how many rows of a notice have come to their end."""
        announcement_id = self.announcement_of(draft)
        if announcement_id is None:
            return 0
        counts = self.store.deliveries.counts(announcement_id)
        return sum(count for state, count in counts.items() if state not in _WAITING)

    def watch(self, draft: Draft, size: int, description: str) -> None:
        """Show a bar until ``size`` rows of a notice have come to their end."""
        with tqdm(total=size, unit="message", desc=description) as bar:
            while bar.n < size:
                time.sleep(0.25)
                bar.update(min(self.settled(draft), size) - bar.n)

    def worker_peak(self) -> float:
        """Return the most memory the worker held at a time, in MiB."""
        return peak_of(self.desk.processes["worker"].pid)

    def worker_seconds(self) -> float:
        """Return how long the worker has been on a processor."""
        return processor_seconds(self.desk.processes["worker"].pid)


@contextmanager
def crowded_desk(
    folder: Path, size: int, rate: int, latency: float, threads: int | None = None
) -> Iterator[CrowdedDesk]:
    """Yield a desk whose ``size`` followers wrote just now; a call takes ``latency`` seconds.

    It is noon, whatever our clock says. ``rate`` is the platform's limit of calls a minute,
    ``threads`` how many messages may be under way.
    """
    port = free_port()
    with platform_process(folder / "zalo.jsonl", port, size) as zalo:
        extra = {**environ(zalo.url, rate), "MOTCUA_TIMEZONE": noon_zone()}
        if threads:
            extra["MOTCUA_SEND_THREADS"] = str(threads)
        zalo.change("limits", {"rate": rate})
        if latency:
            slow = {"place": "message", "kind": "slow", "times": 0, "seconds": latency}
            zalo.order("faults", slow)
        with running_desk(folder, extra, port, start=False) as desk:
            store = open_ready_store(Settings(data_dir=folder, secret_key="only-for-tests"))
            with tqdm(total=size, unit="person", desc="crowd") as bar:
                for count in gather(store, size, CROWD):
                    bar.update(count)
            desk.start("web")
            desk.start("worker")
            desk.wait_until_ready()
            yield CrowdedDesk(desk, zalo, store)
            store.close()


def taken(zalo: Zalo) -> list[dict[str, Any]]:
    """Return the calls with which the platform took a message."""
    return [line for line in zalo.calls() if line.get("answer", {}).get("error") == 0]


def heard(lines: Iterable[dict[str, Any]]) -> dict[int, list[str]]:
    """Return the ids of the messages these calls brought to each citizen of the crowd."""
    found: dict[int, list[str]] = {}
    for line in lines:
        who = int(line["request"]["recipient"]["user_id"].removeprefix(_CROWD_PREFIX))
        found.setdefault(who, []).append(line["answer"]["data"]["message_id"])
    return found
