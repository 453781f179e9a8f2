"""``flask --app server zalo-bot``: see the bot, and switch between webhook and polling."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from bot.channels.zalo_bot import BotApi
from bot.cli.findings import Finding, fix, ok
from bot.cli.operating import Refused
from bot.core.errors import SendError, SendNeedsPerson, SettingsError
from bot.settings import Settings
from bot.wiring.channels import build_zalo_bot, require_zalo_secrets


@click.group("zalo-bot")
def zalo_bot() -> None:
    """Connect a bot of the Zalo Bot Platform."""


@zalo_bot.command()
def info() -> None:
    """Show the bot and how its messages reach the desk; exit 1 when they cannot."""
    settings = _settings()
    with _api(settings) as api:
        me, url = api.me(), api.webhook_url()
    click.echo(f"bot       {me.get('account_name', '?')} ({me.get('id', '?')})")
    click.echo(f"webhook   {url or 'none: the worker polls'}")
    if url != _wanted(settings):
        click.echo(f"          {_cure(settings)}")
        raise SystemExit(1)


@zalo_bot.command("set-webhook")
def set_webhook() -> None:
    """Have the platform post messages to this desk's public address."""
    settings = _settings()
    if not settings.zalo_bot_secret:
        raise Refused(
            "Set MOTCUA_ZALO_BOT_SECRET first, for example to what `openssl rand -hex 32` prints."
        )
    if not settings.address.startswith("https://"):
        raise Refused(
            f"{settings.address} is not https: set MOTCUA_PUBLIC_URL to the address citizens use."
        )
    with _api(settings) as api:
        api.set_webhook(_webhook(settings), settings.zalo_bot_secret)
    click.echo(f"Messages now come to {_webhook(settings)}.")


@zalo_bot.command("delete-webhook")
def delete_webhook() -> None:
    """Have the platform keep messages for the worker to poll."""
    settings = _settings()
    with _api(settings) as api:
        api.delete_webhook()
    click.echo("No webhook any more.")
    if settings.zalo_bot_secret:
        click.echo("Unset MOTCUA_ZALO_BOT_SECRET and start web and worker again to poll.")


def checks(settings: Settings) -> Iterator[Finding]:
    """Yield the doctor's findings about the bot."""
    try:
        with _api(settings) as api:
            name, url = api.me().get("account_name", "?"), api.webhook_url()
    except click.ClickException as error:
        yield fix("zalo bot", error.message)
        return
    if url != _wanted(settings):
        yield fix("zalo bot", _cure(settings))
    else:
        yield ok("zalo bot", f"{name}, {'webhook' if url else 'polling'}")


def _settings() -> Settings:
    settings = Settings.from_env()
    try:
        require_zalo_secrets(settings)
    except SettingsError as error:
        raise Refused(str(error)) from error
    if not settings.zalo_bot_token:
        raise Refused("The bot is switched off: set MOTCUA_ZALO_BOT_TOKEN first.")
    return settings


def _webhook(settings: Settings) -> str:
    return f"{settings.address}/webhooks/zalo_bot"


def _wanted(settings: Settings) -> str:
    """Return the webhook these settings ask for, empty for polling."""
    return _webhook(settings) if settings.zalo_bot_secret else ""


def _cure(settings: Settings) -> str:
    command = "set-webhook" if settings.zalo_bot_secret else "delete-webhook"
    wanted = _wanted(settings) or "none, to poll"
    return f"webhook should be {wanted}: run `flask --app server zalo-bot {command}`"


@contextmanager
def _api(settings: Settings) -> Iterator[BotApi]:
    """Yield the bot's calls; a refusal is one sentence with what to do and exit status 1."""
    channel = build_zalo_bot(settings)
    try:
        yield channel.api
    except SendError as error:
        advice = error.advice if isinstance(error, SendNeedsPerson) else "try again in a minute"
        raise click.ClickException(f"{error.reason} ({error.code}): {advice}") from None
    finally:
        channel.close()
