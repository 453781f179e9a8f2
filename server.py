"""The web process: ``gunicorn server:create_app()`` or ``flask --app server``."""

from __future__ import annotations

from flask import Flask

from bot.cli import register
from bot.settings import Settings
from bot.web.app import assemble
from bot.wiring import build_web


def create_app(settings: Settings | None = None) -> Flask:
    """Return the web app; the environment decides when no settings are given."""
    app = assemble(build_web(settings or Settings.from_env()))
    register(app)
    return app
