"""``flask --app server qr sheet|revoke|keys``: print slips by the hundred, and take them back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path

import click
from tqdm import tqdm

from bot.cli.operating import actor, ready_store
from bot.core.dossiers.codes import DossierCode
from bot.core.dossiers.slips import SlipImpossible, Slips, slip_link
from bot.core.photos.payload import read_payload
from bot.qr.fontfile import NoFont
from bot.qr.layouts import GRID, LABELS
from bot.qr.receipt import Receipt
from bot.qr.sheet import Label, print_labels, print_receipts
from bot.registry.days import stored_moment
from bot.registry.rows import BadFile, BadRow, Loaded, Problem, Row, load
from bot.settings import Settings
from bot.wiring import read_province
from bot.wiring_slips import build_slips, new_slip_key

_SHOWN = 50  # bad rows listed one by one
_A_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


class Payloads:
    """What goes into a QR: a signed link when citizens can open one, else the bare code."""

    def __init__(self, slips: Slips, address: str) -> None:
        self._slips = slips
        self._address = address

    def of(self, code: DossierCode) -> str:
        """Return the payload. Raises SlipImpossible when it would not be read back."""
        if not self._address:
            if read_payload(code.value).codes != (code,):
                raise SlipImpossible(f"{code.value!r} is no dossier code that can be read back")
            return code.value
        link = slip_link(self._address, self._slips.sign(code))
        if read_payload(link).codes != (code,):
            raise SlipImpossible(
                "the photo reader takes links of https:// addresses without a port only: "
                "change MOTCUA_PUBLIC_URL or print bare codes with --bare"
            )
        return link


def payloads(settings: Settings, slips: Slips, bare: bool) -> Payloads:
    """Return the payloads of a command; says so when codes stay bare for want of an address."""
    if not bare and not settings.public_url:
        click.echo("MOTCUA_PUBLIC_URL is not set: the code stands bare, without a link.", err=True)
    return Payloads(slips, "" if bare or not settings.public_url else settings.address)


@dataclass
class _Sheet:
    """The rows of a file as things to print; bad ones are put aside with their line."""

    file: Loaded
    given: Payloads
    names: bool
    sample: bool
    problems: list[Problem] = field(default_factory=list)
    repeated: int = 0

    def labels(self) -> Iterator[Label]:
        for row, code, payload in self._codes():
            yield Label(code.value, payload, row.get("TenTTHC") or row.get("CoQuanTiepNhan"))

    def receipts(self) -> Iterator[Receipt]:
        for row, code, payload in self._codes():
            try:
                received = _moment(row, "NgayTiepNhan")
                promised = _moment(row, "NgayHenTra")
            except BadRow as error:
                self.problems.append(Problem(row.line, str(error)))
                continue
            yield Receipt(
                code.value,
                payload,
                agency=row.get("CoQuanTiepNhan"),
                matter=row.get("TenTTHC"),
                received=received,
                promised=promised,
                owner=row.get("ChuHoSo") if self.names else "",
                sample=self.sample,
            )

    def _codes(self) -> Iterator[tuple[Row, DossierCode, str]]:
        seen: set[str] = set()
        for row in self.file.rows(("MaHoSo",)):
            try:
                code = _code(row)
                if code.key not in seen:
                    yield row, code, self.given.of(code)
                self.repeated += code.key in seen
                seen.add(code.key)
            except (BadRow, SlipImpossible) as error:
                self.problems.append(Problem(row.line, str(error)))


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
            printed = _Sheet(load(file, part), given, names, sample)
            data, count = _print(printed, layout, int(per_page), skip)
            output.write_bytes(data)
        except (BadFile, NoFont) as error:
            raise click.ClickException(str(error)) from error
        except OSError as error:
            raise click.ClickException(f"{output} cannot be written: {error.strerror}") from error
    click.echo(f"{output}: {count} pages")
    _finish(printed)


def _print(printed: _Sheet, layout: str, per_page: int, skip: int) -> tuple[bytes, int]:
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


def _finish(printed: _Sheet) -> None:
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


def _code(row: Row) -> DossierCode:
    if row.error:
        raise BadRow(row.error)
    code = DossierCode.parse(row.need("MaHoSo"))
    if code is None:  # what stands there may be somebody's number, so it is not repeated
        raise BadRow("MaHoSo is no dossier code")
    return code


def _moment(row: Row, column: str) -> str:
    """Return a moment as it is printed: the hour where there is one, then the day."""
    text = stored_moment(row.get(column), column)
    if not text:
        return ""
    moment = datetime.fromisoformat(text)
    hour = f"{moment:%H:%M}, " if (moment.hour, moment.minute) != (0, 0) else ""
    return f"{hour}{moment:%d/%m/%Y}"


@click.command()
@click.argument("codes", nargs=-1, required=True)
@click.option("--kid", help="Only slips under this key; all keys if not given.")
def revoke(codes: tuple[str, ...], kid: str | None) -> None:
    """Take the slips of dossier CODES back: they prove nothing any more.

    What everybody may see of a dossier stays visible. For a new slip of the same dossier there
    must be a newer key, see "qr keys".
    """
    settings = Settings.from_env()
    with ready_store(settings) as store:
        slips = build_slips(settings, store)
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
            click.echo(f"{code.value}: {'revoked' if news else 'was revoked before'}")


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
