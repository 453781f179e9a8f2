"""``flask --app server privacy``: show or delete what is kept about one citizen."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import click

from bot.cli.operating import Refused, actor, ready_store
from bot.cli.spooled import bring_in
from bot.core.messages import Citizen
from bot.settings import Settings
from bot.store import Store
from bot.web.spool import Spool
from bot.wiring.desk import utc_now
from bot.wiring.privacy import purge as forget_in_time

_PARTS = ("messages", "deliveries", "subscriptions", "pictures", "follows", "proofs", "review")


@click.group()
def privacy() -> None:
    """Answer a citizen who asks what we keep, or asks us to forget."""


def _whom(command: Callable[..., None]) -> Callable[..., None]:
    options = (
        click.argument("citizen", required=False),
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
def export(
    citizen: str | None, channel: str | None, external_id: str | None, citizen_id: int | None
) -> None:
    """Print everything kept about a citizen as JSON.

    CITIZEN is our own number, or channel and id as in zalo:2000000000000000001.
    """
    with ready_store(Settings.from_env()) as store:
        whom = _find(store, citizen, channel, external_id, citizen_id)
        kept = store.privacy.export(whom.id)
        store.audit.append(actor(), "citizen_exported", f"citizen:{whom.id}", {}, utc_now())
    click.echo(json.dumps(kept, ensure_ascii=False, indent=2))


@privacy.command()
@_whom
@click.option("--yes", is_flag=True, help="Erase without asking.")
def erase(
    citizen: str | None,
    channel: str | None,
    external_id: str | None,
    citizen_id: int | None,
    yes: bool,
) -> None:
    """Delete everything kept about a citizen, now and for good.

    CITIZEN is our own number, or channel and id as in zalo:2000000000000000001.
    """
    settings = Settings.from_env()
    if left := bring_in(settings):
        raise Refused(
            f"{left} webhook events wait on disk and may be this citizen's: "
            "erase when the store has taken them, see `flask --app server doctor`."
        )
    with ready_store(settings) as store:
        whom = _find(store, citizen, channel, external_id, citizen_id)
        click.echo(f"Citizen {whom.id} on {whom.channel}: {_summary(store, whom)}.")
        if not yes:
            click.confirm("Erase all of it? This cannot be undone.", abort=True)
        store.privacy.erase(whom.id, utc_now())
        store.audit.append(actor(), "citizen_erased", f"citizen:{whom.id}", {}, utc_now())
    click.echo(f"Citizen {whom.id} is erased.")
    if refused := Spool(settings.data_dir).waiting().refused:
        click.echo(f"{refused} unreadable webhook events lie in the spool; they go within a day.")


@privacy.command()
def purge() -> None:
    """Forget everything past its term now; a running worker does so every hour."""
    settings = Settings.from_env()
    with ready_store(settings) as store:
        purged = asdict(forget_in_time(settings, store, utc_now()))
    click.echo("Forgotten: " + ", ".join(f"{count:,} {name}" for name, count in purged.items()))


def _find(
    store: Store,
    named: str | None,
    channel: str | None,
    external_id: str | None,
    citizen_id: int | None,
) -> Citizen:
    if named and not (channel or external_id or citizen_id):
        channel, external_id, citizen_id = _read(named)
        named = None
    if citizen_id is not None and not (named or channel or external_id):
        found = store.citizens.by_id(citizen_id)
    elif citizen_id is None and channel and external_id and not named:
        found = store.citizens.find(channel, external_id)
    else:
        raise Refused("Name the citizen by number, as channel:id, or with --channel and --id.")
    if found is None:
        raise Refused("There is no such citizen; nothing is kept.")
    return found


def _read(named: str) -> tuple[str | None, str | None, int | None]:
    """Return channel, id there and our own number of what was typed."""
    if named.isascii() and named.isdigit() and 0 < int(named[:20]) < 2**63:
        return None, None, int(named)
    channel, _, external_id = named.partition(":")
    return channel, external_id, None


def _summary(store: Store, citizen: Citizen) -> str:
    kept: dict[str, Any] = store.privacy.export(citizen.id)
    return ", ".join(f"{len(kept[part]):,} {part}" for part in _PARTS)
