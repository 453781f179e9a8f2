"""What commands need to know of webhook events that wait on disk for the store."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from bot.cli.findings import Finding, fix, ok
from bot.settings import Settings
from bot.web.intake import Intake
from bot.web.spool import Spool
from bot.wiring.desk import build_web

_LONGEST = 10.0  # seconds; a running web process looks twice a second
_PAUSE = 0.2


def checks(settings: Settings) -> Iterator[Finding]:
    """Report events that wait, and those the store will never take."""
    waiting = Spool(settings.data_dir).waiting()
    if waiting.refused:
        yield fix(
            "webhook events",
            f"{waiting.refused} could not be kept: look for event=spool_refused in the log "
            "of the web process, which names the place in the code",
        )
    if waiting.events:
        yield fix(
            "webhook events",
            f"{waiting.events} wait on disk: they are brought in as soon as the store takes "
            "writes and the web process runs",
        )
    if not waiting.refused and not waiting.events:
        yield ok("webhook events", "none waits")


def bring_in(settings: Settings, rest: Callable[[float], None] = time.sleep) -> int:
    """Bring waiting events into the store; return how many wait on.

    What a running web process holds it brings in by itself; wait for it.
    """
    spool = Spool(settings.data_dir)
    if not spool.waiting().events:
        return 0
    intake = Intake(build_web(settings), spool)
    deadline = time.monotonic() + _LONGEST
    try:
        while True:
            intake.step()
            left = spool.waiting().events
            if not left or time.monotonic() > deadline:
                return left
            rest(_PAUSE)
    finally:
        intake.close()
