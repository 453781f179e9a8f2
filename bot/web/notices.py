"""Public pages of published notices: ``/n/<code>`` and the lists under ``/thong-bao``.

No script, no cookie, no trace: everybody gets the same page, and nothing tells who got a notice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from itertools import takewhile
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from bot.core.announcements.announcement import Announcement, Standing, Topic, corrections
from bot.core.notices.files import PDF, PICTURES
from bot.core.offices.directory import Area
from bot.web.errors import ApiError
from bot.web.page import telephone
from bot.web.parts import NoticeFile, parts

blueprint = Blueprint("notices", __name__)

PAGE = 20  # notices on one page of a list
_LONGEST_PLACE = 80
_EXCERPT = 200
_BULLETS = ("•", "-", "–", "*", "+")
_MONTH = 30 * 24 * 3600  # seconds a browser may keep a file: the code never gets another one
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
_SEALED = "default-src 'none'; sandbox; frame-ancestors 'none'"
_CODE = re.compile(r"\s*[A-Za-z0-9]{1,20}\s*")
_PHONE = re.compile(r"\+?\d[\d .]+\d")


@dataclass(frozen=True)
class Card:
    """A notice as a page shows it. ``topic`` and ``place`` are what people call them."""

    item: Announcement
    standing: Standing
    topic: str
    place: str
    correction: Announcement | None

    @property
    def changed_at(self) -> datetime:
        """Return when what the page says last changed, but for the passing of time."""
        return max(each.updated_at for each in (self.item, self.correction) if each)

    @property
    def excerpt(self) -> str:
        """Return the text before its first list, cut between words."""
        lines = takewhile(
            lambda line: not line.lstrip().startswith(_BULLETS), self.item.body.splitlines()
        )
        words = " ".join(" ".join(lines).split()) or self.item.title
        if len(words) > _EXCERPT:
            return f"{words[:_EXCERPT].rpartition(' ')[0].rstrip('.,;:')}…"
        return f"{words[:-1]}…" if words.endswith(":") else words


@dataclass(frozen=True)
class Place:
    """The place a list is about, as it was asked for. ``unknown``: there is none of that name."""

    text: str = ""
    asked: Area | None = None
    areas: tuple[Area, ...] = field(default=())

    @property
    def unknown(self) -> bool:
        """Whether a name was given that nobody knows."""
        return bool(self.text) and self.asked is None


@blueprint.get("/n/<code>")
def notice(code: str) -> ResponseReturnValue:
    """Show one notice for good; 404 with a way on when nothing published has the code."""
    known, now = parts(), parts().clock()
    item = _published(code)
    if item is None:
        page = render_template("notice_unknown.html", code=code[:20], **around())
        return Response(page, 404, headers={"Content-Security-Policy": _POLICY})
    if code != item.code:
        return redirect(url_for("notices.notice", code=item.code), 301)
    (card,) = cards([item], now)
    earlier = known.store.announcements.named([item.corrects]) if item.corrects else {}
    page = render_template(
        "notice.html",
        card=card,
        item=item,
        first=next(iter(earlier.values()), None),
        tel=_first_number(item.hotline),
        **around(),
    )
    return conditional(Response(page), _last_change([card], now))


@blueprint.get("/n/<code>/anh")
def picture(code: str) -> ResponseReturnValue:
    """Send the picture of a notice."""
    item = _published(code)
    return _file(item.picture_digest if item else None, PICTURES, "")


@blueprint.get("/n/<code>/van-ban")
def document(code: str) -> ResponseReturnValue:
    """Send the official document of a notice, to be kept."""
    item = _published(code)
    name = (item.attachment_name if item else "") or f"{code}.pdf"
    return _file(item.attachment_digest if item else None, (PDF,), name)


@blueprint.get("/thong-bao")
@blueprint.get("/thong-bao/<topic>")
def board(topic: str = "") -> ResponseReturnValue:
    """List what was published, the newest first, by topic and place."""
    chosen = chosen_topic(topic)
    if chosen and chosen.slug != topic:
        return redirect(url_for("notices.board", topic=chosen.slug))
    known, now, place, number = parts(), parts().clock(), _place(), _number()
    items, total = known.store.announcements.board(
        now,
        chosen.slug if chosen else None,
        [area.slug for area in place.areas],
        (number - 1) * PAGE,
        PAGE,
    )
    if not items and number > 1:
        raise ApiError(404)
    shown = cards(items, now)
    page = render_template(
        "notices.html",
        cards=shown,
        chosen=chosen,
        topics=sorted(known.topics.all(), key=lambda each: each != chosen),
        place=place,
        number=number,
        last=-(-total // PAGE),
        **around(),
    )
    return conditional(Response(page), _last_change(shown, now))


def cards(items: Sequence[Announcement], now: datetime) -> list[Card]:
    """Return notices with what stands beside them on a page."""
    known = parts()
    right = corrections(known.store.announcements, items)
    topics: Mapping[str, str] = {topic.slug: topic.name for topic in known.topics.all()}
    return [
        Card(
            item=item,
            standing=item.standing(now),
            topic=topics.get(item.topic, ""),
            place=", ".join(filter(None, map(_place_name, item.about))),
            correction=right.get(item.id),
        )
        for item in items
    ]


def chosen_topic(slug: str) -> Topic | None:
    """Return the topic of an address; None for all of them. Raises ApiError (404)."""
    topic = parts().topics.find(slug) if slug else None
    if slug and topic is None:
        raise ApiError(404)
    return topic


def around() -> dict[str, object]:
    """Return what every page has: the province, our address, and how moments are written."""
    known = parts()
    address = known.settings.address
    return {
        "province": known.province,
        "desk_tel": telephone(known.province.hotline),
        "address": address,
        "host": address.partition("://")[2],
        "moment": moments(),
    }


def moments() -> Callable[[datetime], str]:
    """Return what writes a moment as people here read it."""
    zone = ZoneInfo(parts().settings.timezone)
    return lambda at: at.astimezone(zone).strftime("%H:%M, %d/%m/%Y")


def conditional(response: Response, changed: datetime | None) -> Response:
    """Let anybody keep the answer for a minute and ask then whether it changed."""
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Cache-Control"] = "public, max-age=60"
    response.last_modified = changed
    response.add_etag()
    response.make_conditional(request)
    return response


def _published(code: str) -> Announcement | None:
    """Return what bears the code; what comes later is nobody's to know yet."""
    known = parts()
    if not _CODE.fullmatch(code):  # nor is every letter one that a database takes
        return None
    item = known.store.announcements.by_code(code)
    return item if item and item.published_at <= known.clock() else None


def _file(digest: str | None, kinds: Collection[str], name: str) -> Response:
    """Send a file of a published notice; its digest is its ETag. Raises ApiError (404)."""
    if not digest:
        raise ApiError(404)
    headers = {
        "Cache-Control": f"public, max-age={_MONTH}",
        "Content-Security-Policy": _SEALED,
        "X-Content-Type-Options": "nosniff",
    }
    if request.if_none_match.contains(digest):
        answer = Response(status=304, headers=headers)
        answer.set_etag(digest)
        return answer
    answer = _sent(parts().store.files.find(digest), kinds, name)
    answer.set_etag(digest)
    answer.headers.update(headers)
    return answer


def _sent(found: NoticeFile | None, kinds: Collection[str], name: str) -> Response:
    # Whoever kept the file looked at its bytes; what is none of these kinds is not ours to send.
    if found is None or found.kind not in kinds:
        raise ApiError(404)
    shown = "".join(letter for letter in name if letter.isprintable())
    return send_file(BytesIO(found.data), found.kind, bool(shown), shown or None)


def _place() -> Place:
    text = " ".join(request.args.get("noi", "").split())[:_LONGEST_PLACE]
    directory = parts().directory
    asked = next(iter(directory.find_areas(text)), None) if text else None
    if asked is None:
        return Place(text)
    today = directory.successors(asked)
    wide = ("province", "old_province")
    return Place(text, asked, tuple(area for area in today if area.kind not in wide))


def _place_name(slug: str | None) -> str:
    found = parts().directory.find_areas(slug) if slug else ()
    return found[0].name if found else ""


def _number() -> int:
    text = request.args.get("trang", "1")
    if not re.fullmatch(r"[1-9]\d{0,4}", text):
        raise ApiError(404)
    return int(text)


def _first_number(text: str | None) -> str:
    match = _PHONE.search(text or "")
    return telephone(match[0]) if match else ""


def _last_change(shown: Sequence[Card], now: datetime) -> datetime | None:
    """Return when a page last changed: by what was published, or because something expired."""
    expired = [
        card.item.expires_at
        for card in shown
        if card.item.expires_at is not None and card.item.expires_at <= now
    ]
    return max((*(card.changed_at for card in shown), *expired), default=None)
