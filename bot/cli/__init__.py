"""Staff and operator commands: Flask CLI groups."""

from __future__ import annotations

from importlib import import_module

from flask import Flask

_GROUPS = (
    "registry",
    "qr",
    "notices",
    "documents",
    "staff",
    "nlu",
    "privacy",
    "audit",
    "zalo",
    "zalo_bot",
    "doctor",
)


def register(app: Flask) -> None:
    """Add every command group to ``flask --app server``."""
    for name in _GROUPS:
        module = import_module(f"bot.cli.{name}")
        app.cli.add_command(getattr(module, name))
