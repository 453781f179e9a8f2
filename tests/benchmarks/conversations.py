"""Whole conversations per second, memory and start time: MotCua against stock Rasa, in one run.

Stock is Rasa as its documentation sets it up: DIET pipeline, REST channel, HTTP action server,
on the same phrases and rules. Both answer the same texts from the same number of clients.

usage: python -m tests.benchmarks.conversations [--clients 8] [--messages 400] [--epochs 5]
"""

from __future__ import annotations

import argparse
import itertools
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median, quantiles

import requests

from tests.desk_process import ROOT, Chat, free_port, running_desk

Say = Callable[[str], object]

TEXTS = (
    "chào em",
    "cho em hỏi hồ sơ 000.00.19.H39-260915-0001 tới đâu rồi",
    "làm giấy khai sinh cần giấy tờ gì",
    "còn phí?",
    "doi bang lai xe o dau",
    "có thông báo gì mới không",
    "địa chỉ trung tâm hành chính công",
    "cảm ơn nhiều",
)

STOCK_CONFIG = """
recipe: default.v1
assistant_id: stock
language: vi
pipeline:
- name: WhitespaceTokenizer
- name: RegexFeaturizer
- name: LexicalSyntacticFeaturizer
- name: CountVectorsFeaturizer
- name: CountVectorsFeaturizer
  analyzer: char_wb
  min_ngram: 1
  max_ngram: 4
- name: DIETClassifier
  epochs: {epochs}
- name: EntitySynonymMapper
- name: FallbackClassifier
  threshold: 0.3
policies:
- name: RulePolicy
"""


@dataclass(frozen=True)
class Figures:
    """What one side did: start in seconds, memory in MiB by process, latencies in seconds."""

    name: str
    started: float
    memory: dict[str, float]
    latencies: Sequence[float]
    elapsed: float

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.elapsed

    def row(self) -> str:
        tail = quantiles(self.latencies, n=20)[-1]
        memory = ", ".join(f"{name} {size:.0f}" for name, size in self.memory.items())
        return (
            f"| {self.name} | {self.started:.1f} | {self.per_second:.0f} | "
            f"{median(self.latencies) * 1000:.0f} | {tail * 1000:.0f} | {memory} |"
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--messages", type=int, default=400, help="in all, for each side")
    parser.add_argument(
        "--epochs", type=int, default=5, help="of DIET; speed does not depend on them"
    )
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        ours = measure_motcua(Path(folder) / "desk", options.clients, options.messages)
        print(ours.row(), flush=True)
        stock = measure_stock(Path(folder), options)
    print("\n| | ready after s | conversations/s | p50 ms | p95 ms | memory MiB |")
    print("| --- | --- | --- | --- | --- | --- |")
    print(ours.row())
    print(stock.row())
    print(f"\nratio of conversations/s: {ours.per_second / stock.per_second:.1f}")
    return 0


def measure_motcua(folder: Path, clients: int, messages: int) -> Figures:
    """Return the figures of web and worker, through the page's API."""
    folder.mkdir()
    rates = {"MOTCUA_CHAT_RATE": "100000/second", "MOTCUA_SESSION_RATE": "100000/second"}
    with running_desk(folder, rates, start=False) as desk:
        began = time.monotonic()
        desk.start("web")
        desk.start("worker")
        desk.wait_until_ready()
        started = time.monotonic() - began
        latencies, elapsed = drive(lambda: Chat(desk.url).say, clients, messages)
        memory = {name: tree_memory(process.pid) for name, process in desk.processes.items()}
    return Figures("MotCua", started, memory, latencies, elapsed)


def measure_stock(folder: Path, options: argparse.Namespace) -> Figures:
    """Return the figures of ``rasa run`` with an action server."""
    config = folder / "config.yml"
    config.write_text(STOCK_CONFIG.format(epochs=options.epochs), encoding="utf-8")
    models = folder / "models"
    seed = [sys.executable, "-m", "bot.seeding"]
    subprocess.run(seed, cwd=ROOT, env=environ(folder / "desk2"), check=True)
    print("training stock Rasa…", flush=True)
    rasa(
        "train", "--config", str(config), "--data", "data/nlu", "--domain", "data/nlu",
        "--out", str(models), "--fixed-model-name", "stock", data_dir=folder / "desk2",
    )  # fmt: skip
    with stock_servers(folder, models / "stock.tar.gz") as (url, started, processes):
        opener = partial(stock_talk, url)
        latencies, elapsed = drive(opener, options.clients, options.messages)
        memory = {name: tree_memory(process.pid) for name, process in processes.items()}
    return Figures("stock Rasa", started, memory, latencies, elapsed)


def drive(open_talk: Callable[[], Say], clients: int, messages: int) -> tuple[list[float], float]:
    """Let every client hold conversations one after the other, each in a session of its own.

    Opening a session counts in the elapsed time, not in the latencies.
    """
    open_talk()(TEXTS[0])
    latencies: list[float] = []
    lock = threading.Lock()

    def talk() -> None:
        for number in range(messages // clients):
            if number % len(TEXTS) == 0:
                say = open_talk()
            began = time.perf_counter()
            said = say(TEXTS[number % len(TEXTS)])
            took = time.perf_counter() - began
            if not said:
                raise RuntimeError("a text was not answered")
            with lock:
                latencies.append(took)

    threads = [threading.Thread(target=talk) for _ in range(clients)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(latencies) != messages // clients * clients:
        raise RuntimeError("some texts were not answered")
    return latencies, time.perf_counter() - began


_talks = itertools.count(1)


def stock_talk(url: str) -> Say:
    """Open a conversation with Rasa's REST channel."""
    return stock_say(url, f"talk-{next(_talks)}")


def stock_say(url: str, sender: str) -> Say:
    """Return a client of Rasa's REST channel."""
    http = requests.Session()

    def say(text: str) -> object:
        body = {"sender": sender, "message": text}
        answer = http.post(f"{url}/webhooks/rest/webhook", json=body, timeout=60)
        answer.raise_for_status()
        return answer.json()

    return say


@contextmanager
def stock_servers(
    folder: Path, model: Path
) -> Iterator[tuple[str, float, dict[str, subprocess.Popen[bytes]]]]:
    """Start ``rasa run`` and ``rasa run actions``; yield address, seconds to ready, processes."""
    port, actions_port = free_port(), free_port()
    endpoints = folder / "endpoints.yml"
    endpoints.write_text(f"action_endpoint:\n  url: http://127.0.0.1:{actions_port}/webhook\n")
    credentials = folder / "credentials.yml"
    credentials.write_text("rest:\n")
    commands = {
        "actions": ["run", "actions", "--port", str(actions_port)],
        "server": [
            "run", "--model", str(model), "--port", str(port), "--endpoints", str(endpoints),
            "--credentials", str(credentials), "--interface", "127.0.0.1",
        ],
    }  # fmt: skip
    began = time.monotonic()
    log = (folder / "stock.log").open("ab")
    processes = {
        name: subprocess.Popen(
            [sys.executable, "-m", "rasa", *words], cwd=ROOT, env=environ(folder / "desk2"),
            stdout=log, stderr=log, start_new_session=True,
        )
        for name, words in commands.items()
    }  # fmt: skip
    log.close()
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for_answer(url)
        yield url, time.monotonic() - began, processes
    finally:
        for process in processes.values():
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=60)


def wait_for_answer(url: str, seconds: float = 240) -> None:
    """Wait until the stock server answers a text with its actions."""
    say = stock_say(url, "warm-up")
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if say("chào em"):
                return
        except requests.RequestException:
            pass
        time.sleep(0.5)
    raise TimeoutError("stock Rasa did not start")


def rasa(*words: str, data_dir: Path) -> None:
    """Run one rasa command to its end."""
    subprocess.run(
        [sys.executable, "-m", "rasa", *words], cwd=ROOT, env=environ(data_dir), check=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=3600,
    )  # fmt: skip


def environ(data_dir: Path) -> dict[str, str]:
    """Return the environment of stock processes; their actions answer from the same data."""
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "MOTCUA_DATA_DIR": str(data_dir),
        "RASA_TELEMETRY_ENABLED": "false",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }


def tree_memory(pid: int) -> float:
    """Return the resident memory of a process and its children, in MiB."""
    total = 0.0
    waiting = [pid]
    while waiting:
        one = waiting.pop()
        try:
            status = Path(f"/proc/{one}/status").read_text()
            tasks = Path(f"/proc/{one}/task/{one}/children").read_text()
        except OSError:
            continue
        line = next((row for row in status.splitlines() if row.startswith("VmRSS")), "VmRSS: 0 kB")
        total += int(line.split()[1]) / 1024
        waiting += [int(child) for child in tasks.split()]
    return total


if __name__ == "__main__":
    sys.exit(main())
