"""One notice's page: where it stands, what to do next, and everything that was done to it."""

from __future__ import annotations

from typing import Any

from flask import render_template, request

from bot.console.notice_article import article_of
from bot.console.notice_desk import place_name, remarks
from bot.console.notice_desk import shown as previews
from bot.console.notice_parts import notice_parts
from bot.console.notice_progress import SENDERS, progress_of
from bot.console.notice_reach import reach_of
from bot.console.notice_steps import Seat, next_step
from bot.console.notice_words import note_in_words, notice_words
from bot.console.parts import parts
from bot.console.sending_words import sending_words
from bot.console.sessions import me
from bot.core.messages import DeliveryState
from bot.core.notices.approval import HANDS_ON, approvals_needed
from bot.core.notices.draft import Draft
from bot.core.notices.states import State, acts_of

_REMARKED = (State.DRAFT, State.RETURNED, State.SUBMITTED, State.APPROVED)  # before it is sent


def shown(draft: Draft, wrong: str = "") -> str:
    """Return the page of a notice, with a sentence about what went wrong."""
    known, now = notice_parts(), parts().clock()
    history = known.store.drafts.history(draft.id)
    own = me().id in {each.staff_id for each in history if each.act in HANDS_ON}
    found = remarks(draft.notice) if draft.state in _REMARKED else []
    progress = progress_of(draft)
    seat = _seat(draft, own, found, progress)
    return render_template(
        "console/notice.html",
        **{**progress, "said": notice_words()["said"].get(request.args.get("said", ""), "")},
        notice=draft.notice,
        wrong=wrong,
        step=sending_words()["steps"][next_step(draft, seat)],
        doubts=seat.doubts if not me().roles.isdisjoint(SENDERS) else 0,
        previews=previews(draft.notice, draft.code),
        remarks=found,
        topic=known.topics.find(draft.notice.topic),
        areas=[place_name(slug) for slug in draft.notice.audience.areas],
        acts=seat.acts,
        own=own,
        needed=seat.approvals_needed,
        history=history,
        names=_names({each.staff_id for each in history if each.staff_id is not None}),
        reach=reach_of(draft, progress["tally"], now),
        article=article_of(draft, own),
        corrected=known.store.drafts.corrected(draft),
        corrections=known.store.drafts.corrections(draft),
        in_words=note_in_words,
        now=now,
    )


def _seat(draft: Draft, own: bool, found: list[dict[str, Any]], progress: dict[str, Any]) -> Seat:
    return Seat(
        staff_id=me().id,
        acts={act.value for act in acts_of(draft.state, me().roles)},
        own=own,
        blocked=any(each["blocks"] for each in found),
        approvals_needed=approvals_needed(draft.notice),
        doubts=progress["tally"].count(DeliveryState.UNSURE),
        recipients=progress["tally"].total,
    )


def _names(people: set[int]) -> dict[int, str]:
    accounts = {number: parts().store.staff.by_id(number) for number in people}
    return {number: each.staff.name for number, each in accounts.items() if each}
