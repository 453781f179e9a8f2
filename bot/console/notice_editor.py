"""The editor of notices: written, looked at, kept."""

from __future__ import annotations

from typing import Any

from flask import render_template, request

from bot.console.layout import console_blueprint
from bot.console.notice_desk import answer, found, hand, place_name, remarks, seen
from bot.console.notice_form import Form, filled, longest, read
from bot.console.notice_parts import notice_parts
from bot.console.notice_words import notice_words
from bot.console.parts import parts
from bot.console.policy import needs
from bot.core.notices.draft import Draft
from bot.core.notices.notice import Notice, Urgency
from bot.core.notices.states import State
from bot.core.staff.roles import Role

blueprint = console_blueprint("notice_editor")


@blueprint.get("/notices/new")
@needs(Role.AUTHOR)
def new() -> str:
    """Show an empty editor."""
    empty = Notice("", "", "", notice_parts().issuer)
    return _editor(filled(empty, parts().zone, place_name), None)


@blueprint.post("/notices/new")
@needs(Role.AUTHOR)
def create() -> Any:
    """Keep a new draft, or show what it would look like."""
    form, notice = _read(None)
    if notice is None or request.form.get("only_preview"):
        return _editor(form, None, notice), 422 if notice is None else 200
    return answer(
        lambda: notice_parts().store.drafts.create(hand(), notice, parts().clock()),
        "created",
        lambda error: _editor(form, None, notice, error),
    )


@blueprint.get("/notices/<int:draft_id>/edit")
@needs(Role.AUTHOR)
def editor(draft_id: int) -> str:
    """Show the editor of a notice."""
    draft = found(draft_id)
    return _editor(filled(draft.notice, parts().zone, place_name), draft, draft.notice)


@blueprint.post("/notices/<int:draft_id>/edit")
@needs(Role.AUTHOR)
def edit(draft_id: int) -> Any:
    """Keep a change, or show what it would look like."""
    draft = found(draft_id)
    form, notice = _read(draft.notice)
    if notice is None or request.form.get("only_preview"):
        return _editor(form, draft, notice), 422 if notice is None else 200
    store, version = notice_parts().store, seen()
    return answer(
        lambda: store.drafts.edit(draft_id, hand(), notice, version, parts().clock()),
        "edited" if draft.state is State.DRAFT else "reopened",
        lambda error: _editor(form, draft, notice, error),
    )


def _read(before: Notice | None) -> tuple[Form, Notice | None]:
    known = notice_parts()
    return read(request.form, parts().zone, known.directory, known.channels, before)


def _editor(form: Form, draft: Draft | None, notice: Notice | None = None, wrong: str = "") -> str:
    known, now = notice_parts(), parts().clock()
    shown = notice and known.words.preview(notice, now, *([draft.code] if draft else []))
    return render_template(
        "console/notice_edit.html",
        form=form,
        draft=draft,
        wrong=wrong,
        preview=shown,
        remarks=remarks(notice) if shown else [],
        topics=known.topics.all(),
        channels=known.channels,
        urgencies=[each.value for each in Urgency],
        longest=longest,
        say=notice_words(),
    )
