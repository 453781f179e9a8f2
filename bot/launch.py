"""``make run``: get everything ready, start web and worker, say where the desk is."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from types import FrameType
from urllib.error import URLError
from urllib.request import urlopen

from bot.core.errors import DeskError, SettingsError
from bot.settings import Settings

_READY_WITHIN = 180.0  # seconds, on a slow machine
_DISK_NEEDED = 200 * 1024 * 1024  # bytes, for the registry, the model and a day of talk


def main(arguments: Sequence[str] | None = None) -> int:
    """Start the desk and stay until Ctrl-C; 2 when something must be mended first."""
    parser = argparse.ArgumentParser(prog="make run", description=__doc__)
    parser.add_argument("--shell", action="store_true", help="talk to the model in the terminal")
    options = parser.parse_args(arguments)
    try:
        settings = Settings.from_env()
        check(settings)
        prepare(settings)
    except DeskError as error:
        sys.stderr.write(f"motcua: {error}\n")
        return 2
    except subprocess.CalledProcessError as error:
        sys.stderr.write(f"motcua: preparing failed (see above), exit {error.returncode}\n")
        return error.returncode
    if options.shell:
        return shell(settings)
    return serve(settings)


def check(settings: Settings) -> None:
    """Raise SettingsError in one sentence for what would fail later in many."""
    from bot.wiring.channels import require_zalo_secrets
    from bot.wiring.desk import prepare_data_dir, read_province

    read_province(settings.province_dir)
    require_zalo_secrets(settings)
    prepare_data_dir(settings)
    free = shutil.disk_usage(settings.data_dir).free
    if free < _DISK_NEEDED:
        raise SettingsError(
            f"only {free // 2**20} MiB free for {settings.data_dir}: "
            f"the desk needs {_DISK_NEEDED // 2**20}, free some space"
        )
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise SettingsError(
                f"port {settings.port} on {settings.host} is taken ({error.strerror}): "
                "stop what uses it or set MOTCUA_PORT"
            ) from error


def prepare(settings: Settings) -> None:
    """Build the registry, seed the demo and train the model, each only if something changed."""
    from bot.nlu.train import REFUSED
    from bot.seeding import prepare_data

    prepare_data(settings)
    folders = {
        "--models": settings.model_dir,
        "--province": settings.province_dir,
        "--evaluation": settings.evaluation_dir,
    }
    words = [str(word) for pair in folders.items() for word in pair]
    trained = subprocess.run([sys.executable, "-m", "bot.nlu.train", *words], check=False)
    if trained.returncode != REFUSED:  # then the model before goes on answering
        trained.check_returncode()


def serve(settings: Settings) -> int:
    """Start the processes of the Procfile, wait until ready, print the address, stay."""
    started = time.monotonic()
    command = [sys.executable, "-m", "honcho", "start"]
    # a session of its own: Ctrl-C reaches us alone, and we pass it on once
    processes = subprocess.Popen(command, start_new_session=True)

    def leave(number: int, frame: FrameType | None) -> None:
        if processes.poll() is None:
            processes.send_signal(signal.SIGTERM)

    signal.signal(signal.SIGINT, leave)
    signal.signal(signal.SIGTERM, leave)
    if _wait_until_ready(settings, processes):
        seconds = time.monotonic() - started
        sys.stdout.write(f"\n  MotCua is ready ({seconds:.0f} s):  {settings.address}\n\n")
        sys.stdout.flush()
    code = processes.wait()
    return 0 if code in (0, -signal.SIGTERM, 128 + signal.SIGTERM) else code


def shell(settings: Settings) -> int:
    """Hand the terminal to ``rasa shell``, with an action server beside it."""
    from bot.nlu.model import latest_model

    actions = subprocess.Popen(
        [sys.executable, "-m", "rasa", "run", "actions"], stdout=subprocess.DEVNULL
    )
    try:
        model = str(latest_model(settings))
        return subprocess.call([sys.executable, "-m", "rasa", "shell", "--model", model])
    finally:
        actions.terminate()
        actions.wait()


def _wait_until_ready(settings: Settings, processes: subprocess.Popen[bytes]) -> bool:
    url = f"http://{settings.host}:{settings.port}/readyz"
    deadline = time.monotonic() + _READY_WITHIN
    while time.monotonic() < deadline and processes.poll() is None:
        try:
            with urlopen(url, timeout=2) as answer:
                if json.load(answer).get("ready"):
                    return True
        except (URLError, OSError, ValueError):
            pass
        time.sleep(0.2)
    if processes.poll() is None:
        sys.stderr.write("motcua: not ready yet; see the lines above and /readyz\n")
    return False


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    sys.exit(main())
