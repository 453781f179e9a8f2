"""Atom feeds of published notices: all of them, or those of one topic (RFC 4287)."""

from __future__ import annotations

import re
from datetime import datetime, timezone

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot.web.notices import cards, chosen_topic, conditional
from bot.web.parts import parts

blueprint = Blueprint("feed", __name__)

_ENTRIES = 30
_NEVER = datetime(2026, 1, 1, tzinfo=timezone.utc)  # an empty feed must name some moment
# XML 1.0 has no way to write these, not even escaped.
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@blueprint.get("/thong-bao.atom")
@blueprint.get("/thong-bao/<topic>.atom")
def feed(topic: str = "") -> ResponseReturnValue:
    """Send the newest notices; one that was corrected or withdrawn counts as updated."""
    chosen = chosen_topic(topic)
    if chosen and chosen.slug != topic:
        return redirect(url_for("feed.feed", topic=chosen.slug))
    known, now = parts(), parts().clock()
    items, _ = known.store.announcements.board(
        now, chosen.slug if chosen else None, (), 0, _ENTRIES
    )
    entries = cards(items, now)
    changed = max((card.item.updated_at for card in entries), default=None)
    text = render_template(
        "notices.xml",
        cards=entries,
        chosen=chosen,
        updated=changed or _NEVER,
        itself=known.settings.address + request.path,
        address=known.settings.address,
        province=known.province,
        stamp=_stamp,
    )
    response = Response(
        _UNWRITABLE.sub("", text), content_type="application/atom+xml; charset=utf-8"
    )
    return conditional(response, changed)


def _stamp(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
