"""A server that notes every call and answers as told, for the platform's calls one by one."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from bot.channels.zalo import ZaloApi
from tests.contract.channel_desk import Clock

OK = {"error": 0, "message": "Success", "data": {"message_id": "m1"}}


@dataclass(frozen=True)
class Seen:
    """One call as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Stub:
    """Answers with ``answers`` in turn, then with the last one for ever.

    An answer is a JSON value, or ``(status, bytes)``, or None to close without a word.
    """

    def __init__(self) -> None:
        self.answers: list[Any] = [OK]
        self.seen: list[Seen] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def answer(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.seen.clear()

    def next_answer(self) -> Any:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    @contextmanager
    def running(self) -> Iterator[Stub]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield self
        self._server.shutdown()
        self._server.server_close()
        thread.join(5)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._take()

            def do_POST(self) -> None:
                self._take()

            def log_message(self, *args: object) -> None:
                """Keep quiet."""

            def _take(self) -> None:
                parts = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                query = dict(parse_qsl(parts.query))
                headers = {name.lower(): value for name, value in self.headers.items()}
                stub.seen.append(Seen(self.command, parts.path, query, headers, body))
                answer = stub.next_answer()
                if answer is None:
                    self.connection.close()
                    return
                status, content = (
                    answer if isinstance(answer, tuple) else (200, json.dumps(answer).encode())
                )
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.send_header("X-RateLimit-Limit", "4000")
                self.send_header("X-RateLimit-Remain", "3999")
                self.end_headers()
                self.wfile.write(content)

        return Handler


class FixedTokens:
    """Tokens ``t1``, ``t2``, … each renewal one further."""

    def __init__(self) -> None:
        self.number = 1
        self.renewals = 0

    def access(self) -> str:
        return f"t{self.number}"

    def renew(self, refused: str) -> str:
        self.number += 1
        self.renewals += 1
        return self.access()


class Kept:
    """An upload cache in memory."""

    def __init__(self) -> None:
        self.handles: dict[Any, Any] = {}

    def find(self, channel: str, account: str, kind: str, digest: str, now: Any) -> str | None:
        handle, expires_at = self.handles.get((channel, account, kind, digest), ("", now))
        return handle if expires_at > now else None

    def keep(self, *key: Any) -> None:
        *own, handle, _, expires_at = key
        self.handles[tuple(own)] = (handle, expires_at)

    def drop(self, *key: str) -> None:
        self.handles.pop(key, None)


def an_api(stub: Stub, tokens: Any = None, clock: Any = None, uploads: Any = None) -> ZaloApi:
    """Return a client of the stub; both hosts are the same server."""
    return ZaloApi(
        tokens=tokens or FixedTokens(),
        account="4000000000000000004",
        api_url=stub.url,
        business_url=f"{stub.url}/business",
        uploads=uploads,
        timeouts=(2.0, 0.5),
        clock=clock or Clock(),
    )


def an_article(**changes: Any) -> dict[str, Any]:
    """Return an article the platform would take."""
    return {
        "title": "Thông báo",
        "author": "Sở",
        "description": "Về việc",
        "cover_url": "https://a.vn/a.jpg",
        "body": [{"type": "text", "content": "Dạ"}],
        **changes,
    }
