"""Every channel understands every sample of its platform as the sample says."""

from __future__ import annotations

import json

import pytest

from tests.contract.channel_samples import (
    CHANNELS,
    FILES,
    NOW,
    ZALO,
    as_json,
    request_of,
    signed,
    zalo,
)
from tests.simulator.world import Account

STAMP = "1790000000000"


def text_event(*, text="a", stamp=STAMP, recipient=ZALO.oa_id, app_id=ZALO.app_id):
    """Return the body of a text event."""
    event = {
        "app_id": app_id,
        "event_name": "user_send_text",
        "sender": {"id": "2000000000000000002"},
        "recipient": {"id": recipient},
        "message": {"msg_id": "m", "text": text},
        "timestamp": stamp,
    }
    return json.dumps(event).encode()


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_sample_is_understood_as_it_says(path):
    sample = json.loads(path.read_text(encoding="utf-8"))
    headers, body = request_of(sample)

    webhook = CHANNELS[path.parent.name]().receive(headers, body, NOW)

    understood, expected = as_json(webhook), sample["expect"]
    assert {name: understood[name] for name in expected} == expected, sample["title"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_what_was_verified_is_understood_again_without_its_signature(path):
    headers, body = request_of(json.loads(path.read_text(encoding="utf-8")))
    channel = CHANNELS[path.parent.name]()
    webhook = channel.receive(headers, body, NOW)

    if webhook.holds_something:
        assert channel.understand(body, NOW) == webhook


@pytest.mark.parametrize("name", CHANNELS)
def test_every_channel_has_samples(name):
    assert any(path.parent.name == name for path in FILES)


def test_an_event_from_the_future_counts_as_now():
    body = text_event(stamp="9999999999999")

    (inbound,) = zalo().receive(signed(body, "9999999999999"), body, NOW).inbounds

    assert inbound.sent_at == NOW


def test_a_body_that_is_too_large_is_malformed():
    body = text_event(text="a" * 300_000)

    assert zalo().receive(signed(body, STAMP), body, NOW).outcome == "malformed"


def test_deep_nesting_is_malformed():
    assert zalo().receive({}, b'{"a":' * 50_000, NOW).outcome == "malformed"


def test_without_a_configured_account_every_account_of_the_app_is_ours():
    body = text_event(recipient="4777")

    webhook = zalo(oa_id="").receive(signed(body, STAMP), body, NOW)

    assert [inbound.account_id for inbound in webhook.inbounds] == ["4777"]


def test_without_a_secret_no_signature_is_good():
    body = text_event()
    headers = signed(body, STAMP, Account(oa_secret=""))

    assert zalo(oa_secret="").receive(headers, body, NOW).outcome == "bad_signature"


def test_a_signature_that_starts_with_the_account_is_reported_but_not_taken(caplog):
    body = text_event()
    headers = signed(body, STAMP, Account(app_id=ZALO.oa_id))

    assert zalo().receive(headers, body, NOW).outcome == "bad_signature"
    assert "event=zalo_signature_order" in caplog.text


def test_the_timestamp_may_stand_in_a_header_when_the_body_has_none():
    event = json.loads(text_event())
    del event["timestamp"]
    body = json.dumps(event).encode()
    headers = {**signed(body, STAMP), "X-ZEvent-Timestamp": STAMP}

    assert zalo().receive(headers, body, NOW).outcome == "accepted"
