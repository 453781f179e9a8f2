"""Starts the real web and worker processes on free ports of 127.0.0.1, for tests; stops them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from tests.simulator import Simulator

ROOT = Path(__file__).parent.parent


# For tests that send code after code to see whether each is answered.
NO_BUDGETS = {
    f"MOTCUA_WRONG_CODES_{name}": 1_000_000
    for name in ("CITIZEN", "ADDRESS", "PROVINCE", "NEARBY")
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def peak_of(process_id: int | str) -> float:
    """Return the most memory a process held at a time, in MiB.

    What ``getrusage`` tells would be inherited from the process that started it.
    """
    lines = Path(f"/proc/{process_id}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))


def processor_seconds(process_id: int) -> float:
    """Return how long a process has been on a processor."""
    words = Path(f"/proc/{process_id}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


@dataclass
class RunningDesk:
    """A desk of its own: data folder, web process, worker process."""

    data_dir: Path
    port: int
    environ: dict[str, str]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, name: str) -> None:
        commands = {
            "web": ["-m", "gunicorn", "--config", "gunicorn.conf.py", "server:create_app()"],
            "worker": ["-m", "bot.worker"],
        }
        log = (self.data_dir / f"{name}.log").open("ab")
        self.processes[name] = subprocess.Popen(
            [sys.executable, *commands[name]], cwd=ROOT, env=self.environ, stdout=log, stderr=log
        )
        log.close()

    def kill(self, name: str, number: int = signal.SIGKILL) -> None:
        process = self.processes.pop(name)
        process.send_signal(number)
        process.wait(timeout=30)

    def wait_until_ready(self, seconds: float = 120) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for name, process in self.processes.items():
                if process.poll() is not None:
                    raise RuntimeError(f"{name} ended: {self.log(name)[-2000:]}")
            try:
                if requests.get(f"{self.url}/readyz", timeout=2).status_code == 200:
                    return
            except requests.RequestException:
                pass
            time.sleep(0.1)
        raise TimeoutError(self.log("worker")[-2000:])

    def log(self, name: str) -> str:
        path = self.data_dir / f"{name}.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def flask(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "flask", "--app", "server", *arguments],
            cwd=ROOT, env=self.environ, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    def stop(self) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes.clear()


@contextmanager
def running_desk(
    data_dir: Path,
    extra: Mapping[str, Any] | None = None,
    port: int | None = None,
    start: bool = True,
) -> Iterator[RunningDesk]:
    """Yield a ready desk with the demo province and the trained model."""
    port = port or free_port()
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith("MOTCUA_")},
        "PYTHONPATH": str(ROOT),
        "MOTCUA_DATA_DIR": str(data_dir),
        "MOTCUA_PORT": str(port),
        "MOTCUA_SECRET_KEY": "only-for-tests",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        **{name: str(value) for name, value in (extra or {}).items()},
    }
    desk = RunningDesk(data_dir, port, environ)
    prepare = [sys.executable, "-m", "bot.seeding"]
    subprocess.run(prepare, cwd=ROOT, env=environ, check=True, timeout=120)
    try:
        if start:
            desk.start("web")
            desk.start("worker")
            desk.wait_until_ready()
        yield desk
    finally:
        desk.stop()


def zalo_environ(simulator: Simulator) -> dict[str, str]:
    """Return the settings that join a desk to a simulated platform."""
    account = simulator.account
    return {
        "MOTCUA_ZALO_APP_ID": account.app_id,
        "MOTCUA_ZALO_APP_SECRET": account.app_secret,
        "MOTCUA_ZALO_OA_ID": account.oa_id,
        "MOTCUA_ZALO_OA_SECRET": account.oa_secret,
        "MOTCUA_ZALO_API_URL": simulator.url,
        "MOTCUA_ZALO_OAUTH_URL": simulator.url,
        "MOTCUA_ZALO_REFRESH_TOKEN": account.first_refresh_token,
        "MOTCUA_MEDIA_HTTP_HOSTS": simulator.url.removeprefix("http://"),
    }


def bot_environ(simulator: Simulator) -> dict[str, str]:
    """Return the settings that let a desk poll for the simulated platform's bot."""
    return {
        "MOTCUA_ZALO_BOT_TOKEN": simulator.account.bot_token,
        "MOTCUA_ZALO_BOT_API_URL": simulator.url,
    }


class Chat:
    """One citizen at the web chat."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._http = requests.Session()
        answer = self._http.post(f"{url}/chat/api/sessions", timeout=20)
        answer.raise_for_status()
        self.token = str(answer.json()["session"])
        self._http.cookies.clear()
        self._http.headers["Authorization"] = f"Bearer {self.token}"

    def say(self, text: str, wait: float = 20) -> list[dict[str, Any]]:
        """Send a text and return the bot's messages of that turn."""
        answer = self._http.post(
            f"{self._url}/chat/api/messages",
            params={"wait": wait},
            json={"text": text},
            timeout=30,
        )
        answer.raise_for_status()
        return list(answer.json().get("messages", ()))

    def send(self, text: str, client_id: str) -> str:
        """Send a text without waiting; return its id."""
        answer = self._http.post(
            f"{self._url}/chat/api/messages",
            json={"text": text, "client_id": client_id},
            timeout=30,
        )
        answer.raise_for_status()
        return str(answer.json()["id"])

    def show(self, picture: bytes, wait: float = 20) -> list[dict[str, Any]]:
        """Send a photo and return the bot's messages of that turn."""
        answer = self._http.post(
            f"{self._url}/chat/api/messages",
            params={"wait": wait},
            files={"image": ("photo.jpg", picture, "image/jpeg")},
            timeout=30,
        )
        answer.raise_for_status()
        return list(answer.json().get("messages", ()))

    def messages(self, after: str = "0") -> list[dict[str, Any]]:
        """Return everything after a message."""
        answer = self._http.get(
            f"{self._url}/chat/api/messages", params={"after": after}, timeout=20
        )
        answer.raise_for_status()
        return list(answer.json()["messages"])
