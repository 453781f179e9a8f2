"""The chat page."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from pathlib import Path

from flask import (
    Blueprint,
    Response,
    redirect,
    render_template,
    request,
    send_from_directory,
    url_for,
)
from flask.typing import ResponseReturnValue

from bot.web.parts import parts
from bot.web.sentences import sentences
from bot.web.sessions import COOKIE

blueprint = Blueprint("page", __name__)
_STATIC = Path(__file__).with_name("static")


@blueprint.get("/")
def chat_page() -> str:
    """Show the desk."""
    province = parts().province
    return render_template(
        "chat.html",
        province=province,
        tel=telephone(province.hotline),
        words=sentences()["page"],
        starters=sentences()["starters"],
        menu=sentences()["menu"],
        has_session=COOKIE in request.cookies,
    )


@blueprint.get("/chat")
def chat_address() -> ResponseReturnValue:
    """Lead whoever guesses the address to the desk."""
    return redirect(url_for("page.chat_page"))


@blueprint.get("/static/<version>/<path:name>")
def static(version: str, name: str) -> Response:
    """Send a file of the page; browsers may keep the current version for a year."""
    year = 365 * 24 * 3600
    return send_from_directory(_STATIC, name, max_age=year if version == static_version() else 0)


@lru_cache(maxsize=1)
def static_version() -> str:
    """Return a short mark that changes whenever a static file does."""
    digest = hashlib.sha256()
    for path in sorted(_STATIC.rglob("*")):
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def telephone(text: str) -> str:
    """Return a number as a ``tel:`` link wants it."""
    return re.sub(r"[^\d+]", "", text)


def asset(name: str) -> str:
    """Return the address of a static file; it changes whenever a file does."""
    return url_for("page.static", version=static_version(), name=name)
