"""The channels under contract, their samples, and how a sample becomes a webhook call."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from bot.channels.web import WebChannel
from bot.channels.zalo import ZaloChannel
from bot.channels.zalo_bot import ZaloBotChannel
from bot.core.channel import Channel, Webhook
from tests.simulator.webhooks import SIGNATURE, sign
from tests.simulator.world import Account

NOW = datetime(2026, 11, 22, tzinfo=timezone.utc)
ZALO = Account()
BOT_SECRET = "bot-secret-for-tests"
FILES = sorted((Path(__file__).parent / "samples").glob("*/*.json"))


class NoTokens:
    """Receiving needs no token."""

    def access(self) -> str:
        raise AssertionError("a webhook asked for a token")

    def renew(self, refused: str) -> str:
        raise AssertionError("a webhook asked for a token")


def zalo(**changes: str) -> Channel:
    """Return a channel that can only receive."""
    ids = {"app_id": ZALO.app_id, "oa_id": ZALO.oa_id, "oa_secret": ZALO.oa_secret}
    return ZaloChannel(**{**ids, **changes}, api_url="http://127.0.0.1:1", tokens=NoTokens())


def signed(body: bytes, stamp: str, account: Account = ZALO) -> dict[str, str]:
    """Return the headers of a signed Zalo call."""
    return {SIGNATURE: sign(account, body, stamp)}


def zalo_bot() -> Channel:
    """Return a bot that can only receive."""
    return ZaloBotChannel(token="1:a", secret=BOT_SECRET, api_url="http://127.0.0.1:1")


CHANNELS = {"web": WebChannel, "zalo": zalo, "zalo_bot": zalo_bot}


def request_of(sample: Mapping[str, Any]) -> tuple[dict[str, str], bytes]:
    """Return headers and body; a body that is no text is written as the platform does."""
    request = sample["request"]
    body = request["body"]
    if not isinstance(body, str):
        body = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    headers = dict(request.get("headers", {}))
    if request.get("sign"):
        headers.update(signed(body.encode(), str(json.loads(body)["timestamp"])))
    return headers, body.encode()


def as_json(webhook: Webhook) -> dict[str, Any]:
    """Return what a sample's ``expect`` may hold; an inbound's empty fields are left out."""
    inbounds = []
    for inbound in webhook.inbounds:
        values = {name: value for name, value in vars(inbound).items() if value not in (None, "")}
        values["sent_at"] = inbound.sent_at.isoformat()
        inbounds.append({**values, "kind": inbound.kind.value})
    receipts = [receipt.platform_message_id for receipt in webhook.receipts]
    echoes = [{**vars(echo), "sent_at": echo.sent_at.isoformat()} for echo in webhook.echoes]
    return {
        "status": webhook.status,
        "outcome": webhook.outcome,
        "reason": webhook.reason,
        "inbounds": inbounds,
        "receipts": receipts,
        "echoes": echoes,
    }
