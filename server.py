"""The web process: ``gunicorn server:create_app()`` or ``flask --app server``."""

from __future__ import annotations

import click
from flask import Flask

from bot.cli import register
from bot.console.app import add_console
from bot.console.documents import add_documents
from bot.console.notices import add_notices
from bot.console.slips import add_slips
from bot.core.errors import DeskError
from bot.settings import Settings
from bot.web.app import assemble
from bot.wiring.console import build_console
from bot.wiring.desk import build_web
from bot.wiring.documents import build_document_pages
from bot.wiring.notice_pages import build_notice_pages
from bot.wiring.slip_pages import build_slip_printing


def create_app(settings: Settings | None = None) -> Flask:
    """Return the web app; the environment decides when no settings are given.

    Raises ClickException, which the command line shows as one sentence, when it cannot work.
    """
    try:
        parts = build_web(settings or Settings.from_env())
        app = assemble(parts)
        add_console(app, build_console(parts))
        add_notices(app, build_notice_pages(parts))
        add_documents(app, build_document_pages(parts.settings, parts.store))
        add_slips(app, build_slip_printing(parts))
    except DeskError as error:
        raise click.ClickException(str(error)) from error
    register(app)
    return app
