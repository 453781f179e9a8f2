"""Adds the console to the web app."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response, request, send_from_directory
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import NotFound

from bot.console import account, entry, overview, people
from bot.console.devices import any_mark
from bot.console.layout import STATIC, console_blueprint, static_version
from bot.console.parts import EXTENSION, ConsoleParts
from bot.console.policy import needs, open_to_all
from bot.core.staff.roles import Role

_YEAR = 365 * 24 * 3600  # seconds
_FORM_LIFE = 12 * 3600  # seconds; as long as the longest session
_LIMITED = ("console_entry.log_in", "console_entry.finish_enrolment")

files = Blueprint("console_static", __name__, url_prefix="/console", template_folder="templates")
rest = console_blueprint("rest")


def add_console(app: Flask, known: ConsoleParts) -> None:
    """Put the console under ``/console`` of ``app``."""
    app.extensions[EXTENSION] = known
    app.config.update(
        SECRET_KEY=known.secret,
        SESSION_COOKIE_NAME="__Host-motcua_form" if known.secure else "motcua_form",
        SESSION_COOKIE_SECURE=known.secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_PATH="/",
        WTF_CSRF_CHECK_DEFAULT=False,  # platforms post to other addresses and sign otherwise
        WTF_CSRF_TIME_LIMIT=_FORM_LIFE,
    )
    CSRFProtect(app)
    pages = (entry, overview, account, people)
    for part in (files, *(each.blueprint for each in pages), rest):
        app.register_blueprint(part)
    _limit(app, known)


def _limit(app: Flask, known: ConsoleParts) -> None:
    """Count what guesses per address, with the limiter of the whole app.

    A browser somebody came in with before counts by itself: whoever guesses from the same
    office does not use up its attempts.
    """
    limiter: Any = app.extensions["motcua_limiter"]
    for view in _LIMITED:
        limited = limiter.limit(
            known.login_rate, key_func=lambda: any_mark() or known.address_of(request)
        )
        app.view_functions[view] = limited(app.view_functions[view])


@files.get("/static/<version>/<path:name>")
@open_to_all
def static(version: str, name: str) -> Response:
    """Send a file of the pages; browsers may keep the current version for a year."""
    response = send_from_directory(
        STATIC, name, max_age=_YEAR if version == static_version() else 0
    )
    response.headers["Cache-Control"] = response.headers.get("Cache-Control", "no-cache")
    return response


@rest.get("/<path:_anything>")
@needs(*Role)
def nothing(_anything: str) -> Response:
    """Say that there is no such page, to staff only: others learn nothing from asking."""
    raise NotFound
