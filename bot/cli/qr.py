"""``flask --app server qr …``: draw codes and receipts, and read photos."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import click

from bot.cli.operating import ready_store
from bot.cli.slips import keys, payloads, revoke, sheet
from bot.core.dossiers.codes import DossierCode
from bot.core.dossiers.slips import SlipImpossible
from bot.core.errors import PhotoError
from bot.core.photos.payload import Payload, PayloadKind, PhotoReading
from bot.qr.draw import draw_png, draw_svg
from bot.qr.reader import PhotoReader
from bot.qr.receipt import Receipt, draw_receipt_png
from bot.settings import Settings
from bot.wiring.slips import build_slips

# What is printed for a payload whose content must not be shown or says nothing.
_SILENT = {
    PayloadKind.IDENTITY_CARD: "identity card (content not shown)",
    PayloadKind.HEALTH_CARD: "health-insurance card (content not shown)",
    PayloadKind.PAYMENT: "payment code (content not shown)",
    PayloadKind.OTHER: "something else (content not shown)",
}


@click.group()
def qr() -> None:
    """Draw QR codes and read them from photos."""


for _command in (sheet, revoke, keys):
    qr.add_command(_command)


@qr.command()
@click.argument("code")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="FILE.png or FILE.svg.")
@click.option("--bare", is_flag=True, help="Put the code alone into the QR, without a link.")
@click.option("--link", default="", help="Put this link into the QR instead.")
@click.option("--module", default=10, type=click.IntRange(2, 40), help="Pixels a module (PNG).")
def draw(code: str, output: Path | None, bare: bool, link: str, module: int) -> None:
    """Draw the QR of a dossier CODE: a signed link when MOTCUA_PUBLIC_URL is set, else the code.

    Print it at least 2 cm wide.
    """
    code = _checked(code)
    output = output or Path(f"{code}.png")
    if output.suffix.lower() not in {".png", ".svg"}:
        raise click.BadParameter("the file must end in .png or .svg", param_hint="--output")
    payload = link or (code if bare else _signed(code))
    with _in_a_sentence(output):
        is_svg = output.suffix.lower() == ".svg"
        output.write_bytes(draw_svg(payload) if is_svg else draw_png(payload, module))
    click.echo(f"{output}")


def _signed(code: str) -> str:
    settings = Settings.from_env()
    if not settings.public_url:
        return code
    with ready_store(settings) as store:
        try:
            given = payloads(settings, build_slips(settings, store), False)
            return given.of(DossierCode(code))
        except SlipImpossible as error:
            raise click.ClickException(str(error)) from error


@qr.command()
@click.argument("code")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="FILE.png.")
@click.option("--link", default="", help="Put this link into the QR instead of the bare code.")
@click.option("--agency", help="Name of the agency at the top of the slip.")
@click.option("--matter", help="What the dossier asks for.")
@click.option("--received", help="Hour and day of reception, as printed.")
@click.option("--promised", help="Hour and day of return, as printed.")
def receipt(code: str, output: Path, link: str, **words: str | None) -> None:
    """Draw a sample receipt with the QR of a dossier CODE."""
    given: dict[str, Any] = {name: word for name, word in words.items() if word}
    with _in_a_sentence(output):
        output.write_bytes(draw_receipt_png(Receipt(_checked(code), link, **given)))
    click.echo(f"{output}")


@qr.command()
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
def read(files: tuple[Path, ...]) -> None:
    """Print what the QR codes in photo FILES mean; exits with 1 if a file gave no dossier code."""
    missed = 0
    with closing(PhotoReader()) as reader:
        for file in files:
            try:
                reading = reader.read(file.read_bytes())
            except PhotoError as error:
                click.echo(f"{file}: {type(error).__name__}: {error}")
                missed += 1
                continue
            for line in _lines(reading):
                click.echo(f"{file}: {line}")
            missed += not reading.codes
    if missed:
        raise SystemExit(1)


def _lines(reading: PhotoReading) -> Iterator[str]:
    for payload in reading.payloads:
        yield _told(payload)
    if not reading.payloads:
        yield "a QR too blurred to read" if reading.blurred_code_seen else "no QR"


def _told(payload: Payload) -> str:
    if payload.kind is PayloadKind.DOSSIER:
        return "dossier " + " ".join(code.value for code in payload.codes)
    if payload.kind is PayloadKind.LINK:
        return f"link to {payload.host} without a dossier code"
    if payload.kind is PayloadKind.PROCEDURE:
        return f"procedure {payload.procedure}"
    return _SILENT[payload.kind]


@contextmanager
def _in_a_sentence(output: Path) -> Iterator[None]:
    """Turn a link that fits no QR and a file that cannot be written into a sentence."""
    try:
        yield
    except OSError as error:
        raise click.ClickException(f"{output} cannot be written: {error.strerror}") from error
    except ValueError as error:
        raise click.ClickException(f"this fits no QR code: {error}") from error


def _checked(text: str) -> str:
    code = DossierCode.parse(text.strip())
    if code is None:
        raise click.BadParameter(f"{text!r} is not a dossier code", param_hint="CODE")
    return code.value
