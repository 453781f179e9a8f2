"""Builders for tests of the web process: real store, small stand-ins for the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from bot.core.announcements.announcement import Topic
from bot.core.channel import Receipted, Webhook
from bot.core.dossiers.slip_page import Finding, SlipView
from bot.core.follow.exchange import by_number
from bot.core.messages import Button, Inbound, InboundKind, Reply, Turn
from bot.core.origin import Origins
from bot.core.services.catalogue import Field, Match, Procedure
from bot.settings import Settings
from bot.store import Store, open_store
from bot.web.app import assemble
from tests.builders import FakeDirectory

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=timezone.utc)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


def a_procedure(code: str = "1.001193", short_name: str = "Đăng ký khai sinh") -> Procedure:
    """Return a procedure with defaults."""
    return Procedure(
        code=code,
        name=f"Thủ tục {short_name.lower()}",
        short_name=short_name,
        aliases=(),
        field="civil_status",
        field_name="Hộ tịch",
        levels=("xa",),
        channels=("online", "counter"),
        time_limit="",
        time_status="as_listed",
        fee="",
        fee_kind="free",
        papers=(),
        result="",
        url=None,
        verification="checked",
    )


class OneProcedure:
    """A catalogue that knows one procedure and one field."""

    def find(self, code: str) -> Procedure | None:
        return a_procedure() if code == "1.001193" else None

    def search(self, query: str, limit: int = 10) -> Sequence[Match]:
        return [Match(a_procedure(), 0.98765)][:limit] if "sinh" in query else []

    def fields(self) -> Sequence[Field]:
        return []

    def find_field(self, text: str) -> Field | None:
        return Field("land", "Đất đai", (), 1, 1) if text == "land" else None

    def in_field(self, slug: str, **_: Any) -> tuple[Sequence[Procedure], int]:
        return [], 0


class OneTopic:
    """Topics with a single one."""

    def all(self) -> Sequence[Topic]:
        return [Topic("flood", "Thiên tai", ())]

    def find(self, text: str) -> Topic | None:
        return self.all()[0] if text == "flood" else None


class EchoChannel:
    """A platform whose body is the text; signed by a header."""

    name = "echo"

    def receive(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Webhook:
        if headers.get("x-sign") != "good":
            return Webhook(200, "bad_signature")
        return self.understand(body, now)

    def understand(self, body: bytes, now: datetime) -> Webhook:
        if body == b"seen":
            return Webhook(200, "accepted", receipts=(Receipted("platform-1"),))
        text = body.decode()
        inbound = Inbound("echo", f"m-{text}", "sender-1", InboundKind.TEXT, now, text=text)
        return Webhook(200, "accepted", (inbound,))

    def send(self, external_id: str, reply: Reply) -> str:
        return "id"

    def fit(self, reply: Reply) -> tuple[Reply, ...]:
        return (reply,)


@dataclass
class CountingWaker:
    """Counts calls; may run something, as a worker would."""

    calls: int = 0
    then: Callable[[], None] | None = None

    def notify(self, to: str) -> None:
        assert to == "worker"
        self.calls += 1
        if self.then:
            self.then()


@dataclass(frozen=True)
class SomeProvince:
    desk_name: str = "Một cửa Long An"
    hotline: str = "0272 000 1022"
    portal_url: str = "https://dichvucong.gov.vn"
    petition_url: str = "https://dichvucong.gov.vn/phan-anh"
    demo: bool = True


class NoSlips:
    """Slip pages that know no dossier."""

    def view(self, text: str, origin: str, now: datetime) -> SlipView:
        return SlipView(Finding.UNKNOWN)


@dataclass
class Parts:
    """WebParts for a test."""

    settings: Settings
    store: Store
    catalogue: OneProcedure = field(default_factory=OneProcedure)
    topics: Any = field(default_factory=OneTopic)
    directory: Any = field(default_factory=FakeDirectory)
    channels: dict[str, Any] = field(default_factory=lambda: {"echo": EchoChannel()})
    waker: CountingWaker = field(default_factory=CountingWaker)
    province: SomeProvince = field(default_factory=SomeProvince)
    listen: None = None
    slips: Any = field(default_factory=NoSlips)
    state_of: Any = staticmethod(by_number)
    wording: Any = None
    now: datetime | None = NOW

    def origin_of(self, address: str, now: datetime) -> str:
        return Origins("only-for-tests").of(address, now)

    def clock(self) -> datetime:
        return self.now or datetime.now(timezone.utc)


def some_parts(folder: Path, **settings: Any) -> Parts:
    """Return parts with an empty store in ``folder``."""
    chosen = Settings(data_dir=folder, **settings)
    store = open_store(chosen.store_url)
    store.upgrade()
    return Parts(chosen, store)


def answer_all(parts: Parts, *replies: Reply, context: Mapping[str, str] | None = None) -> int:
    """Settle every waiting message with the same replies, as the worker would."""
    now = parts.clock()
    claimed = parts.store.journal.claim(now, "test", 10, timedelta(seconds=30))
    for one in claimed:
        parts.store.journal.settle(one, Turn(replies, context or {}), now)
    return len(claimed)


@dataclass
class Talker:
    """A citizen with a session and nothing but the API."""

    app: Flask
    token: str = ""

    def __post_init__(self) -> None:
        if not self.token:
            self.token = self.client().post("/chat/api/sessions").get_json()["session"]

    def client(self) -> FlaskClient:
        return self.app.test_client()

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def post(self, **kwargs: Any) -> Any:
        query = kwargs.pop("query", "")
        headers = {**self.headers, **kwargs.pop("headers", {})}
        answer = self.client().post(f"/chat/api/messages{query}", headers=headers, **kwargs)
        answer.request.environ["wsgi.input"].close()  # a large upload is a temporary file
        return answer

    def say(self, text: Any, query: str = "", **fields: Any) -> Any:
        return self.post(query=query, json={"text": text, **fields})

    def messages(self, after: str = "0") -> list[dict[str, Any]]:
        answer = self.client().get(f"/chat/api/messages?after={after}", headers=self.headers)
        found: list[dict[str, Any]] = answer.get_json()["messages"]
        return found


def web_app(parts: Parts) -> Flask:
    """Return the app, with errors answered as in production."""
    app = assemble(parts)  # type: ignore[arg-type]
    app.testing = False
    return app


A_BUTTON = Button("Xem phí", payload='/ask_fee{"procedure": "1.001193"}')


def waiting(parts: Parts) -> int:
    return parts.store.journal.backlog().waiting


def assert_error(answer: Any, status: int, code: str | None = None) -> None:
    assert answer.status_code == status
    error = answer.get_json()["error"]
    assert set(error) == {"code", "message"}
    assert error["message"]
    if code:
        assert error["code"] == code
