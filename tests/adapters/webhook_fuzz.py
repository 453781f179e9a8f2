"""Whatever somebody may post to the webhook: bodies for hypothesis, and a desk to post them to."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from hypothesis import strategies as st

from bot.channels.zalo import events
from tests.adapters.web_parts import some_parts, web_app
from tests.contract.channel_samples import FILES, ZALO, request_of, signed, zalo

SECRET = "chuyenrieng"  # stands for what a citizen wrote
STAMP = "1790000000000"
_NAMES = (*events.TABLE, "oa_send_text", "oa_send_group_text", "anonymous_send_text", "anything")
_EDGES = ("", "\x00", "\ud800", "1", "NaN", "1e999", ZALO.oa_id, "9" * 300, "đ", SECRET)
_KEYS = ("id", "admin_id", "user_id", "url", "text", "msg_id", "payload", "coordinates")
_leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(_EDGES)
_values = st.recursive(
    _leaves,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_KEYS), inner, max_size=3)
    ),
    max_leaves=6,
)
_ids = st.sampled_from(("1", "2", ZALO.oa_id, SECRET)) | _values
_side = st.fixed_dictionaries({"id": _ids}, optional={"admin_id": _values}) | _values
_message = st.fixed_dictionaries(
    {"msg_id": _ids},
    optional={
        "text": st.just(SECRET) | _values,
        "msg_ids": st.lists(_ids, max_size=3) | _values,
        "attachments": st.lists(st.fixed_dictionaries({"payload": _values}), max_size=2),
        "location": _values,
    },
)
_event = st.fixed_dictionaries(
    {"event_name": st.sampled_from(_NAMES) | _values},
    optional={
        "sender": _side,
        "recipient": st.just({"id": ZALO.oa_id}) | _side,
        "follower": _side,
        "message": _message | _values,
        "oa_id": st.just(ZALO.oa_id) | _values,
        "user_id": _ids,
        "data": _values,
        "info": _values,
        "timestamp": st.sampled_from((STAMP, "", "-1", "1e400", "²", SECRET)) | _values,
    },
)
_samples = [request_of(json.loads(path.read_text(encoding="utf-8"))) for path in FILES]


def _signed_event(event: dict[str, Any]) -> tuple[dict[str, str], bytes]:
    body = json.dumps({"app_id": ZALO.app_id, **event}).encode()
    stamp = event.get("timestamp", "")
    written = stamp if isinstance(stamp, str) else json.dumps(stamp)
    return signed(body, written.encode("utf-8", "replace").decode()), body


@st.composite
def _broken_sample(draw: Any) -> tuple[dict[str, str], bytes]:
    headers, body = draw(st.sampled_from(_samples))
    at = draw(st.integers(0, len(body)))
    return headers, body[:at] + draw(st.binary(max_size=3)) + body[at + 1 :]


calls = (
    _event.map(_signed_event)
    | _event.map(_signed_event)
    | _broken_sample()
    | st.tuples(st.just({}), st.binary(max_size=200))
)


@dataclass
class Listening(logging.Handler):
    """Keeps every word any part of the desk logs."""

    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(self.format(record))

    __hash__ = logging.Handler.__hash__


@contextmanager
def fuzzed_desk(folder: Path) -> Iterator[tuple[FlaskClient, Listening]]:
    """Yield a client of a web process with the real channel and store, and what it logs."""
    parts = some_parts(folder)
    parts.channels = {"zalo": zalo()}
    listening, root = Listening(), logging.getLogger("bot")
    level = root.level
    root.addHandler(listening)
    root.setLevel(logging.DEBUG)
    try:
        yield web_app(parts).test_client(), listening
    finally:
        root.removeHandler(listening)
        root.setLevel(level)
        parts.store.close()


def check(client: FlaskClient, listening: Listening, call: tuple[dict[str, str], bytes]) -> None:
    """Post one call: answered 200, and nothing of it in the log."""
    headers, body = call
    answer = client.post("/webhooks/zalo", data=body, headers=headers)

    assert answer.status_code == 200
    assert not any(SECRET in line for line in listening.said), listening.said[-3:]
    assert not any("failed" in line or "refused" in line for line in listening.said)
    listening.said.clear()
