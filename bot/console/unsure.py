"""Messages nobody knows the fate of: a person decides about each, or about all of a notice."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest, NotFound

from bot.console.layout import console_blueprint
from bot.console.notice_desk import LARGEST, hand
from bot.console.notice_parts import notice_parts
from bot.console.notice_progress import SENDERS, counted
from bot.console.notice_words import notice_words
from bot.console.parts import parts
from bot.console.policy import needs
from bot.console.sending_words import coded, sending_words

blueprint = console_blueprint("unsure")
_PAGE = 50
_CHOICES = {"arrived": False, "again": True}


@blueprint.get("/unsure")
@needs(*SENDERS)
def listing() -> str:
    """Show what is in doubt, by notice."""
    return render_template(
        "console/unsure.html", groups=notice_parts().store.unsure.groups(), group=None, **_words()
    )


@blueprint.get("/unsure/<int:announcement_id>")
@needs(*SENDERS)
def rows(announcement_id: int) -> str:
    """Show the rows of one notice (0: of none), page by page."""
    after = request.args.get("after", default=0, type=int)
    if max(announcement_id, after) > LARGEST:
        raise NotFound
    unsure = notice_parts().store.unsure
    groups = unsure.groups()
    group = next((each for each in groups if each.announcement_id == announcement_id), None)
    found = unsure.rows(announcement_id, max(0, after), _PAGE + 1) if group else []
    return render_template(
        "console/unsure.html",
        groups=groups,
        group=group,
        rows=found[:_PAGE],
        more=found[_PAGE - 1].delivery_id if len(found) > _PAGE else None,
        after=after,
        at=parts().clock(),
        known=lambda code: coded(sending_words()["doubts"]["known"], code),
        **_words(),
    )


@blueprint.post("/unsure/<int:announcement_id>/all")
@needs(*SENDERS)
def decide_all(announcement_id: int) -> Any:
    """Decide about all rows of a notice that stood in doubt when the page was shown."""
    again, now = _choice(), parts().clock()
    until = min(_moment(request.form.get("at", "")), now)
    count = 0
    if announcement_id <= LARGEST:
        unsure = notice_parts().store.unsure
        count = unsure.decide_all(announcement_id, hand(), until, now, again=again)
    return _done(announcement_id, count, again)


@blueprint.post("/unsure/<int:announcement_id>/rows/<int:delivery_id>")
@needs(*SENDERS)
def decide(announcement_id: int, delivery_id: int) -> Any:
    """Decide about one row."""
    again, count = _choice(), 0
    if delivery_id <= LARGEST:
        unsure, now = notice_parts().store.unsure, parts().clock()
        count = int(unsure.decide(delivery_id, hand(), now, again=again))
    return _done(announcement_id, count, again)


def _done(announcement_id: int, count: int, again: bool) -> Any:
    counted().forget(announcement_id)
    said = ("again" if again else "arrived") if count else "none"
    after = request.form.get("after", type=int) or None
    return redirect(
        url_for("console_unsure.rows", announcement_id=announcement_id, said=said, after=after),
        303,
    )


def _choice() -> bool:
    choice = request.form.get("choice", "")
    if choice not in _CHOICES:
        raise BadRequest
    return _CHOICES[choice]


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise BadRequest
        return moment.astimezone(timezone.utc)
    except (ValueError, OverflowError):
        raise BadRequest from None


def _words() -> dict[str, Any]:
    doubts = sending_words()["doubts"]
    return {
        "say": notice_words(),
        "doubts": doubts,
        "said": doubts["said"].get(request.args.get("said", ""), ""),
    }
