"""Notices: their list, the editor, one page each with everything that was done to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, Response, redirect, render_template, request, stream_with_context, url_for
from werkzeug.exceptions import NotFound

from bot.console.layout import console_blueprint
from bot.console.notice_form import LONGEST, Form, filled, read
from bot.console.notice_parts import EXTENSION, NoticeParts, notice_parts
from bot.console.notice_words import notice_words
from bot.console.parts import parts
from bot.console.policy import needs
from bot.console.sessions import me
from bot.core.notices.approval import HANDS_ON, Hand, approvals_needed
from bot.core.notices.checks import OPENING, Finding, blocking, check
from bot.core.notices.draft import Draft
from bot.core.notices.notice import Notice, Urgency
from bot.core.notices.states import NoticeRefused, State, acts_of
from bot.core.staff.roles import Role

blueprint = console_blueprint("notices")
_PAGE = 30
_LARGEST = 2**63 - 1
_SENDERS = (Role.AUTHOR, Role.APPROVER, Role.OPERATOR)
_STATUS = {"role": 403, "own_work": 403, "unknown": 404}


def add_notices(app: Flask, known: NoticeParts) -> None:
    """Put the pages of notices into an app that has the console."""
    app.extensions[EXTENSION] = known
    app.register_blueprint(blueprint)


@blueprint.get("/notices")
@needs(*Role)
def listing() -> str:
    """Show notices, the newest first, of one state or all."""
    state = next((each for each in State if each.value == request.args.get("state")), None)
    before = request.args.get("before", type=int)
    drafts = notice_parts().store.drafts
    found = drafts.page([state] if state else (), _within(before), _PAGE + 1)
    return render_template(
        "console/notices.html",
        notices=found[:_PAGE],
        older=found[_PAGE - 1].id if len(found) > _PAGE else None,
        state=state.value if state else "",
        counts=drafts.counts(),
        say=notice_words(),
        may_write=Role.AUTHOR in me().roles,
    )


@blueprint.get("/notices/new")
@needs(Role.AUTHOR)
def new() -> str:
    """Show an empty editor."""
    empty = Notice("", "", "", notice_parts().issuer)
    return _editor(filled(empty, parts().zone, _place_name), None)


@blueprint.post("/notices/new")
@needs(Role.AUTHOR)
def create() -> Any:
    """Keep a new draft, or show what it would look like."""
    form, notice = _read(None)
    if notice is None or request.form.get("only_preview"):
        return _editor(form, None, notice), 422 if notice is None else 200
    return _answer(
        lambda: notice_parts().store.drafts.create(_hand(), notice, parts().clock()),
        "created",
        lambda error: _editor(form, None, notice, error),
    )


@blueprint.get("/notices/<int:draft_id>")
@needs(*Role)
def show(draft_id: int) -> str:
    """Show one notice."""
    return _shown(_found(draft_id))


@blueprint.get("/notices/<int:draft_id>/edit")
@needs(Role.AUTHOR)
def editor(draft_id: int) -> str:
    """Show the editor of a notice."""
    draft = _found(draft_id)
    return _editor(filled(draft.notice, parts().zone, _place_name), draft, draft.notice)


@blueprint.post("/notices/<int:draft_id>/edit")
@needs(Role.AUTHOR)
def edit(draft_id: int) -> Any:
    """Keep a change, or show what it would look like."""
    draft = _found(draft_id)
    form, notice = _read(draft.notice)
    if notice is None or request.form.get("only_preview"):
        return _editor(form, draft, notice), 422 if notice is None else 200
    store, seen = notice_parts().store, _seen()
    return _answer(
        lambda: store.drafts.edit(draft_id, _hand(), notice, seen, parts().clock()),
        "edited",
        lambda error: _editor(form, draft, notice, error),
    )


@blueprint.post("/notices/<int:draft_id>/submit")
@needs(Role.AUTHOR)
def submit(draft_id: int) -> Any:
    """Hand a notice over for approval, if nothing forbids it."""
    draft = _found(draft_id)
    if blocking(_findings(draft.notice)):
        return _shown(draft, notice_words()["blocked"]), 422
    drafts = notice_parts().store.drafts
    return _done(draft_id, lambda: drafts.submit(draft_id, _hand(), _seen(), parts().clock()))


@blueprint.post("/notices/<int:draft_id>/return")
@needs(Role.APPROVER)
def give_back(draft_id: int) -> Any:
    """Return a notice to its author with a reason."""
    drafts, reason = notice_parts().store.drafts, request.form.get("reason", "")
    return _done(
        draft_id, lambda: drafts.give_back(draft_id, _hand(), reason, _seen(), parts().clock())
    )


@blueprint.post("/notices/<int:draft_id>/approve")
@needs(Role.APPROVER)
def approve(draft_id: int) -> Any:
    """Approve exactly what stood on the page; who does so comes from the session alone."""
    drafts, mark = notice_parts().store.drafts, request.form.get("fingerprint", "")
    return _done(
        draft_id, lambda: drafts.approve(draft_id, _hand(), _seen(), mark, parts().clock())
    )


@blueprint.post("/notices/<int:draft_id>/schedule")
@needs(*_SENDERS)
def schedule(draft_id: int) -> Any:
    """Release an approved notice."""
    drafts = notice_parts().store.drafts
    return _done(draft_id, lambda: drafts.schedule(draft_id, _hand(), _seen(), parts().clock()))


@blueprint.post("/notices/<int:draft_id>/pause")
@needs(*Role)
def pause(draft_id: int) -> Any:
    """Let nothing more leave for now."""
    sending, reason = notice_parts().store.broadcasts, request.form.get("reason", "")
    return _done(draft_id, lambda: sending.pause(draft_id, _hand(), reason, parts().clock()))


@blueprint.post("/notices/<int:draft_id>/resume")
@needs(*_SENDERS)
def resume(draft_id: int) -> Any:
    """Go on sending."""
    sending = notice_parts().store.broadcasts
    return _done(draft_id, lambda: sending.resume(draft_id, _hand(), parts().clock()))


@blueprint.post("/notices/<int:draft_id>/cancel")
@needs(*_SENDERS)
def cancel(draft_id: int) -> Any:
    """Give a notice up, with a reason."""
    sending, reason = notice_parts().store.broadcasts, request.form.get("reason", "")

    def work() -> Draft:
        if not reason.strip():
            raise NoticeRefused("reason_missing")
        return sending.cancel(draft_id, _hand(), reason, parts().clock())

    return _done(draft_id, work)


@blueprint.post("/notices/<int:draft_id>/forecast")
@needs(*Role)
def forecast(draft_id: int) -> Any:
    """Count whom the notice would reach."""
    known = notice_parts()
    _found(draft_id)
    known.store.forecasts.make(draft_id, known.around, parts().clock())
    return redirect(url_for("console_notices.show", draft_id=draft_id, _anchor="reach"), 303)


@blueprint.post("/notices/<int:draft_id>/erratum")
@needs(Role.AUTHOR)
def erratum(draft_id: int) -> Any:
    """Begin a correction and open its editor."""
    draft, drafts = _found(draft_id), notice_parts().store.drafts
    title, body = draft.notice.title, draft.notice.body
    return _answer(
        lambda: drafts.erratum(draft_id, _hand(), title, body, parts().clock()),
        "created",
        lambda error: _shown(draft, error),
        "editor",
    )


@blueprint.get("/notices/<int:draft_id>/ledger.csv")
@needs(*_SENDERS)
def ledger(draft_id: int) -> Response:
    """Send what became of every recipient, row by row."""
    draft = _found(draft_id)
    if draft.announcement_id is None:
        raise NotFound
    pieces = notice_parts().store.broadcasts.export(draft.announcement_id)
    response = Response(stream_with_context(pieces), content_type="text/csv; charset=utf-8")
    name = f"attachment; filename=notice-{draft.code}.csv"
    response.headers["Content-Disposition"] = name
    return response


def _hand() -> Hand:
    return Hand.of(me())


def _seen() -> int:
    return request.form.get("seen", type=int) or 0


def _within(number: int | None) -> int | None:
    return number if number is None or 0 < number <= _LARGEST else None


def _found(draft_id: int) -> Draft:
    draft = notice_parts().store.drafts.find(draft_id) if draft_id <= _LARGEST else None
    if draft is None:
        raise NotFound
    return draft


def _done(draft_id: int, work: Callable[[], Draft]) -> Any:
    draft = _found(draft_id)
    return _answer(work, "done", lambda error: _shown(_found(draft.id), error))


def _answer(
    work: Callable[[], Draft], said: str, page: Callable[[str], str], target: str = "show"
) -> Any:
    """Do ``work`` and go on to its notice, or show the page again with why it was refused."""
    try:
        draft = work()
    except NoticeRefused as error:
        sentence = notice_parts().refusals.get(error.code, notice_words()["refused"])
        return page(sentence), _STATUS.get(error.code, 409)
    return redirect(url_for(f"console_notices.{target}", draft_id=draft.id, said=said), 303)


def _read(before: Notice | None) -> tuple[Form, Notice | None]:
    known = notice_parts()
    return read(request.form, parts().zone, known.directory, known.channels, before)


def _place_name(slug: str) -> str:
    found = notice_parts().directory.find_areas(slug)
    return next((area.name for area in found if area.slug == slug), slug)


def _findings(notice: Notice) -> tuple[Finding, ...]:
    known, now = notice_parts(), parts().clock()
    channels = notice.audience.channels or known.channels
    return check(notice, known.checks(), known.words.lengths(notice, channels, now), now)


def _remarks(notice: Notice | None) -> list[dict[str, Any]]:
    """Return the findings in words."""
    messages = notice_parts().messages
    return [
        {
            "blocks": finding.blocks,
            "text": messages[finding.code].format(opening=OPENING, **finding.data),
        }
        for finding in (_findings(notice) if notice else ())
    ]


def _editor(form: Form, draft: Draft | None, notice: Notice | None = None, wrong: str = "") -> str:
    known, now = notice_parts(), parts().clock()
    shown = notice and known.words.preview(notice, now, *([draft.code] if draft else []))
    return render_template(
        "console/notice_edit.html",
        form=form,
        draft=draft,
        wrong=wrong,
        preview=shown,
        remarks=_remarks(notice) if shown else [],
        topics=known.topics.all(),
        channels=known.channels,
        urgencies=[each.value for each in Urgency],
        longest=LONGEST,
        say=notice_words(),
    )


def _shown(draft: Draft, wrong: str = "") -> str:
    known, now = notice_parts(), parts().clock()
    store, sent = known.store, draft.announcement_id
    history = store.drafts.history(draft.id)
    own = me().id in {each.staff_id for each in history if each.act in HANDS_ON}
    people = {each.staff_id for each in history if each.staff_id is not None}
    accounts = {number: parts().store.staff.by_id(number) for number in people}
    return render_template(
        "console/notice.html",
        draft=draft,
        notice=draft.notice,
        wrong=wrong,
        said=notice_words()["said"].get(request.args.get("said", ""), ""),
        preview=known.words.preview(draft.notice, now, draft.code),
        remarks=_remarks(draft.notice) if draft.state is State.DRAFT else [],
        topic=known.topics.find(draft.notice.topic),
        areas=[_place_name(slug) for slug in draft.notice.audience.areas],
        acts={act.value for act in acts_of(draft.state, me().roles)},
        own=own,
        needed=approvals_needed(draft.notice),
        history=history,
        names={number: each.staff.name for number, each in accounts.items() if each},
        reach=store.forecasts.newest(draft.id),
        counts=store.deliveries.counts(sent) if sent is not None else {},
        say=notice_words(),
        now=now,
    )
