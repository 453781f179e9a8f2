"""Slips: one code as a picture, and the codes of a whole file as a PDF to print."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import closing
from typing import Any

from flask import Flask, Response, render_template, request
from werkzeug.exceptions import RequestEntityTooLarge, ServiceUnavailable

from bot.console.layout import console_blueprint
from bot.console.parts import note
from bot.console.policy import needs
from bot.console.sessions import me
from bot.console.slip_parts import (
    EXTENSION,
    MOST_BYTES,
    MOST_ROWS,
    Left,
    Printed,
    SheetRefused,
    SlipParts,
    Wanted,
    slip_parts,
)
from bot.console.words import number, words
from bot.core.dossiers.codes import DossierCode
from bot.core.dossiers.slips import SlipImpossible
from bot.core.staff.roles import Role

blueprint = console_blueprint("slips")
_LAYOUTS = ("a4", "labels", "receipt")
_FORMATS = {"png": "image/png", "svg": "image/svg+xml"}
_LONGEST = 100  # characters of a code, however it is written
_MOST_USED = 64  # labels of a sheet
_SHOWN = 50  # bad rows listed one by one


def add_slips(app: Flask, known: SlipParts) -> None:
    """Put the page of slips into an app that has the console."""
    app.extensions[EXTENSION] = known
    app.register_blueprint(blueprint)


@blueprint.get("/slips")
@needs(Role.OPERATOR, Role.ADMIN)
def page() -> str:
    """Show both forms."""
    return _page()


@blueprint.post("/slips/code")
@needs(Role.OPERATOR, Role.ADMIN)
def one_code() -> Any:
    """Send the QR of one code as a picture."""
    known, form = slip_parts(), request.form.get("format", "")
    text = request.form.get("code", "").strip()
    code = DossierCode.parse(text) if len(text) <= _LONGEST else None
    if code is None or form not in _FORMATS:
        return _page(_why("wrong"), text[:_LONGEST]), 422
    try:
        data = known.draw(code, form)
    except SlipImpossible as error:
        return _page(_why(error.why), text), 422
    note("slip_drawn", me().id, slip=known.digest(code)[:16])
    name = re.sub(r"[^0-9A-Za-z.-]", "-", code.value)
    return _download(data, f"{name}.{form}", _FORMATS[form])


@blueprint.post("/slips/sheet")
@needs(Role.OPERATOR, Role.ADMIN)
def sheet() -> Any:
    """Send the codes of an uploaded file as a PDF, or say which rows stand in the way.

    What is too long for the memory while it comes in lies in a file without a name, closed at
    once; nothing of it is left afterwards.
    """
    wanted, (name, data) = _wanted(), _uploaded()
    try:
        printed = _printed(name, data, wanted)
    except SheetRefused as error:
        return _page(_refusal(error.code)), 422
    if not printed.data:
        return _page(_refusal("none" if wanted.despite else "rows"), left=printed.left), 422
    note("slips_printed", me().id, count=printed.count, layout=wanted.layout)
    return _download(printed.data, f"ma-qr-{wanted.layout}.pdf", "application/pdf")


def _uploaded() -> tuple[str, bytes]:
    """Return name and content of the file, both empty when there is none."""
    upload = request.files.get("file")
    if upload is None:
        return "", b""
    with closing(upload):
        data = upload.stream.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise RequestEntityTooLarge
    return upload.filename or "", data


def _printed(name: str, data: bytes, wanted: Wanted) -> Printed:
    known = slip_parts()
    if not data:
        raise SheetRefused("no_file")
    if not known.turn.acquire(blocking=False):
        raise ServiceUnavailable
    try:
        return known.print_file(name, data, wanted)
    finally:
        known.turn.release()


def _wanted() -> Wanted:
    """Return what the form asks for; what a browser would not send becomes the usual."""
    form, sizes = request.form, slip_parts().per_page
    layout, per_page = form.get("layout", ""), form.get("per_page", 0, type=int)
    return Wanted(
        layout if layout in _LAYOUTS else _LAYOUTS[0],
        per_page if per_page in sizes else sizes[0],
        min(max(form.get("skip", 0, type=int), 0), _MOST_USED),
        bool(form.get("despite")),
    )


def _page(wrong: str = "", code: str = "", left: Sequence[Left] = ()) -> str:
    return render_template(
        "console/slips.html",
        wrong=wrong,
        code=code,
        left=[(each.line, _why(each.why)) for each in left[:_SHOWN]],
        more=max(0, len(left) - _SHOWN),
        wanted=_wanted(),
        sizes=slip_parts().per_page,
        signed=slip_parts().signed,
        megabytes=MOST_BYTES >> 20,
        rows=number(MOST_ROWS),
    )


def _why(reason: str) -> str:
    return str(words()["slips"]["why"][reason])


def _refusal(code: str) -> str:
    return str(words()["slips"]["refused"][code]).format(rows=number(MOST_ROWS))


def _download(data: bytes, name: str, kind: str) -> Response:
    response = Response(data, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
