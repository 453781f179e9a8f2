"""``flask --app server qr sheet|revoke|keys``: print slips by the hundred, and take them back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timezone
from pathlib import Path

import click
from tqdm import tqdm

from bot.cli.operating import actor, ready_store
from bot.core.dossiers.codes import DossierCode
from bot.core.dossiers.slips import Slips
from bot.drawing.fonts import NoFont
from bot.qr.layouts import GRID, LABELS
from bot.qr.sheet import print_labels, print_receipts
from bot.registry.rows import BadFile, Problem, load
from bot.settings import Settings
from bot.wiring.desk import read_province
from bot.wiring.lookups import build_proofs
from bot.wiring.sheets import Payloads, Sheet
from bot.wiring.slips import build_slips, new_slip_key

_SHOWN = 50  # bad rows listed one by one
_A_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def payloads(settings: Settings, slips: Slips, bare: bool) -> Payloads:
    """Return the payloads of a command; says so when codes stay bare for want of an address."""
    if not bare and not settings.public_url:
        click.echo("MOTCUA_PUBLIC_URL is not set: the code stands bare, without a link.", err=True)
    return Payloads(slips, "" if bare or not settings.public_url else settings.address)


@click.command()
@click.argument("file", type=_A_FILE)
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="FILE.pdf.")
@click.option(
    "--layout",
    type=click.Choice(["a4", "labels", "receipt"]),
    default="a4",
    help="A grid to cut apart, a sheet of labels, or receipts like form 01, one an A5 page.",
)
@click.option(
    "--per-page",
    type=click.Choice([str(number) for number in LABELS]),
    default="24",
    help="Labels on a sheet.",
)
@click.option("--skip", type=click.IntRange(0, 64), default=0, help="Labels already used.")
@click.option(
    "--sheet", "part", default="", help="Sheet of an Excel file; the first if not given."
)
@click.option("--bare", is_flag=True, help="Put the code alone into the QR, without a link.")
@click.option("--names", is_flag=True, help="Print ChuHoSo on receipts; it is kept nowhere.")
def sheet(
    file: Path, output: Path, layout: str, per_page: str, skip: int, part: str, bare: bool,
    names: bool,
) -> None:  # fmt: skip
    """Print the codes of all dossiers in FILE (.csv, .json or .xlsx) as a PDF.

    The file is one "registry import-dossiers" takes; MaHoSo is needed, TenTTHC, CoQuanTiepNhan,
    NgayTiepNhan and NgayHenTra are printed where there is room. Bad rows are listed with line and
    reason and left out, and the exit status is 1 if there was one.
    """
    if output.suffix.lower() != ".pdf":
        raise click.BadParameter("the file must end in .pdf", param_hint="--output")
    settings = Settings.from_env()
    with ready_store(settings) as store:
        given = payloads(settings, build_slips(settings, store), bare)
        sample = read_province(settings.province_dir).demo
        try:
            printed = Sheet(load(file, part), given, names, sample)
            data, count = _print(printed, layout, int(per_page), skip)
            output.write_bytes(data)
        except (BadFile, NoFont) as error:
            raise click.ClickException(str(error)) from error
        except OSError as error:
            raise click.ClickException(f"{output} cannot be written: {error.strerror}") from error
    click.echo(f"{output}: {count} pages")
    _finish(printed)


def _print(printed: Sheet, layout: str, per_page: int, skip: int) -> tuple[bytes, int]:
    with tqdm(desc=layout, total=printed.file.guess or None, disable=None, leave=False) as bar:

        def done() -> None:
            bar.update(1)

        try:
            if layout == "receipt":
                return print_receipts(printed.receipts(), done)
            grid = GRID if layout == "a4" else LABELS[per_page]
            return print_labels(printed.labels(), grid, skip % grid.per_page, done)
        except ValueError as error:
            _tell(printed.problems)
            raise click.ClickException(f"nothing was printed: {error}") from error


def _finish(printed: Sheet) -> None:
    if printed.repeated:
        click.echo(f"{printed.repeated} rows repeat a code and were left out")
    _tell(printed.problems)
    if printed.problems:
        raise SystemExit(1)


def _tell(problems: Iterable[Problem]) -> None:
    listed = list(problems)
    for problem in listed[:_SHOWN]:
        click.echo(str(problem), err=True)
    if len(listed) > _SHOWN:
        click.echo(f"… and {len(listed) - _SHOWN} more", err=True)


@click.command()
@click.argument("codes", nargs=-1, required=True)
@click.option("--kid", help="Only slips under this key; all keys if not given.")
def revoke(codes: tuple[str, ...], kid: str | None) -> None:
    """Take the slips of dossier CODES back: they prove nothing, and what they proved ends.

    What everybody may see of a dossier stays visible. For a new slip of the same dossier there
    must be a newer key, see "qr keys".
    """
    settings = Settings.from_env()
    with ready_store(settings) as store:
        slips, proofs = build_slips(settings, store), build_proofs(settings, store, ())
        kids = slips.kids if kid is None else (kid.upper(),)
        if not set(kids) <= set(slips.kids):
            raise click.BadParameter(f"there are {', '.join(slips.kids)}", param_hint="--kid")
        for text in codes:
            code = DossierCode.parse(text.strip())
            if code is None:
                raise click.BadParameter(f"{text!r} is not a dossier code", param_hint="CODES")
            now, who = datetime.now(timezone.utc), actor()
            digests = {name: slips.digest(code, name) for name in kids}
            news = [
                name for name, digest in digests.items()
                if store.slips.revoke(digest, name, who, now)
            ]  # fmt: skip
            for name in news:
                store.audit.append(who, "slip.revoke", digests[name][:16], {"kid": name}, now)
            ended = proofs.end_slips(code)  # also if a run before this one was cut short
            click.echo(
                f"{code.value}: {'revoked' if news else 'was revoked before'}"
                f"{f', {ended} proofs by it ended' if ended else ''}"
            )


@click.command()
@click.option("--new", is_flag=True, help="Print a new key to put first in MOTCUA_SLIP_KEYS.")
def keys(new: bool) -> None:
    """List the keys of slips, the one that signs first; secrets are not shown."""
    settings = Settings.from_env()
    if new:
        click.echo(new_slip_key(settings))
        return
    with ready_store(settings) as store:
        slips, revoked = build_slips(settings, store), store.slips.counts()
    for number, kid in enumerate(slips.kids):
        use = "signs and verifies" if number == 0 else "verifies"
        click.echo(f"{kid}: {use}, {revoked.get(kid, 0)} slips revoked")
