"""Staff and operator commands: Flask CLI groups.

Each is loaded when it is called: the web process, which is made by the same function, needs none,
and some bring along what only builds registries (thirty megabytes).
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click
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


class Later(click.Command):
    """A command that lies in a module of its name."""

    def __init__(self, name: str, module: str) -> None:
        super().__init__(name)
        self._module = module

    @property
    def real(self) -> click.Command:
        """Return the command itself."""
        module = import_module(f"bot.cli.{self._module}")
        command: click.Command = getattr(module, self._module)
        return command

    def make_context(self, *arguments: Any, **named: Any) -> click.Context:
        """Hand over to the command itself."""
        return self.real.make_context(*arguments, **named)

    def get_short_help_str(self, limit: int = 45) -> str:
        """Return the first sentence of its help."""
        return self.real.get_short_help_str(limit)


def register(app: Flask) -> None:
    """Add every command to ``flask --app server``."""
    for name in _GROUPS:
        app.cli.add_command(Later(name.replace("_", "-"), name))
