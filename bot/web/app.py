"""Joins the parts of the web process into one Flask app."""

from __future__ import annotations

from flask import Flask

from bot.web import chat, feed, health, hooks, notices, page, search, slips, verifier, webhooks
from bot.web.counters import EXTENSION as COUNTERS
from bot.web.counters import Counters
from bot.web.errors import register_errors
from bot.web.hints import HINTS, Hints
from bot.web.incoming import MAX_FORM
from bot.web.intake import INTAKE, Intake
from bot.web.limits import add_limits
from bot.web.parts import EXTENSION, WebParts
from bot.web.security import add_headers
from bot.web.spool import Spool
from bot.web.waiting import SEATS, Seats


def assemble(known: WebParts) -> Flask:
    """Return the web app for these parts."""
    app = Flask("bot.web", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_FORM
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.extensions[EXTENSION] = known
    spool = Spool(known.settings.data_dir)
    app.extensions[COUNTERS] = Counters(known.store, spool, known.clock)
    app.extensions[INTAKE] = Intake(known, spool)
    app.extensions[SEATS] = Seats(known.settings.web_threads)
    app.extensions[HINTS] = Hints(known.listen)
    app.jinja_env.globals["asset"] = page.asset
    for part in (page, chat, search, slips, notices, feed, webhooks, hooks, verifier, health):
        app.register_blueprint(part.blueprint)
    register_errors(app)
    add_limits(app, known)
    add_headers(app, known.settings.address)
    return app
