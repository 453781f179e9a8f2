"""The stand-in as servers of 127.0.0.1: the system itself, and a control address beside it."""

from __future__ import annotations

import base64
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.onestop import answers
from tests.onestop.world import CLIENT, World

_DRIP = 0.2  # seconds between two bytes


class _Server(ThreadingHTTPServer):
    """Knows its open connections, so that going down cuts them too."""

    daemon_threads = True
    open_lines: set[socket.socket]

    def __init__(self, port: int, handler: type[BaseHTTPRequestHandler], owner: OneStop) -> None:
        self.open_lines = set()
        self.owner = owner
        super().__init__(("127.0.0.1", port), handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self.open_lines.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self.open_lines.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep quiet: a caller that gave up is no news."""

    def cut(self) -> None:
        for line in list(self.open_lines):
            try:
                line.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


class OneStop:
    """``with OneStop() as system``: ``url`` is asked, ``control_url`` takes orders."""

    def __init__(
        self, port: int = 0, control_port: int = 0, tls: ssl.SSLContext | None = None
    ) -> None:
        self.world = World()
        self._tls = tls
        self._port = port
        self._control = _Server(control_port, _Control, self)
        self._server: _Server | None = None
        self.control_url = f"http://127.0.0.1:{self._control.server_port}"

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self._port}"

    @property
    def token_url(self) -> str:
        return f"{self.url}/token"

    def __enter__(self) -> OneStop:
        self._up()
        _serve(self._control)
        return self

    def __exit__(self, *args: object) -> None:
        self.world.feel("well")
        self._down()
        self._control.shutdown()
        self._control.server_close()

    def feel(self, mood: str, seconds: float | None = None) -> None:
        """Change the mood; "down" refuses connections until another mood."""
        self.world.feel(mood, seconds)
        if mood == "down":
            self._down()
        elif self._server is None:
            self._up()

    def _up(self) -> None:
        server = _Server(self._port, _System, self)
        self._port = server.server_port
        if self._tls:
            server.socket = self._tls.wrap_socket(server.socket, server_side=True)
        self._server = server
        _serve(server)

    def _down(self) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server.cut()
            self._server = None


def _serve(server: _Server) -> None:
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    @property
    def owner(self) -> OneStop:
        return self.server.owner

    @property
    def world(self) -> World:
        return self.owner.world

    def log_message(self, *args: object) -> None:
        """Keep quiet."""

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def say(self, status: int, body: bytes, kind: str = "application/json", **more: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in more.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def say_json(self, status: int, value: Any) -> None:
        self.say(status, json.dumps(value).encode())


class _System(_Handler):
    """The system itself."""

    def do_POST(self) -> None:
        body = self.body()
        if urlsplit(self.path).path == "/token":
            self._token(body)
        elif self._may():
            asked = json.loads(body)
            if asked.get("service") != "TraCuuHoSo":
                self.say_json(200, {"error_code": "99", "message": "service"})
                return
            codes = asked.get("mahoso")
            listed = codes if isinstance(codes, list) else [codes]
            self.world.count("lists" if isinstance(codes, list) else "lookups")
            self._answer(answers.national, listed)

    def do_GET(self) -> None:
        if self._may():
            query = dict(parse_qsl(urlsplit(self.path).query))
            self.world.count("lookups")
            self._answer(answers.portal, [query.get("dossierNo", "")])

    def _token(self, body: bytes) -> None:
        self.world.count("tokens")
        expected = base64.b64encode(":".join(CLIENT).encode()).decode()
        grant = dict(parse_qsl(body.decode())).get("grant_type")
        if self.headers.get("Authorization") != f"Basic {expected}":
            self.say_json(401, {"error": "invalid_client"})
        elif grant != "client_credentials":
            self.say_json(400, {"error": "unsupported_grant_type"})
        else:
            token = self.world.issue_token()
            self.say_json(200, {"access_token": token, "expires_in": self.world.life})

    def _may(self) -> bool:
        if self.world.takes(self.headers.get("Authorization") or ""):
            return True
        self.world.count("refused")
        self.say_json(401, {"message": "token"})
        return False

    def _answer(self, say: Callable[..., bytes], codes: list[str]) -> None:
        mood, calm, seconds = self.world.mood, self.world.calm, self.world.seconds
        body = say(self.world.find(codes), mood)
        if mood == "hang":
            calm.wait(60)
            self.close_connection = True
        elif mood == "slow":
            time.sleep(seconds)
            self.say(200, body)
        elif mood == "drip":
            self._drip(body, calm)
        elif mood in _STATUS:
            self.say(_STATUS[mood], b"H39 0912345678", "text/plain", Location="/elsewhere")
        elif mood == "packed":
            self.say(200, body, Content_Encoding="gzip")
        else:
            kind = "text/html" if mood == "html" else "application/json"
            self.say(200, body, kind)

    def _drip(self, body: bytes, calm: threading.Event) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        for index in range(len(body)):
            self.wfile.write(body[index : index + 1])
            self.wfile.flush()
            if calm.wait(_DRIP):
                break
        self.close_connection = True


_STATUS = {"error": 500, "missing": 404, "redirect": 302}


class _Control(_Handler):
    """Takes orders: mood, move, expire; GET tells the counts."""

    def do_GET(self) -> None:
        self.say_json(
            200, {"mood": self.owner.world.mood, "counts": dict(self.owner.world.counts)}
        )

    def do_POST(self) -> None:
        order = json.loads(self.body() or b"{}")
        try:
            self._obey(urlsplit(self.path).path, order)
        except (KeyError, ValueError) as error:
            self.say_json(400, {"error": str(error)})
            return
        self.say_json(200, {"done": True})

    def _obey(self, path: str, order: dict[str, Any]) -> None:
        if path == "/mood":
            self.owner.feel(order["mood"], order.get("seconds"))
        elif path == "/move":
            self.owner.world.move(order["code"], order["status"], order.get("at", ""))
        elif path == "/expire":
            self.owner.world.expire_tokens()
        else:
            raise ValueError("orders: /mood, /move, /expire")
