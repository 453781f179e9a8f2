"""``flask --app server doctor``: is everything in place, and what to do when not."""

from __future__ import annotations

from datetime import timedelta

import click

from bot.core.errors import DeskError
from bot.nlu.model import current_model
from bot.settings import Settings
from bot.wiring import open_ready_store, read_province, utc_now


@click.command()
def doctor() -> None:
    """Check settings, data folder, store, registry, model and worker; exit 1 if one is amiss."""
    checks = [check() for check in (_province, _registry, _model, _store)]
    for good, name, advice in checks:
        click.echo(f"{'ok  ' if good else 'FAIL'} {name}" + ("" if good else f": {advice}"))
    if not all(good for good, _, _ in checks):
        raise SystemExit(1)


def _province() -> tuple[bool, str, str]:
    try:
        province = read_province(Settings.from_env().province_dir)
    except DeskError as error:
        return False, "province", str(error)
    return True, f"province: {province.name}", ""


def _registry() -> tuple[bool, str, str]:
    path = Settings.from_env().registry_path
    return path.is_file(), "registry", "run `flask --app server registry build`"


def _model() -> tuple[bool, str, str]:
    model = current_model(Settings.from_env())
    return model is not None, "language model", "run `make train`"


def _store() -> tuple[bool, str, str]:
    try:
        store = open_ready_store(Settings.from_env())
        detail = store.processes.alive("worker", utc_now(), timedelta(seconds=15))
        store.close()
    except DeskError as error:
        return False, "store", str(error)
    if detail is None:
        return False, "store; worker", "no worker is running: start it with `make run`"
    return True, "store; worker", ""
