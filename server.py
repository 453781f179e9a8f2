"""The web process: ``gunicorn server:create_app()`` or ``flask --app server``."""

from __future__ import annotations

import click
from flask import Flask

from bot.cli import register
from bot.core.errors import DeskError
from bot.settings import Settings
from bot.web.app import assemble
from bot.wiring import build_web


def create_app(settings: Settings | None = None) -> Flask:
    """Return the web app; the environment decides when no settings are given.

    Raises ClickException, which the command line shows as one sentence, when it cannot work.
    """
    try:
        app = assemble(build_web(settings or Settings.from_env()))
    except DeskError as error:
        raise click.ClickException(str(error)) from error
    register(app)
    return app
