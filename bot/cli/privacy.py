"""``flask --app server privacy``: show or delete what is kept about one citizen."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import click

from bot.cli.operating import Refused, actor, ready_store
from bot.cli.spooled import bring_in
from bot.core.messages import Citizen
from bot.settings import Settings
from bot.store import Store
from bot.wiring import utc_now


@click.group()
def privacy() -> None:
    """Answer a citizen who asks what we keep, or asks us to forget."""


def _whom(command: Callable[..., None]) -> Callable[..., None]:
    options = (
        click.option("--channel", help="Channel of the citizen, e.g. zalo."),
        click.option("--id", "external_id", help="The citizen's id on that channel."),
        click.option(
            "--citizen",
            "citizen_id",
            type=click.IntRange(1, 2**63 - 1),
            help="Our own number instead.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


@privacy.command()
@_whom
def export(channel: str | None, external_id: str | None, citizen_id: int | None) -> None:
    """Print everything kept about a citizen as JSON."""
    with ready_store(Settings.from_env()) as store:
        citizen = _find(store, channel, external_id, citizen_id)
        kept = store.privacy.export(citizen.id)
        store.audit.append(actor(), "citizen_exported", f"citizen:{citizen.id}", {}, utc_now())
    click.echo(json.dumps(kept, ensure_ascii=False, indent=2))


@privacy.command()
@_whom
@click.option("--yes", is_flag=True, help="Erase without asking.")
def erase(channel: str | None, external_id: str | None, citizen_id: int | None, yes: bool) -> None:
    """Delete everything kept about a citizen, now and for good."""
    if left := bring_in(Settings.from_env()):
        raise Refused(
            f"{left} webhook events wait on disk and may be this citizen's: "
            "erase when the store has taken them, see `flask --app server doctor`."
        )
    with ready_store(Settings.from_env()) as store:
        citizen = _find(store, channel, external_id, citizen_id)
        click.echo(f"Citizen {citizen.id} on {citizen.channel}: {_summary(store, citizen)}.")
        if not yes:
            click.confirm("Erase all of it? This cannot be undone.", abort=True)
        store.privacy.erase(citizen.id, utc_now())
        store.audit.append(actor(), "citizen_erased", f"citizen:{citizen.id}", {}, utc_now())
    click.echo(f"Citizen {citizen.id} is erased.")


def _find(
    store: Store, channel: str | None, external_id: str | None, citizen_id: int | None
) -> Citizen:
    if citizen_id is not None and not (channel or external_id):
        found = store.citizens.by_id(citizen_id)
    elif citizen_id is None and channel and external_id:
        found = store.citizens.find(channel, external_id)
    else:
        raise Refused("Name the citizen with --channel and --id, or with --citizen.")
    if found is None:
        raise Refused("There is no such citizen; nothing is kept.")
    return found


def _summary(store: Store, citizen: Citizen) -> str:
    kept: dict[str, Any] = store.privacy.export(citizen.id)
    parts = ("messages", "deliveries", "subscriptions", "pictures")
    return ", ".join(f"{len(kept[part]):,} {part}" for part in parts)
