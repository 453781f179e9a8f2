"""Is the process alive, can the desk answer, and what has been counted."""

from __future__ import annotations

import hmac
import logging
from datetime import timedelta

from flask import Blueprint, Response, current_app, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from bot.web.addresses import client_address, is_loopback
from bot.web.counters import counters
from bot.web.errors import ApiError
from bot.web.intake import INTAKE, Intake
from bot.web.parts import parts
from bot.web.waiting import SEATS

log = logging.getLogger(__name__)
blueprint = Blueprint("health", __name__)
_FRESH = timedelta(seconds=15)


@blueprint.get("/healthz")
def healthz() -> Response:
    """Say that this process answers."""
    return jsonify({"ok": True})


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Say whether citizens get answers: store, worker and language model."""
    checks = _checks()
    ready = all(checks.values())
    answer: dict[str, object] = {"ready": ready, "checks": checks}
    intake: Intake = current_app.extensions[INTAKE]
    if spooled := intake.spool.waiting().events:
        answer["spool"] = spooled  # webhook events that wait for the store
    return jsonify(answer), 200 if ready else 503


def _checks() -> dict[str, bool]:
    known = parts()
    try:
        detail = known.store.processes.alive("worker", known.clock(), within=_FRESH)
    except Exception as error:  # whatever keeps the store away, the answer is the same
        log.error("event=store_unreachable error=%s", type(error).__name__)
        return {"store": False, "worker": False, "model": False}
    model = bool(detail and detail.get("model"))
    return {"store": True, "worker": detail is not None, "model": model}


@blueprint.get("/metrics")
def metrics() -> Response:
    """Return the counters, to this machine or to whoever has the token."""
    if not (_has_token() or is_loopback(client_address(request))):
        raise ApiError(403)
    seats = current_app.extensions[SEATS]
    counters().streams.set(seats.open_streams())
    return Response(generate_latest(counters().registry), content_type=CONTENT_TYPE_LATEST)


def _has_token() -> bool:
    expected = parts().settings.metrics_token
    given = request.headers.get("Authorization", "")
    return bool(expected) and hmac.compare_digest(given.encode(), f"Bearer {expected}".encode())
