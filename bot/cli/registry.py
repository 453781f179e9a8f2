"""Commands that build the registry of the province and import into it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path

import click
from tqdm import tqdm

from bot.registry import build as builder
from bot.registry.owners import OwnerDigests
from bot.registry.rows import BadFile, Loaded, load
from bot.registry.watch import FolderWatch, Outcome
from bot.settings import Settings
from bot.wiring.keys import owner_digests

_SHOWN = 50  # bad rows listed one by one
_A_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_A_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group()
def registry() -> None:
    """Build the registry (procedures, offices, dossiers) and import data into it."""


@registry.command()
@click.option("--force", is_flag=True, help="Build even when no file of the province changed.")
def build(force: bool) -> None:
    """Build the registry from the province's folder (MOTCUA_PROVINCE_DIR).

    Nothing is done when no file changed. What was imported before is kept. The new registry takes
    the place of the old one in one step; a running desk notices it by itself.
    """
    settings = Settings.from_env()
    with _progress("index") as progress, _told():
        report = builder.build(
            settings.province_dir,
            settings.registry_path,
            _now(),
            force=force,
            progress=progress,
            owners=owner_digests(settings),
        )
    if not report.built:
        click.echo(f"{settings.registry_path} is up to date.")
        return
    _finish(report, settings.registry_path)


@registry.command("import-dossiers")
@click.argument("file", type=_A_FILE)
@click.option("--sheet", default="", help="Sheet of an Excel file; the first one if not given.")
def import_dossiers(file: Path, sheet: str) -> None:
    """Insert or update dossiers from FILE (.csv, .json or .xlsx).

    Columns carry the national exchange names: MaHoSo and TrangThaiHoSo are needed; MaTTHC,
    TenTTHC, NgayTiepNhan, NgayHenTra, NgayKetThucXuLy, NgayTra, ThoiDiemXuLy, CoQuanTiepNhan and
    DonViXuLy are used, GhiChuCongKhai is shown to everybody. Of SoDienThoai and MaTraCuu only
    keyed digests are kept; names and anything else personal are never stored. A column the file
    does not have keeps what was there. Dates are yyyyMMddHHmmss, ISO or dd/mm/yyyy. Bad rows are
    listed with line and reason, good rows are kept, and the exit status is 1 if any row was bad.
    The same file again changes nothing; dossiers that a later file lacks stay.
    """
    settings = Settings.from_env()
    with _progress("dossiers") as progress, _told():
        report = builder.import_dossiers(
            load(file, sheet),
            settings.registry_path,
            _now(),
            progress=progress,
            owners=owner_digests(settings),
        )
    _finish(report, settings.registry_path)


@registry.command("import-procedures")
@click.argument("file", type=_A_FILE)
def import_procedures(file: Path) -> None:
    """Insert or update procedures from FILE (.csv) and index them for search.

    Columns are those of data/province/procedures.csv; code and name_vi are needed. Bad rows are
    listed with line and reason, good rows are kept, and the exit status is 1 if any row was bad.
    """
    settings = Settings.from_env()
    with _progress("index") as progress, _told():
        report = builder.import_procedures(file, settings.registry_path, _now(), progress=progress)
    _finish(report, settings.registry_path)


@registry.command()
@click.argument("folder", type=_A_FOLDER)
@click.option("--interval", default=3.0, type=click.FloatRange(0.2, 3600), help="Seconds a look.")
@click.option("--once", is_flag=True, help="Look twice, import what stands still, and end.")
def watch(folder: Path, interval: float, once: bool) -> None:
    """Import dossier files as they appear or change in FOLDER.

    Put .csv, .json or .xlsx files there; a file is read once it has not changed for two looks.
    Each content is imported once, also after a restart. Nothing is moved or deleted; hidden
    files, links and folders inside are left alone. Every import is one line of the log.
    """
    settings = Settings.from_env()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    owners = owner_digests(settings)
    watching = FolderWatch(
        folder.resolve(), settings.registry_path, _importer(settings, owners), _now
    )
    watching.interval = interval
    if once:
        _tell_outcome(watching.once())
        return
    try:
        watching.run()
    except KeyboardInterrupt:
        click.echo("stopped.")


def _importer(settings: Settings, owners: OwnerDigests) -> Callable[..., builder.Report]:
    def bring_in(file: Loaded, now: datetime) -> builder.Report:
        return builder.import_dossiers(file, settings.registry_path, now, owners=owners)

    return bring_in


def _tell_outcome(outcome: Outcome) -> None:
    click.echo(
        f"{outcome.imported} imported, {outcome.known} known, {outcome.failed} refused, "
        f"{outcome.waiting} still being written, {outcome.bad_rows} bad rows"
    )
    if outcome.failed or outcome.bad_rows:
        raise SystemExit(1)


def _now() -> datetime:
    return datetime.now(timezone.utc)


@contextmanager
def _progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """Give a progress callback that draws a bar on a terminal and nothing elsewhere."""
    with tqdm(desc=label, disable=None, leave=False) as bar:

        def show(done: int, total: int) -> None:
            bar.total = total or None
            bar.update(done - bar.n)

        yield show


@contextmanager
def _told() -> Iterator[None]:
    """Turn a file that cannot be read into a plain message and exit status 1."""
    try:
        yield
    except BadFile as error:
        raise click.ClickException(str(error)) from error


def _finish(report: builder.Report, path: Path) -> None:
    for file, kept in report.kept.items():
        bad = len(report.problems.get(file, ()))
        click.echo(f"{file}: {kept} kept" + (f", {bad} bad" if bad else ""))
    if (tally := report.dossiers).new or tally.changed or tally.unchanged:
        repeated = f", {tally.repeated} rows repeated" if tally.repeated else ""
        click.echo(
            f"dossiers: {tally.new} new, {tally.changed} changed, "
            f"{tally.unchanged} unchanged{repeated}"
        )
    for file, problems in report.problems.items():
        for problem in problems[:_SHOWN]:
            click.echo(f"{file}: {problem}", err=True)
        if len(problems) > _SHOWN:
            click.echo(f"{file}: … and {len(problems) - _SHOWN} more", err=True)
    click.echo(f"{path} is ready.")
    if report.bad:
        raise SystemExit(1)
