"""The platform's own addresses, one file a family."""

from __future__ import annotations

from flask import Flask

from tests.simulator.endpoints import bot, media, oauth
from tests.simulator.endpoints.account import ACCOUNT
from tests.simulator.endpoints.by_phone import BY_PHONE
from tests.simulator.endpoints.endpoint import mount
from tests.simulator.endpoints.messages import MESSAGES


def mount_all(app: Flask) -> None:
    """Add everything the platform offers to the app."""
    mount(app, (*MESSAGES, *ACCOUNT, *BY_PHONE))
    for blueprint in (oauth.routes, bot.routes, media.routes):
        app.register_blueprint(blueprint)
