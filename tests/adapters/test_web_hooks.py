"""Calls of back offices: signed, recent, once, of a sane size and shape."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.core.errors import StoreUnavailable
from bot.store.schema_follows import dossier_events
from bot.web.hooks import sign
from tests.adapters.web_parts import NOW, Parts, some_parts, web_app

SECRET = "between-the-two-houses"
MESSAGE = {
    "MaHoSo": "000.00.19.H39-260215-0001",
    "TrangThaiHoSo": 5,
    "ChuHoSo": "Nguyễn Văn An",
    "SoDienThoai": "0912345678",
}


@pytest.fixture
def parts(tmp_path: Path) -> Any:
    made = some_parts(tmp_path, hook_secret=SECRET)
    yield made
    made.store.close()


@pytest.fixture
def client(parts: Parts) -> Any:
    return web_app(parts).test_client()


def call(client: Any, data: Any = MESSAGE, **how: Any) -> Any:
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    timestamp = str(int((NOW + how.get("off", timedelta())).timestamp()))
    signature = how.get("signature") or sign(how.get("secret", SECRET), timestamp, body)
    headers = {"X-MotCua-Timestamp": timestamp, "X-MotCua-Signature": signature}
    return client.post("/hooks/dossiers", data=body, headers={**headers, **how.get("headers", {})})


def kept(parts: Parts) -> list[Any]:
    with parts.store._db.read() as connection:
        return list(connection.execute(select(dossier_events)))


def test_a_signed_call_is_kept_and_the_worker_woken(parts: Parts, client: Any) -> None:
    answer = call(client, [MESSAGE, {"MaHoSo": "xin chào"}])

    assert (answer.status_code, answer.get_json()) == (200, {"taken": 1, "refused": 1})
    (row,) = kept(parts)
    assert row.code_key == "0000019H392602150001"
    assert row.changes["status"] == 5
    assert parts.waker.calls == 1


def test_nothing_personal_is_kept_or_logged(parts: Parts, client: Any, caplog: Any) -> None:
    with caplog.at_level("INFO"):
        call(client)

    everything = json.dumps([dict(row.changes) for row in kept(parts)]) + caplog.text
    for secret in ("0912345678", "0001", SECRET, "An"):
        assert secret not in everything.replace("UBND", "")


@pytest.mark.parametrize(
    "how",
    [
        {"secret": "another"},
        {"signature": "0" * 64},
        {"signature": "kh\u00f4ng".encode().decode("latin-1")},
        {"headers": {"X-MotCua-Signature": ""}},
        {"headers": {"X-MotCua-Timestamp": ""}},
        {"headers": {"X-MotCua-Timestamp": "1" * 40}},
        {"off": timedelta(minutes=5, seconds=1)},
        {"off": timedelta(minutes=-5, seconds=-1)},
    ],
)
def test_a_wrong_signature_or_clock_is_refused(parts: Parts, client: Any, how: Any) -> None:
    assert call(client, **how).status_code == 401
    assert kept(parts) == []


def test_the_timestamp_is_part_of_what_is_signed(parts: Parts, client: Any) -> None:
    body = json.dumps(MESSAGE).encode()
    old = str(int((NOW - timedelta(hours=1)).timestamp()))
    signature = sign(SECRET, old, body)

    assert call(client, body, signature=signature).status_code == 401


@pytest.mark.parametrize("off", [timedelta(minutes=5), timedelta(minutes=-5)])
def test_five_minutes_are_forgiven(client: Any, off: timedelta) -> None:
    assert call(client, off=off).status_code == 200


def test_a_replay_is_refused(parts: Parts, client: Any) -> None:
    assert call(client).status_code == 200
    assert call(client).status_code == 409
    assert call(client, off=timedelta(seconds=1)).status_code == 200

    assert len(kept(parts)) == 2


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"", 400),
        (b"\xff\xfe", 400),
        (b"[" * 100_000, 400),
        (b"nope", 400),
        (1, 400),
        ([], 400),
        ([MESSAGE] * 1_001, 400),
        ([1, None, "x", [], {}], 422),
        ({"MaHoSo": "079012345678"}, 422),
        (b" " * (4 * 1024 * 1024 + 1), 413),
    ],
)
def test_garbage_is_refused_and_nothing_kept(
    parts: Parts, client: Any, data: Any, status: int
) -> None:
    assert call(client, data).status_code == status
    assert kept(parts) == []


def test_a_thousand_at_once_are_taken(parts: Parts, client: Any) -> None:
    many = [{**MESSAGE, "MaHoSo": f"000.00.19.H39-260215-{n:04d}"} for n in range(1_000)]

    assert call(client, many).get_json() == {"taken": 1_000, "refused": 0}
    assert len(kept(parts)) == 1_000


def test_without_a_secret_there_is_no_such_address(tmp_path: Path) -> None:
    parts = some_parts(tmp_path)

    assert call(web_app(parts).test_client()).status_code == 404
    parts.store.close()


def test_a_store_that_is_away_asks_to_call_again(
    parts: Parts, client: Any, monkeypatch: Any
) -> None:
    def away(*_: Any) -> None:
        raise StoreUnavailable("gone")

    monkeypatch.setattr(parts.store.hooks, "take", away)

    assert call(client).status_code == 503
    assert parts.waker.calls == 0
