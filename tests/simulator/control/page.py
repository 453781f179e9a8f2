"""The page to chat by hand and to watch."""

from __future__ import annotations

from flask import Blueprint, render_template

from tests.simulator.endpoints.endpoint import simulator

routes = Blueprint(
    "page", __name__, template_folder="../templates", static_folder="../static", url_prefix=""
)


@routes.get("/")
def page() -> str:
    """Show the page."""
    return render_template("page.html", url=simulator().url)
