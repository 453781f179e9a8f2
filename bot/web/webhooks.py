"""Webhooks of the messaging platforms: verify, keep, answer; everything else happens later."""

from __future__ import annotations

import logging

from flask import Blueprint, Response, request

from bot.core.channel import Webhook
from bot.web.counters import counters
from bot.web.errors import ApiError
from bot.web.incoming import read_capped
from bot.web.parts import parts

log = logging.getLogger(__name__)
blueprint = Blueprint("webhooks", __name__, url_prefix="/webhooks")
_MAX_BODY = 1024 * 1024  # bytes


@blueprint.post("/<name>")
def receive(name: str) -> Response:
    """Hand one call to its channel and answer once its messages are kept."""
    channel = parts().channels.get(name)
    if channel is None:
        raise ApiError(404)
    body = read_capped(request, _MAX_BODY)
    headers = {key.lower(): value for key, value in request.headers.items()}
    webhook = channel.receive(headers, body, parts().clock())
    _keep(name, webhook)
    counters().webhooks.labels(name, webhook.outcome).inc()
    log.info(
        "event=webhook channel=%s outcome=%s messages=%d receipts=%d",
        name,
        webhook.outcome,
        len(webhook.inbounds),
        len(webhook.receipts),
    )
    return Response(status=webhook.status, content_type="text/plain; charset=utf-8")


def _keep(name: str, webhook: Webhook) -> None:
    known = parts()
    now = known.clock()
    try:
        if webhook.inbounds:
            known.store.journal.receive(webhook.inbounds, now)
        for receipt in webhook.receipts:
            known.store.deliveries.settle_receipt(name, receipt.platform_message_id, now)
    except Exception as error:  # the platform must hear 503 and call again, whatever broke
        counters().webhooks.labels(name, "store_failed").inc()
        log.error("event=webhook_lost channel=%s error=%s", name, type(error).__name__)
        raise ApiError(503, retry_after=5) from error
    if webhook.inbounds:
        known.waker.notify("worker")
