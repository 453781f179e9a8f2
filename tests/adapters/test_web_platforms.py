"""Webhooks, search, health and counters."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.core.channel import Receipted, Webhook
from bot.core.errors import SourceUnavailable, StoreUnavailable
from tests.adapters.web_parts import NOW, Parts, Talker, some_parts, web_app

ROOT = Path(__file__).parents[2]


@pytest.fixture
def parts(tmp_path: Path) -> Any:
    made = some_parts(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def client(parts: Parts) -> Any:
    return web_app(parts).test_client()


def call(client: Any, body: bytes = b"xin", sign: str = "good", name: str = "echo") -> Any:
    return client.post(f"/webhooks/{name}", data=body, headers={"X-Sign": sign})


def test_a_webhook_is_kept_before_it_is_answered(parts: Parts, client: Any) -> None:
    assert call(client).status_code == 200
    assert call(client).status_code == 200

    assert parts.store.journal.backlog().waiting == 1
    assert parts.waker.calls == 2


def test_a_bad_signature_leaves_nothing_behind(parts: Parts, client: Any) -> None:
    assert call(client, sign="bad").status_code == 200

    assert parts.store.journal.backlog().waiting == 0
    assert parts.waker.calls == 0


def test_receipts_are_settled(parts: Parts, client: Any, monkeypatch: Any) -> None:
    settled = []
    monkeypatch.setattr(
        parts.store.deliveries, "settle_receipts", lambda *one: settled.append(one)
    )

    assert call(client, b"seen").status_code == 200
    assert settled == [("echo", ["platform-1"], NOW)]


def test_what_was_seen_is_settled_as_such(parts: Parts, client: Any, monkeypatch: Any) -> None:
    settled = []
    seen = Webhook(200, "accepted", receipts=(Receipted("platform-1", seen=True),))
    monkeypatch.setattr(type(parts.channels["echo"]), "receive", lambda *_: seen)
    monkeypatch.setattr(parts.store.deliveries, "settle_seen", lambda *one: settled.append(one))

    assert call(client).status_code == 200
    assert settled == [("echo", ["platform-1"], NOW)]


def test_unknown_channels_and_giant_bodies_are_refused(client: Any) -> None:
    assert call(client, name="nobody").status_code == 404
    assert call(client, b"a" * (1024 * 1024 + 1)).status_code == 413
    assert client.get("/webhooks/echo").status_code == 405


def test_logs_hold_counts_not_words(client: Any, caplog: Any) -> None:
    with caplog.at_level("INFO"):
        call(client, b"chuyen rieng")

    assert "event=webhook channel=echo outcome=accepted messages=1" in caplog.text
    assert "chuyen" not in caplog.text
    assert "sender-1" not in caplog.text


def test_procedures_are_searched(client: Any) -> None:
    answer = client.get("/api/procedures?q=khai sinh&limit=3")

    assert answer.get_json() == {
        "results": [
            {
                "code": "1.001193",
                "name": "Thủ tục đăng ký khai sinh",
                "field": "Hộ tịch",
                "score": 0.9877,
            }
        ]
    }
    assert client.get("/api/procedures").get_json() == {"results": []}


@pytest.mark.parametrize(
    ("query", "status"),
    [("q=sinh&limit=0", 400), ("q=sinh&limit=x", 400), ("q=sinh&limit=51", 400)]
    + [(f"q={'a' * 501}", 413), ("q=%00%ff", 200)],
)
def test_search_takes_what_is_reasonable(client: Any, query: str, status: int) -> None:
    assert client.get(f"/api/procedures?{query}").status_code == status


def test_a_registry_that_is_away_is_not_an_empty_answer(
    parts: Parts, client: Any, monkeypatch: Any
) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise SourceUnavailable("not built")

    monkeypatch.setattr(parts.catalogue, "search", away)

    assert client.get("/api/procedures?q=sinh").status_code == 503


def test_health_tells_process_and_readiness_apart(parts: Parts, client: Any) -> None:
    assert client.get("/healthz").status_code == 200
    idle = client.get("/readyz")
    parts.store.processes.beat("worker", NOW, {"model": False})
    loading = client.get("/readyz")
    parts.store.processes.beat("worker", NOW, {"model": True})
    ready = client.get("/readyz")

    checks = {"store": True, "worker": False, "model": False}
    assert (idle.status_code, idle.get_json()) == (503, {"ready": False, "checks": checks})
    assert loading.get_json()["checks"] == {"store": True, "worker": True, "model": False}
    assert loading.status_code == 503
    assert ready.status_code == 200
    assert ready.get_json()["ready"] is True


def test_a_lost_store_is_not_ready(parts: Parts, client: Any, monkeypatch: Any) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise StoreUnavailable("gone")

    monkeypatch.setattr(parts.store.processes, "alive", away)

    assert client.get("/readyz").get_json()["checks"]["store"] is False
    assert client.get("/healthz").status_code == 200


def test_counters_count(parts: Parts) -> None:
    app = web_app(parts)
    Talker(app).say("xin chào")
    call(app.test_client())

    text = app.test_client().get("/metrics").text

    assert 'motcua_webhooks_total{channel="echo",outcome="accepted"} 1.0' in text
    assert 'motcua_chat_messages_total{kind="text"} 1.0' in text
    assert "motcua_chat_streams 0.0" in text
    assert "# TYPE motcua_deliveries gauge" in text


@pytest.mark.parametrize(
    ("peer", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("10.0.0.5", {}, 403),
        ("127.0.0.1", {"X-Forwarded-For": "10.0.0.5"}, 403),
        ("10.0.0.5", {"X-Forwarded-For": "127.0.0.1"}, 403),
        ("10.0.0.5", {"Authorization": "Bearer wrong"}, 403),
        ("10.0.0.5", {"Authorization": "Bearer s3cret"}, 200),
    ],
)
def test_counters_are_not_for_everyone(
    tmp_path: Path, peer: str, headers: dict[str, str], status: int
) -> None:
    parts = some_parts(tmp_path, metrics_token="s3cret")
    environ = {"REMOTE_ADDR": peer}

    answer = web_app(parts).test_client().get("/metrics", headers=headers, environ_base=environ)

    assert answer.status_code == status
    parts.store.close()


def test_the_web_process_loads_neither_the_language_model_nor_what_only_builds(
    tmp_path: Path,
) -> None:
    program = (
        "import sys, server\n"
        "heavy = {'rasa', 'rasa_sdk', 'tensorflow', 'sklearn', 'numpy', 'pyhanko'}\n"
        "assert not (heavy | {'alembic'}) & set(sys.modules), set(sys.modules)\n"
        "server.create_app()\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    environ = {**os.environ, "MOTCUA_DATA_DIR": str(tmp_path)}

    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
