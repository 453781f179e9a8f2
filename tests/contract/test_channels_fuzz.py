"""Nothing a stranger, or a careless platform, may post makes a channel raise."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.zalo import events
from tests.contract.channel_samples import CHANNELS, FILES, NOW, ZALO, request_of, signed
from tests.simulator.webhooks import SIGNATURE

OUTCOMES = {"accepted", "check", "bad_signature", "malformed", "ignored"}
EVENTS = (*events.TABLE, "oa_send_text", "anonymous_send_text", "anything")
EDGES = ("", "\x00", "\ud800", "1", "NaN", "1e999", ZALO.oa_id, "9" * 5000, "đ")

leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(EDGES)
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(("id", "url", "text", "msg_id", "payload")), inner)
    ),
    max_leaves=8,
)


@pytest.mark.parametrize("name", CHANNELS)
@given(
    st.dictionaries(st.sampled_from((SIGNATURE, "X-ZEvent-Timestamp", "X")), st.text()),
    st.binary() | st.text().map(lambda text: text.encode()),
)
def test_any_bytes_get_an_answer(name, headers, body):
    webhook = CHANNELS[name]().receive(headers, body, NOW)

    assert webhook.status == (404 if name == "web" else 200)
    assert webhook.outcome in OUTCOMES
    assert webhook.inbounds == ()


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(EVENTS) | values,
    st.fixed_dictionaries(
        {},
        optional={
            "message": st.fixed_dictionaries(
                {},
                optional={
                    "msg_id": values,
                    "msg_ids": values,
                    "text": values,
                    "attachments": values | st.lists(st.fixed_dictionaries({"payload": values})),
                    "location": values,
                },
            )
            | values,
            "sender": st.just({"id": "1"}) | values,
            "recipient": st.just({"id": ZALO.oa_id}) | values,
            "follower": values,
            "user_id": values,
            "data": values,
            "oa_id": st.just(ZALO.oa_id) | values,
        },
    ),
    st.sampled_from(("1790000000000", "", "-1", "1e400", "9" * 400, "²")),
)
def test_signed_nonsense_gets_an_answer(name, parts, stamp):
    event = {**parts, "app_id": ZALO.app_id, "event_name": name, "timestamp": stamp}
    body = json.dumps(event).encode()

    webhook = CHANNELS["zalo"]().receive(signed(body, stamp), body, NOW)

    assert webhook.outcome in OUTCOMES - {"check", "bad_signature"}
    for inbound in webhook.inbounds:
        inbound.text.encode()  # fit for a database
        assert inbound.sent_at <= NOW


@settings(max_examples=25, deadline=None)
@given(st.data())
@pytest.mark.parametrize("path", FILES[::6], ids=lambda path: path.stem)
def test_a_sample_cut_or_changed_anywhere_gets_an_answer(path, data):
    headers, body = request_of(json.loads(path.read_text(encoding="utf-8")))
    at = data.draw(st.integers(0, len(body)))
    changed = body[:at] + data.draw(st.binary(max_size=3)) + body[at + 1 :]

    webhook = CHANNELS[path.parent.name]().receive(headers, changed, NOW)

    assert webhook.outcome in OUTCOMES
