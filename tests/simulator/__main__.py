"""``python -m tests.simulator --port 8090 --webhook http://127.0.0.1:8080/webhooks/zalo``."""

from __future__ import annotations

import argparse
import signal
import threading
from pathlib import Path

from tests.simulator.account import another
from tests.simulator.citizens import stage
from tests.simulator.simulator import Simulator


def main() -> None:
    """Run the simulator until it is interrupted."""
    options = _options()
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    more = [another(number) for number in range(1, options.accounts)]
    with Simulator(options.webhook, more=more, port=options.port, log_path=options.log) as zalo:
        zalo.clock.set(speed=options.speed)
        stage(zalo.world)
        for _ in zalo.world.populate(options.followers):
            pass
        print(_greeting(zalo, options.log), flush=True)  # noqa: T201 - this is its output
        done.wait()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.simulator", description=main.__doc__)
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--webhook", default="http://127.0.0.1:8080/webhooks/zalo")
    parser.add_argument("--log", type=Path, default=Path("var/simulator.jsonl"))
    parser.add_argument("--followers", type=int, default=0, help="a crowd besides the twenty")
    parser.add_argument("--accounts", type=int, default=1, help="official accounts of the app")
    parser.add_argument("--speed", type=float, default=1.0, help="simulated seconds in a real one")
    return parser.parse_args()


def _greeting(zalo: Simulator, log: Path) -> str:
    account = zalo.account
    settings = {
        "APP_ID": account.app_id,
        "APP_SECRET": account.app_secret,
        "OA_ID": account.oa_id,
        "OA_SECRET": account.oa_secret,
        "API_URL": zalo.url,
        "OAUTH_URL": zalo.url,
        "REFRESH_TOKEN": account.first_refresh_token,
    }
    lines = [f"export MOTCUA_ZALO_{name}={value}" for name, value in settings.items()]
    others = [branch.account for branch in zalo.branches[1:]]
    words = [f"{one.oa_id}:{one.oa_secret}:{one.first_refresh_token}" for one in others]
    if words:
        lines.append(f"export MOTCUA_ZALO_ACCOUNTS='{' '.join(words)}'")
    host = zalo.url.removeprefix("http://")
    lines.append(f"export MOTCUA_MEDIA_HTTP_HOSTS={host}")
    head = f"Simulator: {zalo.url}   log: {log}\nThe desk talks to it with:\n"
    return head + "\n".join(lines)


if __name__ == "__main__":
    main()
