"""What every page of the console shares: forms that prove their origin, headers, errors, frame."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, render_template, request, url_for
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import HTTPException

from bot.console.parts import parts
from bot.console.sessions import current_session
from bot.console.words import clock_time, number, problem, words
from bot.core.errors import StoreUnavailable
from bot.core.staff.roles import Role, may

log = logging.getLogger(__name__)

STATIC = Path(__file__).with_name("static")
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Frame-Options": "DENY",
    # Not no-referrer: over https a form is only believed with a Referer of our own.
    "Referrer-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_CODES = {
    400: "bad_request",
    403: "forbidden",
    404: "not_found",
    405: "wrong_method",
    413: "too_large",
    429: "too_fast",
    503: "unavailable",
}


@dataclass(frozen=True)
class Place:
    """A page one can go to from everywhere."""

    name: str  # in ``words.vi.yml`` under "nav", and the icon's
    endpoint: str
    roles: frozenset[Role]


PLACES = (
    Place("overview", "console_overview.overview", frozenset(Role)),
    Place("notices", "console_notices.listing", frozenset(Role)),
    Place("documents", "console_documents.listing", frozenset(Role)),
    Place(
        "unsure", "console_unsure.listing", frozenset({Role.AUTHOR, Role.APPROVER, Role.OPERATOR})
    ),
    Place("slips", "console_slips.page", frozenset({Role.OPERATOR, Role.ADMIN})),
    Place("people", "console_people.people", frozenset({Role.ADMIN})),
    Place("account", "console_account.account", frozenset(Role)),
)


def console_blueprint(name: str) -> Blueprint:
    """Return a blueprint for pages of the console; every one of them is made here."""
    made = Blueprint(f"console_{name}", __name__, url_prefix="/console")
    made.before_request(_check_form)
    made.after_request(_add_headers)
    made.context_processor(_frame)
    made.register_error_handler(429, _http_error)
    made.register_error_handler(HTTPException, _http_error)
    made.register_error_handler(StoreUnavailable, _away)
    return made


def error_page(status: int, code: str) -> Response:
    """Return a page that says what went wrong."""
    page = render_template("console/error.html", sentence=problem(code), status=status)
    return Response(page, status)


@lru_cache(maxsize=1)
def static_version() -> str:
    """Return a short mark that changes whenever a static file does."""
    digest = hashlib.sha256()
    for path in sorted(STATIC.iterdir()):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _check_form() -> None:
    csrf: CSRFProtect = current_app.extensions["csrf"]
    csrf.protect()


def _add_headers(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)  # files of notices are stricter still
    return response


def _frame() -> dict[str, Any]:
    """Return what the layout needs besides a page's own data."""
    known, session = parts(), current_session()
    roles = session.staff.roles if session else frozenset()
    return {
        "words": words(),
        "province": known.province,
        "me": session.staff if session else None,
        "places": _places(roles),
        "here": request.endpoint,
        "number": number,
        "when": lambda moment: clock_time(moment, known.clock(), known.zone),
        "console_asset": _asset,
    }


def _places(roles: frozenset[Role]) -> list[Place]:
    """Return where somebody may go; parts that this app does not have stay out."""
    here = current_app.view_functions
    return [place for place in PLACES if place.endpoint in here and may(roles, place.roles)]


def _asset(name: str) -> str:
    return url_for("console_static.static", version=static_version(), name=name)


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:  # redirects are exceptions to the router
        return Response(error.get_response())  # type: ignore[arg-type]
    code = "bad_form" if isinstance(error, CSRFError) else _CODES.get(status, "bad_request")
    response = error_page(status, code)
    if status == 429:
        response.headers["Retry-After"] = "60"
    return response


def _away(error: StoreUnavailable) -> Response:
    log.error("event=unavailable what=%s rule=%s", type(error).__name__, request.url_rule)
    return Response(problem("unavailable"), 503, content_type="text/plain; charset=utf-8")
