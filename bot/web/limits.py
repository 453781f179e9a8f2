"""How fast one session may write, and how much one address may open and look up."""

from __future__ import annotations

import time

from flask import Flask, Response, current_app, request
from flask_limiter import Limiter, RateLimitExceeded

from bot.web.addresses import client_address
from bot.web.errors import error_response
from bot.web.parts import WebParts
from bot.web.sessions import session_hash

_VIEWS = {
    "chat.post_message": "chat_rate",
    "chat.post_session": "session_rate",
    "slips.slip": "slip_rate",
    "slips.picture": "slip_rate",
}
_BY_ADDRESS = {"chat.post_session", "slips.slip", "slips.picture"}


def add_limits(app: Flask, known: WebParts) -> Limiter:
    """Count messages per session, and sessions and slips per address.

    Counters are shared through Redis when it is set; if Redis is away each process counts alone.
    """
    limiter = Limiter(
        app=app,
        key_func=_caller,
        storage_uri=known.settings.redis_url or "memory://",
        in_memory_fallback_enabled=bool(known.settings.redis_url),
        strategy="fixed-window",
        key_prefix="motcua",
    )
    for view, setting in _VIEWS.items():
        rate = getattr(known.settings, setting)
        app.view_functions[view] = limiter.limit(rate, key_func=_caller)(app.view_functions[view])
    app.register_error_handler(RateLimitExceeded, _too_fast)
    app.extensions["motcua_limiter"] = limiter
    return limiter


def _caller() -> str:
    if request.endpoint in _BY_ADDRESS:
        return client_address(request)
    return session_hash(request) or client_address(request)


def _too_fast(error: RateLimitExceeded) -> Response:
    limiter: Limiter = current_app.extensions["motcua_limiter"]
    current = limiter.current_limit
    seconds = int(current.reset_at - time.time()) if current else 1  # reset_at is rounded up
    return error_response(429, _code(), {"Retry-After": str(max(1, seconds))})


def _code() -> str:
    return "opens_too_fast" if request.blueprint == "slips" else "too_fast"
