"""What the operator commands share: who acts, clear refusals, and the open store."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager

import click

from bot.core.errors import DeskError
from bot.settings import Settings
from bot.store import Store
from bot.wiring.desk import open_ready_store


class Refused(click.ClickException):
    """The command cannot do what was asked; one sentence says why. Exit status 2."""

    exit_code = 2


def actor() -> str:
    """Return who runs the command, for the audit trail."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):  # a container's user may have no name
        return f"cli:{os.getuid()}"


@contextmanager
def ready_store(settings: Settings) -> Iterator[Store]:
    """Yield the store; what goes wrong inside becomes a sentence and exit status 1."""
    try:
        store = open_ready_store(settings)
        try:
            yield store
        finally:
            store.close()
    except DeskError as error:
        raise click.ClickException(str(error)) from error
