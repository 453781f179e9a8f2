"""``python -m tests.onestop --port 8095``: a one-stop system to join the desk to, for a demo."""

from __future__ import annotations

import argparse
import signal
import threading

from tests.onestop.server import OneStop
from tests.onestop.world import CLIENT, MOODS


def main() -> None:
    """Run the stand-in until it is interrupted."""
    parser = argparse.ArgumentParser(prog="tests.onestop", description=__doc__)
    parser.add_argument("--port", type=int, default=8095)
    parser.add_argument("--control-port", type=int, default=8096)
    options = parser.parse_args()
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    with OneStop(options.port, options.control_port) as system:
        print(_greeting(system), flush=True)  # noqa: T201 - this is its output
        done.wait()


def _greeting(system: OneStop) -> str:
    code = system.world.codes()[0]
    order = "curl -X POST -d"
    return "\n".join((
        f"One-stop system: {system.url}",
        "Codes: " + ", ".join(system.world.codes()),
        "The desk talks to it with:",
        'export MOTCUA_DOSSIER_SOURCES="onestop register"',
        f"export MOTCUA_ONESTOP_URL={system.url}",
        f"export MOTCUA_ONESTOP_TOKEN_URL={system.token_url}",
        f"export MOTCUA_ONESTOP_CLIENT_ID={CLIENT[0]}",
        f"export MOTCUA_ONESTOP_CLIENT_SECRET={CLIENT[1]}",
        "Give it orders with:",
        f"""{order} '{{"mood": "down"}}' {system.control_url}/mood   ({", ".join(MOODS)})""",
        f"""{order} '{{"code": "{code}", "status": 9}}' {system.control_url}/move""",
        f"{order} '' {system.control_url}/expire",
        f"curl {system.control_url}",
    ))  # fmt: skip


if __name__ == "__main__":
    main()
