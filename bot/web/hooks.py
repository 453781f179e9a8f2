"""Calls of back offices: signed, kept before they are answered, each taken once."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, jsonify, request

from bot.core.follow.exchange import read_events
from bot.web.errors import ApiError
from bot.web.incoming import read_capped
from bot.web.parts import parts

log = logging.getLogger(__name__)
blueprint = Blueprint("hooks", __name__, url_prefix="/hooks")

SIGNATURE, TIMESTAMP = "X-MotCua-Signature", "X-MotCua-Timestamp"
_MAX_BODY = 4 * 1024 * 1024  # bytes; a thousand messages with all their lists
_SKEW = timedelta(minutes=5)


@blueprint.post("/dossiers")
def dossiers() -> Response:
    """Take in what changed: one message in the names of the exchange, or up to 1,000.

    404 when no secret is set, 401 for a wrong signature or a clock that is five minutes off, 409
    for a call that was here before, 422 for one without a single usable message.
    """
    known = parts()
    secret = known.settings.hook_secret
    if not secret:
        raise ApiError(404)
    body = read_capped(request, _MAX_BODY)
    signature = _verified(secret, body)
    now = known.clock()
    try:
        zone = ZoneInfo(known.settings.timezone)
        events, refused = read_events(_json(body), now, zone, known.state_of)
    except ValueError as error:
        raise ApiError(400, "bad_json") from error
    if not events:
        raise ApiError(422, "unusable")
    if not known.store.hooks.take(signature, events, now):
        log.warning("event=hook_refused reason=replay")
        raise ApiError(409, "repeated")
    known.waker.notify("worker")
    log.info("event=hook_taken messages=%d refused=%d", len(events), refused)
    return jsonify({"taken": len(events), "refused": refused})


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Return the signature of a call: HMAC-SHA256 over timestamp and body, in hex."""
    return hmac.new(secret.encode(), timestamp.encode() + body, hashlib.sha256).hexdigest()


def _verified(secret: str, body: bytes) -> str:
    """Return the signature of the running request if it is right and recent."""
    given = request.headers.get(SIGNATURE, "").strip().lower()
    timestamp = request.headers.get(TIMESTAMP, "").strip()
    right = sign(secret, timestamp, body)
    if not hmac.compare_digest(given.encode(), right.encode()):
        log.warning("event=hook_refused reason=signature")
        raise ApiError(401, "bad_signature")
    seconds = int(timestamp) if timestamp.isascii() and timestamp.isdecimal() else 0
    if abs(parts().clock().timestamp() - seconds) > _SKEW.total_seconds():
        log.warning("event=hook_refused reason=clock")
        raise ApiError(401, "bad_signature")
    return right


def _json(body: bytes) -> Any:
    try:
        return json.loads(body.decode("utf-8"))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
