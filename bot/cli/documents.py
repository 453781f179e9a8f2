"""``flask --app server documents``: take official documents in, see what waits, check again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click
from tqdm import tqdm

from bot.cli.findings import Finding, fix, ok
from bot.cli.operating import Refused, actor, ready_store
from bot.core.documents.document import Document, DocumentState
from bot.core.errors import DeskError, SettingsError
from bot.core.work.document_lane import Fate, Outcome
from bot.pdf.trust import read_roots
from bot.settings import Settings
from bot.store.documents import Documents
from bot.wiring.desk import utc_now
from bot.wiring.documents import build_document_check, build_document_source, build_intake

_SHOWN = 50  # bad entries listed one by one
_TOLD = (Fate.BAD, Fate.SILENT, Fate.WAITING)
_PAGE = 200


@click.group()
def documents() -> None:
    """Take official documents in; authors find them in the console and draft notices from them."""


@documents.command("import")
@click.argument("place", required=False, default="")
def import_documents(place: str) -> None:
    """Take in the documents of PLACE: a folder, or an https address.

    Without PLACE it is MOTCUA_DOCUMENT_SOURCE. A folder holds PDFs, each with a description of
    the same name (x.json beside x.pdf), or one index.csv or index.json. SoKyHieu, NgayBanHanh,
    TrichYeu and CoQuanBanHanh are needed, NguoiKy is used, TepDinhKem names the PDF in an index.
    Bad entries are listed with line and reason, the good ones are kept, and the exit status is 1
    if any was bad. The same again changes nothing.
    """
    settings = Settings.from_env()
    try:
        source = build_document_source(settings, place)
    except SettingsError as error:
        raise Refused(str(error)) from error
    if source is None:
        raise Refused("Name a folder or an address, or set MOTCUA_DOCUMENT_SOURCE.")
    with ready_store(settings) as store:
        intake = build_intake(settings, store, source, actor())
        entries = intake.entries(None)
        outcomes = [
            intake.take(entry, utc_now())
            for entry in tqdm(entries, desc="documents", disable=None, leave=False)
        ]
    _report(outcomes)


@documents.command("list")
@click.option("--state", type=click.Choice([each.value for each in DocumentState]))
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 10_000))
def list_documents(state: str | None, limit: int) -> None:
    """Show the documents that came, the newest first."""
    states = [DocumentState(state)] if state else ()
    with ready_store(Settings.from_env()) as store:
        for item in store.documents.page(states, limit=limit):
            click.echo(_line(item))


@documents.command()
def check() -> None:
    """Look at the signatures of waiting documents again, after the trusted roots changed."""
    settings = Settings.from_env()
    judge = build_document_check(settings)
    with ready_store(settings) as store:
        waiting = list(_waiting(store.documents))
        changed = 0
        for item in tqdm(waiting, desc="signatures", disable=None, leave=False):
            kept = store.files.find(item.file_digest)
            if kept is None:
                continue
            signature = judge(kept.data, utc_now())
            store.documents.check_again(item.id, signature, utc_now(), actor())
            if signature.verdict is not item.signature.verdict:
                changed += 1
                before = item.signature.verdict.value
                click.echo(f"document {item.id}: {before} -> {signature.verdict.value}")
    click.echo(f"{len(waiting)} checked, {changed} changed")


def findings(settings: Settings, *, offline: bool) -> Iterator[Finding]:
    """Yield what the doctor says about documents."""
    if not settings.document_source:
        yield ok("documents", "switched off (MOTCUA_DOCUMENT_SOURCE is not set)")
        return
    try:
        source = build_document_source(settings)
        if source is not None and not (offline and source.name.startswith("http")):
            source.entries(utc_now())
        yield ok("documents")
    except DeskError as error:
        yield fix("documents", str(error))
    yield _trust(settings)


def _trust(settings: Settings) -> Finding:
    name = "trusted roots"
    if not settings.document_trust:
        return ok(name, "none (MOTCUA_DOCUMENT_TRUST is not set): every signer stays unknown")
    try:
        roots, bad = read_roots(Path(settings.document_trust).expanduser())
    except OSError as error:
        return fix(name, f"MOTCUA_DOCUMENT_TRUST cannot be read: {error.strerror}")
    if bad:
        return fix(name, f"no certificate in {', '.join(bad[:5])}: replace or remove the file")
    if not roots:
        return fix(name, "MOTCUA_DOCUMENT_TRUST holds no .pem, .crt, .cer or .der file: add one")
    return ok(name, str(len(roots)))


def _waiting(kept: Documents) -> Iterator[Document]:
    before = None
    while page := kept.page([DocumentState.WAITING], before, _PAGE):
        yield from page
        before = page[-1].id


def _line(item: Document) -> str:
    number = f"{item.number} ({item.day:%d/%m/%Y})"
    version = f" v{item.version}" if item.version > 1 else ""
    verdict = item.signature.verdict.value
    return (
        f"{item.id:>5}  {item.state.value:<8}  {verdict:<10}  {number}{version}  {item.abstract}"
    )


def _report(outcomes: list[Outcome]) -> None:
    counts = Counter(each.fate for each in outcomes)
    told = [each for each in outcomes if each.fate in _TOLD and each.problem]
    for each in told[:_SHOWN]:
        click.echo(str(each.problem), err=True)
    if len(told) > _SHOWN:
        click.echo(f"… and {len(told) - _SHOWN} more", err=True)
    click.echo(
        f"documents: {counts[Fate.NEW]} new, {counts[Fate.CHANGED]} changed, "
        f"{counts[Fate.KNOWN]} known, {counts[Fate.WAITING]} still being written, "
        f"{counts[Fate.BAD] + counts[Fate.SILENT]} bad"
    )
    if counts[Fate.BAD] or counts[Fate.SILENT]:
        raise SystemExit(1)
