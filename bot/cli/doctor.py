"""``flask --app server doctor``: is everything in place, and what to do when not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import click

from bot.cli import doctor_zalo, documents, spooled, zalo_bot
from bot.cli.findings import Finding, fix, ok, warn
from bot.core.errors import DeskError, SettingsError
from bot.core.staff.people import gaps
from bot.nlu.model import latest_model, model_path
from bot.nlu.shelf import read
from bot.settings import Settings
from bot.store import Store
from bot.wiring.channels import require_zalo_secrets
from bot.wiring.desk import open_ready_store, read_province, utc_now

_PEOPLE = {
    "no_admin": "there is no administrator: run `flask --app server staff add --help`",
    "admin_cannot": "no administrator can log in: unlock one, or run "
    "`flask --app server staff reset <login>` and hand the link over",
    "no_author": "nobody can write notices: give somebody the role author",
    "no_approver": "nobody could approve what another wrote: "
    "give a second person the role approver",
    "one_approver": "an emergency takes two approvers who did not write it: "
    "give one more person the role approver",
}
_SHORTEST_KEY = 16  # characters

Check = Callable[[Settings], Iterator[Finding]]


@click.command()
@click.option("--offline", is_flag=True, help="Leave out what needs the network.")
def doctor(offline: bool) -> None:
    """Check that everything is in place; each line is "ok", "warn" or "fix" with what to do.

    Exit status 1 when something must be fixed. Nothing is changed and no token is used up.
    """
    try:
        settings = Settings.from_env()
    except SettingsError as error:
        click.echo(fix("settings", str(error)).line)
        raise SystemExit(1) from error
    findings = []
    for finding in _everything(settings, offline):
        click.echo(finding.line)
        findings.append(finding)
    if not all(finding.good for finding in findings):
        raise SystemExit(1)


def _everything(settings: Settings, offline: bool) -> Iterator[Finding]:
    checks: tuple[Check, ...] = (_settings, _province, _registry, _model, spooled.checks)
    for check in checks:
        yield from check(settings)
    try:
        store = open_ready_store(settings)
    except DeskError as error:
        yield fix("store", str(error))
        return
    try:
        yield from _store(store)
        yield from _people(store)
        if settings.zalo_app_id:
            yield from doctor_zalo.checks(settings, store, utc_now(), offline=offline)
        else:
            yield ok("zalo", "switched off (MOTCUA_ZALO_APP_ID is not set)")
    except DeskError as error:
        yield fix("store", str(error))
    finally:
        store.close()
    if settings.zalo_bot_token and not offline:
        yield from zalo_bot.checks(settings)
    yield from documents.findings(settings, offline=offline)


def _settings(settings: Settings) -> Iterator[Finding]:
    try:
        require_zalo_secrets(settings)
    except SettingsError as error:
        yield fix("settings", str(error))
        return
    short = [key for key in settings.token_keys if len(key) < _SHORTEST_KEY]
    if short and settings.zalo_app_id:
        yield fix(
            "settings",
            f"a key in MOTCUA_TOKEN_KEY or MOTCUA_SECRET_KEY has fewer than {_SHORTEST_KEY} "
            "characters: put a long random one before it, for example of `openssl rand -hex 32`",
        )
    elif settings.zalo_app_id and not settings.token_keys:
        yield fix(
            "settings",
            "the key of the kept tokens lies in the data folder beside them: "
            "set MOTCUA_TOKEN_KEY, for example to what `openssl rand -hex 32` prints",
        )
    else:
        yield ok("settings")


def _province(settings: Settings) -> Iterator[Finding]:
    try:
        yield ok("province", read_province(settings.province_dir).name)
    except DeskError as error:
        yield fix("province", str(error))


def _registry(settings: Settings) -> Iterator[Finding]:
    if settings.registry_path.is_file():
        yield ok("registry")
    else:
        yield fix("registry", "run `flask --app server registry build`")


def _model(settings: Settings) -> Iterator[Finding]:
    model, wanted = latest_model(settings), model_path(settings).name
    record = read(settings.model_dir)
    decided = record.pinned or (record.refused is not None and record.refused.name == wanted)
    if model is None or (model.name != wanted and not decided):
        yield fix("language model", "run `make train`")
        return
    why = "" if model.name == wanted else ", restored" if record.pinned else ", newer one refused"
    yield ok("language model", f"{model.name}{why}")


def _store(store: Store) -> Iterator[Finding]:
    yield ok("store")
    if store.processes.alive("worker", utc_now(), timedelta(seconds=15)) is None:
        yield fix("worker", "no worker is running: start it with `make run`")
    else:
        yield ok("worker")


def _people(store: Store) -> Iterator[Finding]:
    """Say who is missing: to look after accounts, to write, and to approve what others wrote."""
    missing = gaps(store.staff.members())
    for code in missing:
        yield warn("staff", _PEOPLE[code])
    if not missing:
        yield ok("staff")
