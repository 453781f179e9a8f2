"""One shape for every error: JSON under the APIs, a small page elsewhere."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from flask import Flask, Response, jsonify, render_template, request
from werkzeug.exceptions import HTTPException

from bot.core.errors import SourceUnavailable, StoreUnavailable
from bot.web.sentences import error_sentence

log = logging.getLogger(__name__)

_CODES = {
    400: "bad_request",
    401: "no_session",
    403: "forbidden",
    404: "not_found",
    405: "wrong_method",
    408: "timeout",
    409: "repeated",
    413: "too_large",
    415: "wrong_type",
    422: "unusable",
    429: "too_fast",
    503: "unavailable",
}
_JSON_PATHS = ("/chat/api", "/api", "/webhooks", "/hooks", "/healthz", "/readyz", "/metrics")


class ApiError(Exception):
    """An answer other than success. ``code`` names a sentence in ``messages.vi.yml``."""

    def __init__(self, status: int, code: str = "", retry_after: int | None = None) -> None:
        super().__init__(code)
        self.status = status
        self.code = code or _CODES[status]
        self.retry_after = retry_after


def error_response(status: int, code: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return an error as JSON or as a page, whichever the address is for."""
    sentence = error_sentence(code)
    if request.path.startswith(_JSON_PATHS):
        response = jsonify({"error": {"code": code, "message": sentence}})
    else:
        response = Response(render_template("error.html", status=status, sentence=sentence))
    response.status_code = status
    for name, value in (headers or {}).items():
        response.headers[name] = value
    return response


def register_errors(app: Flask) -> None:
    """Make every error of ``app`` leave in this shape."""
    app.register_error_handler(ApiError, _api_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(StoreUnavailable, _away)
    app.register_error_handler(SourceUnavailable, _away)
    app.register_error_handler(Exception, _unexpected)


def _api_error(error: ApiError) -> Response:
    headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
    return error_response(error.status, error.code, headers)


def _http_error(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:  # redirects are exceptions to the router
        return Response(error.get_response())  # type: ignore[arg-type]
    kept = {
        name: value
        for name, value in error.get_headers()
        if name in {"Allow", "Retry-After", "WWW-Authenticate"}
    }
    fallback = "bad_request" if error.code < 500 else "internal"
    return error_response(error.code, _CODES.get(error.code, fallback), kept)


def _away(error: StoreUnavailable | SourceUnavailable) -> Response:
    log.error("event=unavailable what=%s rule=%s", type(error).__name__, request.url_rule)
    return error_response(503, "unavailable", {"Retry-After": "5"})


def _unexpected(error: Exception) -> Response:
    # The message and the frames' values may hold a citizen's words, so only places are logged.
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}" if trace else "unknown"
    log.error(
        "event=request_failed rule=%s error=%s place=%s",
        request.url_rule,
        type(error).__name__,
        place,
    )
    return error_response(500, "internal")
