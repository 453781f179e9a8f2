"""The simulator as one object, running in a thread of its own."""

from __future__ import annotations

import logging
import queue
import threading
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.simulator import control, oa
from tests.simulator.faults import Fault, Faults
from tests.simulator.people import People
from tests.simulator.tokens import Tokens
from tests.simulator.webhooks import Receiver, Style, Webhooks
from tests.simulator.world import Account, Sent, World

log = logging.getLogger(__name__)


class _Handler(WSGIRequestHandler):
    def make_environ(self) -> dict[str, Any]:
        """Keep header names with an underscore, which WSGI servers drop and Zalo uses."""
        environ: dict[str, Any] = super().make_environ()
        for name in ("access_token", "secret_key"):
            environ[f"zalo.{name}"] = self.headers.get(name)
        return environ

    def log_request(self, *args: Any) -> None:
        """The simulator keeps its own log."""


class Simulator(People):
    """A Zalo on a free local port, for ``with Simulator() as zalo``.

    ``webhook`` is the desk's address, or a function ``(headers, body) -> status``. ``url`` serves
    as the API's and the token service's address. See ``People`` for what citizens can do.
    """

    def __init__(
        self,
        webhook: str | Receiver | None = None,
        *,
        account: Account | None = None,
        port: int = 0,
        log_path: Path | None = None,
    ) -> None:
        world = World(account or Account(), log_path)
        super().__init__(world, Webhooks(world, webhook))
        app = Flask(__name__, static_folder=None)
        app.extensions["simulator"] = self
        app.register_blueprint(oa.routes)
        app.register_blueprint(control.routes)
        self._server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._echoes: queue.Queue[Sent | None] = queue.Queue()
        self._threads = (
            threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True),
            threading.Thread(target=self._post_echoes, daemon=True),
        )

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

    @property
    def style(self) -> Style:
        """Return how webhooks are written: ``style.duplicates = 1``, ``style.bad_signature``."""
        return self.webhooks.style

    @property
    def requests(self) -> list[dict[str, Any]]:
        """Return the log: every webhook call made and every call received."""
        return self.world.requests

    def fail(self, place: str, kind: str, **details: Any) -> None:
        """Let calls at ``place`` fail: ``fail("message", "drop", acts=True, times=2)``."""
        self.faults.add(Fault(place, kind, **details))

    def start(self) -> Simulator:
        """Begin to serve."""
        for thread in self._threads:
            thread.start()
        return self

    def stop(self) -> None:
        """End serving; what hangs is let go."""
        self.faults.clear()
        self.stop_echoes()
        self._server.shutdown()
        self._server.server_close()
        for thread in self._threads:
            thread.join(timeout=5)

    def stop_echoes(self) -> None:
        """Post the echoes still waiting, and no more."""
        self._echoes.put(None)
        self._threads[1].join(timeout=5)

    def __enter__(self) -> Simulator:
        return self.start()

    def __exit__(self, *error: object) -> None:
        self.stop()

    def was_sent(self, sent: Sent) -> None:
        """Hear that the account sent a message."""
        if self.style.echoes and self.webhooks.receiver:
            self._echoes.put(sent)

    def _post_echoes(self) -> None:
        while sent := self._echoes.get():
            try:
                self.echo(sent)
            except Exception:  # a test's receiver may raise anything
                log.exception("event=echo_failed")
