"""Webhooks of the messaging platforms: verify, keep, answer; everything else happens later."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from flask import Blueprint, Response, current_app, request

from bot.core.channel import Webhook
from bot.web.counters import counters
from bot.web.errors import ApiError
from bot.web.incoming import read_capped
from bot.web.intake import INTAKE, Intake
from bot.web.parts import parts
from bot.web.spool import SpoolFull

log = logging.getLogger(__name__)
blueprint = Blueprint("webhooks", __name__, url_prefix="/webhooks")
_MAX_BODY = 1024 * 1024  # bytes
_REPEATED = ("num_retry", "num-retry")  # some servers in between write it with a dash


@blueprint.post("/<name>")
def receive(name: str) -> Response:
    """Hand one call to its channel and answer once its messages are kept."""
    channel = parts().channels.get(name)
    if channel is None:
        raise ApiError(404)
    body = read_capped(request, _MAX_BODY)
    headers = {key.lower(): value for key, value in request.headers.items()}
    now = parts().clock()
    webhook = channel.receive(headers, body, now)
    if webhook.holds_something:
        _keep(name, body, webhook)
    _count(name, webhook, _retries(headers))
    return Response(status=webhook.status, content_type="text/plain; charset=utf-8")


def _keep(name: str, body: bytes, webhook: Webhook) -> None:
    intake: Intake = current_app.extensions[INTAKE]
    try:
        stored = intake.take(name, body, webhook, parts().clock())
    except SpoolFull as error:  # nothing is left but to ask the platform to call again
        counters().webhooks.labels(name, "store_failed").inc()
        log.error("event=webhook_lost channel=%s error=%s", name, error)
        raise ApiError(503, retry_after=5) from error
    if not stored:
        counters().webhooks.labels(name, "spooled").inc()
    elif webhook.inbounds:
        parts().waker.notify("worker")


def _count(name: str, webhook: Webhook, retries: int) -> None:
    counters().webhooks.labels(name, webhook.outcome).inc()
    if webhook.reason:
        counters().reasons.labels(name, webhook.outcome, webhook.reason).inc()
    if retries:
        counters().repeats.labels(name).inc()
    log.info(
        "event=webhook channel=%s outcome=%s messages=%d receipts=%d echoes=%d reason=%s retry=%d",
        name,
        webhook.outcome,
        len(webhook.inbounds),
        len(webhook.receipts),
        len(webhook.echoes),
        webhook.reason or "-",
        retries,
    )


def _retries(headers: Mapping[str, str]) -> int:
    """Return how often the platform sent this call before, as far as it says."""
    given = next((headers[name] for name in _REPEATED if name in headers), "0")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 3 else 0
