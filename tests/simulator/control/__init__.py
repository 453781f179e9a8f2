"""Addresses for people and other processes: the page, acts of citizens, faults, the clock."""

from __future__ import annotations

from flask import Flask

from tests.simulator.control import citizens, knobs, page

# The second prefix is the older name, which tests of the desk still use.
PREFIXES = {"/control": "control", "/simulator": "older"}


def mount(app: Flask) -> None:
    """Add all of them to the app."""
    app.register_blueprint(page.routes)
    for prefix, name in PREFIXES.items():
        for blueprint in (citizens.routes, knobs.routes):
            app.register_blueprint(blueprint, url_prefix=prefix, name=f"{name}_{blueprint.name}")
