"""The page behind a slip's QR code: ``/q/<slip or code>``, without scripts, cookies or a trace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, render_template, request

from bot.core.dossiers.slip_page import Finding, SlipView
from bot.core.dossiers.statuses import Stage
from bot.drawing.timeline import HEIGHT, WIDTH, draw_timeline
from bot.web.addresses import client_address
from bot.web.errors import ApiError
from bot.web.page import telephone
from bot.web.parts import parts

blueprint = Blueprint("slips", __name__, url_prefix="/q")

_STATUS = {Finding.UNKNOWN: 404, Finding.SILENT: 503, Finding.TOO_MANY: 429}
_RETRY = {Finding.SILENT: "60", Finding.TOO_MANY: "3600"}  # seconds
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Cache-Control": "private, no-store",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Referrer-Policy": "no-referrer",  # the address holds the dossier's code
}
_TONES = {
    Stage.READY: "good",
    Stage.RETURNED: "good",
    Stage.WAITING_CITIZEN: "due",
    Stage.REFUSED: "bad",
    Stage.STOPPED: "bad",
    Stage.WITHDRAWN: "quiet",
    Stage.UNKNOWN: "quiet",
}
_SIGNS = {"✓": "done", "▶": "now", "○": "ahead", "✗": "missed"}


@dataclass(frozen=True)
class Block:
    """One line of the desk's words: ``kind`` is "line" or "point"; a ``label`` stands before."""

    kind: str
    text: str
    label: str = ""


@blueprint.get("/<path:text>")
def slip(text: str) -> Response:
    """Show the public answer about what ``text`` names; 404, 429 or 503 with a way on."""
    view = _view(text)
    known = parts()
    page = render_template(
        "slip.html",
        view=view,
        words=_words(view) if view.finding is Finding.FOUND else {},
        tone=_tone(view),
        province=known.province,
        tel=telephone(known.province.hotline),
        oa=known.settings.zalo_oa_id,
        picture=(WIDTH, HEIGHT),
    )
    return _answer(view, Response(page))


@blueprint.get("/<text>/timeline.png")
def picture(text: str) -> Response:
    """Draw the way of the dossier; 404 when there is none to draw."""
    view = _view(text)
    if view.finding is not Finding.FOUND:
        raise ApiError(_STATUS[view.finding])
    drawn = draw_timeline(view.facts["timeline"], view.code, _said("fresh", view.facts))
    return _answer(view, Response(drawn, content_type="image/png"))


def _view(text: str) -> SlipView:
    known = parts()
    return known.slips.view(text, client_address(request), known.clock())


def _answer(view: SlipView, response: Response) -> Response:
    response.status_code = _STATUS.get(view.finding, 200)
    response.headers.update(_HEADERS)
    if view.finding in _RETRY:
        response.headers["Retry-After"] = _RETRY[view.finding]
    return response


def _words(view: SlipView) -> dict[str, Any]:
    state = _said("state", view.facts)
    return {
        "state": state[:1].upper() + state[1:],
        "left": _said("left", view.facts),
        "days": _rows(_said("days", view.facts)),
        "next": _lines(_said("next", view.facts)),
        "way": list(_stations(_said("way", view.facts))),
        "fresh": _said("fresh", view.facts),
    }


def _said(name: str, facts: Mapping[str, Any]) -> str:
    replies = parts().wording.replies(f"slips/{name}", **facts)
    return "\n\n".join(reply.text for reply in replies)


def _lines(text: str) -> list[Block]:
    """Return the lines of a chat answer as parts of a page."""
    lines = filter(None, map(str.strip, text.splitlines()))
    return [Block("point" if line[0] == "•" else "line", line.lstrip("• ")) for line in lines]


def _rows(text: str) -> list[Block]:
    """Return lines like "• label: text" as rows of a table."""
    found = []
    for line in _lines(text):
        label, colon, rest = line.text.partition(": ")
        found.append(Block("row", rest, label) if colon else line)
    return found


def _stations(text: str) -> list[Block]:
    """Return the stations of the way: when, what, and how far as the kind."""
    return [
        Block(_SIGNS[line[0]], what[:1].upper() + what[1:], day)
        for line in text.splitlines()
        if line[:1] in _SIGNS
        for day, _, what in (line[1:].strip().partition(": "),)
    ]


def _tone(view: SlipView) -> str:
    if view.finding is not Finding.FOUND:
        return "quiet"
    if view.facts["late"]:
        return "bad"
    if view.facts["due_soon"]:
        return "due"
    return _TONES.get(view.facts["status"].stage, "running")
