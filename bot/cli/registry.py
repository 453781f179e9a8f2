"""Commands that build the registry of the province and import into it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path

import click
from tqdm import tqdm

from bot.registry import build as builder
from bot.registry.rows import BadFile
from bot.settings import Settings

_SHOWN = 50  # bad rows listed one by one


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
            settings.province_dir, settings.registry_path, _now(), force=force, progress=progress
        )
    if not report.built:
        click.echo(f"{settings.registry_path} is up to date.")
        return
    _finish(report, settings.registry_path)


@registry.command("import-dossiers")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_dossiers(file: Path) -> None:
    """Insert or update dossiers from FILE (.csv or .json).

    Columns carry the national exchange names: MaHoSo and TrangThaiHoSo are needed; MaTTHC,
    TenTTHC, NgayTiepNhan, NgayHenTra, NgayKetThucXuLy, NgayTra, ThoiDiemXuLy, CoQuanTiepNhan and
    DonViXuLy are used; names, phones and anything else personal are never stored. Dates are
    yyyyMMddHHmmss, ISO or dd/mm/yyyy. Bad rows are listed with line and reason, good rows are
    kept, and the exit status is 1 if any row was bad.
    """
    settings = Settings.from_env()
    with _progress("dossiers") as progress, _told():
        report = builder.import_dossiers(file, settings.registry_path, _now(), progress=progress)
    _finish(report, settings.registry_path)


@registry.command("import-procedures")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_procedures(file: Path) -> None:
    """Insert or update procedures from FILE (.csv) and index them for search.

    Columns are those of data/province/procedures.csv; code and name_vi are needed. Bad rows are
    listed with line and reason, good rows are kept, and the exit status is 1 if any row was bad.
    """
    settings = Settings.from_env()
    with _progress("index") as progress, _told():
        report = builder.import_procedures(file, settings.registry_path, _now(), progress=progress)
    _finish(report, settings.registry_path)


def _now() -> datetime:
    return datetime.now(timezone.utc)


@contextmanager
def _progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """Give a progress callback that draws a bar on a terminal and nothing elsewhere."""
    with tqdm(desc=label, disable=None, leave=False) as bar:

        def show(done: int, total: int) -> None:
            bar.total = total
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
    for file, problems in report.problems.items():
        for problem in problems[:_SHOWN]:
            click.echo(f"{file}: {problem}", err=True)
        if len(problems) > _SHOWN:
            click.echo(f"{file}: … and {len(problems) - _SHOWN} more", err=True)
    click.echo(f"{path} is ready.")
    if report.bad:
        raise SystemExit(1)
