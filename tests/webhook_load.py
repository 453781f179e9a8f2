"""Posts signed webhook events at a steady rate and keeps count of what became of each."""

from __future__ import annotations

import http.client
import itertools
import json
import random
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

import requests
from tqdm import tqdm

from tests.desk_process import NO_BUDGETS, RunningDesk, running_desk, zalo_environ
from tests.simulator import Simulator
from tests.simulator.account import Account
from tests.simulator.webhooks import SIGNATURE, sign

ANSWER_WITHIN = 2.0  # seconds the platform waits
_PEOPLE = 200
_SENDERS = 24
_TRY_AGAIN = 0.5  # seconds; the platform's half-minute, made short


def code_of(number: int) -> str:
    """Return the dossier code event ``number`` asks about; the answer repeats it."""
    day = 1 + number // 10_000
    return f"H39.21-2609{day:02d}-{number % 10_000:04d}"


def person(number: int) -> str:
    """Return who sends event ``number``."""
    return f"20000000000007{number % _PEOPLE:05d}"


@dataclass
class Load:
    """Posts ``count`` events at ``rate`` a second to a desk on ``port``; may ``show`` a bar.

    ``seconds`` holds how long each acknowledged call took, ``refused`` counts other answers and
    calls that broke; those are posted again as the platform would.
    """

    port: int
    account: Account
    count: int
    rate: float = 100.0
    show: bool = False
    seconds: list[float] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)

    def run(self) -> None:
        """Post everything; return when the last event is acknowledged."""
        numbers, lock = itertools.count(), threading.Lock()
        bar = tqdm(total=self.count, unit="event", desc="acknowledged", disable=not self.show)
        began = time.perf_counter() + 0.5

        def work() -> None:
            line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_WITHIN)
            while (number := next(numbers)) < self.count:
                time.sleep(max(0.0, began + number / self.rate - time.perf_counter()))
                took = self._post(line, number)
                with lock:
                    self.seconds.append(took)
                    bar.update()
            line.close()

        threads = [threading.Thread(target=work, daemon=True) for _ in range(_SENDERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        bar.close()

    def run_apart(self) -> Load:
        """Post everything from another process, which shares no time with the platform here."""
        with ProcessPoolExecutor(1, get_context("spawn")) as apart:
            return apart.submit(_ran, self).result()

    def run_beside_kills(self, desk: RunningDesk, kills: int, chance: random.Random) -> Load:
        """Post everything from another process while the worker is killed and started again."""
        with ThreadPoolExecutor(1) as beside:
            posting = beside.submit(self.run_apart)
            for _ in range(kills):
                time.sleep(chance.uniform(0.5, 1.5) * self.count / self.rate / kills)
                desk.kill("worker")
                desk.start("worker")
            return posting.result()

    def _post(self, line: http.client.HTTPConnection, number: int) -> float:
        body, headers = self._written(number)
        while True:
            began = time.perf_counter()
            try:
                line.request("POST", "/webhooks/zalo", body, headers)
                answer = line.getresponse()
                answer.read()
                if answer.status == 200:
                    return time.perf_counter() - began
                self.refused[str(answer.status)] += 1
            except (OSError, http.client.HTTPException) as error:
                self.refused[type(error).__name__] += 1
                line.close()
            time.sleep(_TRY_AGAIN)

    def _written(self, number: int) -> tuple[bytes, dict[str, str]]:
        stamp = str(int(time.time() * 1000))
        event = {
            "app_id": self.account.app_id,
            "sender": {"id": person(number)},
            "recipient": {"id": self.account.oa_id},
            "event_name": "user_send_text",
            "message": {"msg_id": f"load{number:016x}", "text": code_of(number)},
            "timestamp": stamp,
        }
        body = json.dumps(event).encode()
        headers = {"Content-Type": "application/json", SIGNATURE: sign(self.account, body, stamp)}
        return body, headers


@contextmanager
def loaded_desk(folder: Path, platform: Simulator, port: int) -> Iterator[RunningDesk]:
    """Yield a desk joined to the platform as soon as it takes events and answers codes.

    Codes need no language model, so nobody waits for one.
    """
    know_everybody(platform)
    settings = {**zalo_environ(platform), **NO_BUDGETS}
    with running_desk(folder, settings, port, start=False) as desk:
        desk.start("web")
        desk.start("worker")
        deadline = time.monotonic() + 120
        while not _is_up(desk):
            if time.monotonic() > deadline:
                raise TimeoutError(desk.log("worker")[-2000:])
            time.sleep(0.2)
        yield desk


def _is_up(desk: RunningDesk) -> bool:
    try:
        checks = requests.get(f"{desk.url}/readyz", timeout=2).json()["checks"]
    except (requests.RequestException, ValueError):
        return False
    return bool(checks["store"] and checks["worker"])


def _ran(load: Load) -> Load:
    load.run()
    return load


def know_everybody(platform: Simulator) -> None:
    """Let the platform take answers to everybody the load writes for."""
    for number in range(_PEOPLE):
        platform.citizen_is_known(person(number))


@dataclass(frozen=True)
class Reckoning:
    """What became of the events: not in the store, answered more than once, never answered.

    ``unsure`` are those of the unanswered whose delivery is marked as of unknown fate.
    """

    lost: int
    doubled: int
    unanswered: int
    unsure: int


def reckon(data_dir: Path, platform: Simulator, count: int) -> Reckoning:
    """Compare what was acknowledged with the store and with what citizens were told."""
    with closing(sqlite3.connect(data_dir / "motcua.db")) as db:
        kept = {row[0] for row in db.execute("SELECT message_id FROM inbound")}
        rows = db.execute("SELECT body FROM deliveries WHERE state = 'unsure'").fetchall()
    unsure = {json.loads(body)["meta"].get("dossier_code") for (body,) in rows if body}
    told = _told(platform, count)
    silent = {number for number in range(count) if not told[code_of(number)]}
    return Reckoning(
        lost=sum(f"load{number:016x}" not in kept for number in range(count)),
        doubled=sum(times > 1 for times in told.values()),
        unanswered=len(silent),
        unsure=sum(code_of(number) in unsure for number in silent),
    )


def _told(platform: Simulator, count: int) -> Counter[str]:
    codes = {code_of(number) for number in range(count)}
    words = (word for who in range(_PEOPLE) for word in _words(platform.sent_to(person(who))))
    return Counter(word for word in words if word in codes)


def _words(sent: Sequence[object]) -> list[str]:
    """Return the distinct words of each message: a code may stand in it twice."""
    texts = (getattr(message, "text", "") for message in sent)
    return [word.strip(".,:;()") for text in texts for word in set(text.split())]


def wait_for_answers(
    data_dir: Path,
    platform: Simulator,
    count: int,
    seconds: float,
    progress: Callable[[Reckoning], object] = lambda reckoning: None,
) -> Reckoning:
    """Wait until every event is answered or marked as unsure; return how it stands then."""
    deadline = time.monotonic() + seconds
    while True:
        found = reckon(data_dir, platform, count)
        progress(found)
        if found.unanswered <= found.unsure or time.monotonic() > deadline:
            return found
        time.sleep(max(1.0, count / 1_000))  # reckoning takes time from the platform beside us
