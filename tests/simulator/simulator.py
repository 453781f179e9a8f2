"""The simulator as one object, running in threads of its own."""

from __future__ import annotations

import functools
import logging
import os
import queue
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.simulator import control, endpoints
from tests.simulator.bot_people import BotPeople
from tests.simulator.clock import Clock
from tests.simulator.endpoints.endpoint import SIMULATOR
from tests.simulator.faults import Fault, Faults
from tests.simulator.outbox import Sent
from tests.simulator.people import People
from tests.simulator.rules import ALL, Rulebook
from tests.simulator.style import Style
from tests.simulator.timetable import Timetable
from tests.simulator.tokens import Tokens
from tests.simulator.webhooks import Receiver, Webhooks
from tests.simulator.world import Account, World

log = logging.getLogger(__name__)

RULES_OFF = "SIMULATOR_RULES_OFF"
HEADERS = ("access_token", "secret_key", "appsecret_proof")


class _Handler(WSGIRequestHandler):
    def make_environ(self) -> dict[str, Any]:
        """Keep header names with an underscore, which WSGI servers drop and Zalo uses."""
        environ: dict[str, Any] = super().make_environ()
        given = {name: self.headers.get(name) for name in HEADERS}
        environ["zalo.headers"] = {name: value for name, value in given.items() if value}
        return environ

    def log_request(self, *args: Any) -> None:
        """The simulator keeps its own log."""


@functools.cache
def _app() -> Flask:
    """Return the addresses, which all simulators of a process share: making them takes long."""
    app = Flask(__name__, static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    endpoints.mount_all(app)
    control.mount(app)
    return app


class Branch(People):
    """One account of the app: its people, its tokens, what it sent."""

    def __init__(
        self, world: World, webhooks: Webhooks, echoes: queue.Queue[tuple[Branch, Sent] | None]
    ) -> None:
        super().__init__(world, webhooks)
        self._echoes = echoes

    @property
    def account(self) -> Account:
        """Return the ids and secrets the desk must be configured with."""
        return self.world.account

    @property
    def tokens(self) -> Tokens:
        """Return the token service's state; ``tokens.expire()`` ends the access token."""
        return self.world.tokens

    @property
    def faults(self) -> Faults:
        """Return the faults still to happen; ``faults.clear()`` ends them."""
        return self.world.faults

    def was_sent(self, sent: Sent) -> None:
        """Hear that the account sent a message."""
        style = self.webhooks.style
        if self.webhooks.receiver and (style.echoes or style.receipts):
            self._echoes.put((self, sent))


class Simulator(Branch):
    """A Zalo on a free local port, for ``with Simulator() as zalo``.

    ``webhook`` is the desk's address, or a function ``(headers, body) -> status``. ``url`` serves
    as the address of all the platform's hosts. See ``People`` for what citizens can do; ``more``
    accounts of the same app are reached with ``zalo.at(oa_id)``, which can do the same.
    """

    def __init__(
        self,
        webhook: str | Receiver | None = None,
        *,
        account: Account | None = None,
        more: Sequence[Account] = (),
        port: int = 0,
        log_path: Path | None = None,
        rules_off: Iterable[str] | None = None,
    ) -> None:
        world = World(account or Account(), log_path, _rules_off(rules_off))
        self.timetable = Timetable(world.clock)
        webhooks = Webhooks(world, webhook, self.timetable, accounts=tuple(more))
        super().__init__(world, webhooks, queue.Queue())
        others = (Branch(World(each, beside=world), webhooks, self._echoes) for each in more)
        self.branches: tuple[Branch, ...] = (self, *others)
        self.bot: BotPeople = BotPeople(world, self.webhooks)
        self._server = make_server(
            "127.0.0.1", port, self.answer, threaded=True, request_handler=_Handler
        )
        for branch in self.branches:
            branch.url = f"http://127.0.0.1:{self._server.server_port}"
        self._threads = (
            threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True),
            threading.Thread(target=self._post_echoes, daemon=True),
            threading.Thread(target=self.timetable.loop, daemon=True),
        )

    def answer(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one request, as a WSGI application."""
        environ[SIMULATOR] = self
        return _app()(environ, start_response)

    def at(self, oa_id: str) -> Branch:
        """Return one account of the app. Raises LookupError."""
        for branch in self.branches:
            if branch.account.oa_id == oa_id:
                return branch
        raise LookupError(f"no account {oa_id!r}")

    def branch_of(self, access_token: str | None) -> Branch:
        """Return the account a call is made for: its token tells."""
        known = (each for each in self.branches if each.tokens.was_known(access_token or "-"))
        return next(known, self)

    @property
    def style(self) -> Style:
        """Return how webhooks are written: ``style.duplicates = 1``, ``style.reorder = 3``."""
        return self.webhooks.style

    @property
    def clock(self) -> Clock:
        """Return the simulator's clock: ``clock.set(speed=60)``."""
        return self.world.clock

    @property
    def rules(self) -> Rulebook:
        """Return the strictness list's switches: ``rules.off.add("text-length")``."""
        return self.world.rulebook

    @property
    def requests(self) -> list[dict[str, Any]]:
        """Return the log: every webhook call made and every call received."""
        return self.world.recording.lines()

    def advance(self, seconds: float) -> None:
        """Let time pass; retries and delayed events happen on the way, each at its moment."""
        self.timetable.advance(seconds)

    def fail(self, place: str, kind: str, **details: Any) -> None:
        """Let calls at ``place`` fail: ``fail("message", "drop_after_acting", times=3)``."""
        self.faults.add(Fault(place, kind, **details))

    def start(self) -> Simulator:
        """Begin to serve."""
        for thread in self._threads:
            thread.start()
        return self

    def stop(self) -> None:
        """End serving; what hangs is let go."""
        self.faults.clear()
        self.world.bot.close()
        self.timetable.stop()
        self.stop_echoes()
        self._server.shutdown()
        for thread in self._threads:
            thread.join(timeout=5)
        self.close()

    def close(self) -> None:
        """Give back the port and the file, for a simulator that was never started."""
        self._server.server_close()
        self.world.recording.close()

    def stop_echoes(self) -> None:
        """Post the echoes still waiting, and no more."""
        self._echoes.put(None)
        self._threads[1].join(timeout=5)

    def __enter__(self) -> Simulator:
        return self.start()

    def __exit__(self, *error: object) -> None:
        self.stop()

    def _post_echoes(self) -> None:
        while waiting := self._echoes.get():
            branch, sent = waiting
            try:
                if self.style.echoes:
                    branch.echo(sent)
                if self.style.receipts and branch.world.person(sent.user_id).on_mobile:
                    branch.citizen_received(sent.user_id, sent.message_id)
            except Exception:  # a test's receiver may raise anything
                log.exception("event=echo_failed")


def _rules_off(given: Iterable[str] | None) -> set[str]:
    """Return the names to switch off, from the environment unless given."""
    names = os.environ.get(RULES_OFF, "").split(",") if given is None else given
    off = {name for name in names if name}
    if unknown := off - set(ALL):
        raise ValueError(f"{RULES_OFF}: no such rule: {sorted(unknown)}")
    return off
