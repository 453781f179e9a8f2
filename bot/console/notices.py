"""Notices: their list, the editor, one page each with everything that was done to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import Flask, Response, redirect, render_template, request, stream_with_context, url_for
from werkzeug.exceptions import BadRequest, NotFound

from bot.console import notice_editor, notice_files, notice_progress, unsure
from bot.console.layout import console_blueprint
from bot.console.notice_desk import (
    LARGEST,
    answer,
    findings,
    found,
    hand,
    reason_given,
    seen,
)
from bot.console.notice_page import shown
from bot.console.notice_parts import EXTENSION, NoticeParts, notice_parts
from bot.console.notice_progress import SENDERS
from bot.console.notice_words import notice_words
from bot.console.parts import parts
from bot.console.policy import needs
from bot.console.sending_words import sending_words
from bot.console.sessions import me
from bot.core.notices.articles import Verdict
from bot.core.notices.checks import blocking
from bot.core.notices.draft import Draft
from bot.core.notices.states import NoticeRefused, State
from bot.core.staff.roles import Role

blueprint = console_blueprint("notices")
_PAGE = 30


def add_notices(app: Flask, known: NoticeParts) -> None:
    """Put the pages of notices into an app that has the console."""
    app.extensions[EXTENSION] = known
    app.register_blueprint(blueprint)
    app.register_blueprint(notice_editor.blueprint)
    app.register_blueprint(notice_files.blueprint)
    notice_progress.remember_counts(app.extensions, known.store.tallies.of)
    app.register_blueprint(notice_progress.blueprint)
    app.register_blueprint(unsure.blueprint)


@blueprint.get("/notices")
@needs(*Role)
def listing() -> str:
    """Show notices, the newest first, of one state or all."""
    state = next((each for each in State if each.value == request.args.get("state")), None)
    before = request.args.get("before", type=int)
    drafts = notice_parts().store.drafts
    page = drafts.page([state] if state else (), _within(before), _PAGE + 1)
    return render_template(
        "console/notices.html",
        notices=page[:_PAGE],
        older=page[_PAGE - 1].id if len(page) > _PAGE else None,
        state=state.value if state else "",
        counts=drafts.counts(),
        say=notice_words(),
        may_write=Role.AUTHOR in me().roles,
        corrected=_corrected(page),
    )


def _corrected(page: Sequence[Draft]) -> set[int]:
    """Return which announcements of these notices were put right."""
    ids = [each.announcement_id for each in page if each.announcement_id is not None]
    named = notice_parts().store.announcements.named(ids)
    return {each.id for each in named.values() if each.corrected_by is not None}


@blueprint.get("/notices/<int:draft_id>")
@needs(*Role)
def show(draft_id: int) -> str:
    """Show one notice."""
    return shown(found(draft_id))


@blueprint.post("/notices/<int:draft_id>/submit")
@needs(Role.AUTHOR)
def submit(draft_id: int) -> Any:
    """Hand a notice over for approval, if nothing forbids it."""
    draft, known = found(draft_id), notice_parts()
    if blocking(findings(draft.notice)):
        return shown(draft, notice_words()["blocked"]), 422
    uploaded = draft.notice.audience.uploaded
    if uploaded and known.store.lists.size(uploaded) is None:  # or it could come after approval
        return shown(draft, notice_words()["lists"]["wrong"]["gone"]), 422

    def work() -> Draft:
        if draft.version != seen():  # what was looked at above is what is submitted
            raise NoticeRefused("changed", f"version {draft.version}")
        submitted = known.store.drafts.submit(draft_id, hand(), seen(), parts().clock())
        # Whoever approves sees at once whom it reaches.
        known.store.forecasts.make(draft_id, known.around, parts().clock())
        return submitted

    return _done(draft_id, work)


@blueprint.post("/notices/<int:draft_id>/return")
@needs(Role.APPROVER)
def give_back(draft_id: int) -> Any:
    """Return a notice to its author with a reason."""
    drafts, reason = notice_parts().store.drafts, reason_given()
    return _done(
        draft_id,
        lambda: drafts.give_back(draft_id, hand(), reason, seen(), parts().clock()),
    )


@blueprint.post("/notices/<int:draft_id>/approve")
@needs(Role.APPROVER)
def approve(draft_id: int) -> Any:
    """Approve exactly what stood on the page; who does so comes from the session alone."""
    drafts, mark = notice_parts().store.drafts, request.form.get("fingerprint", "")
    return _done(draft_id, lambda: drafts.approve(draft_id, hand(), seen(), mark, parts().clock()))


@blueprint.post("/notices/<int:draft_id>/schedule")
@needs(*SENDERS)
def schedule(draft_id: int) -> Any:
    """Release an approved notice."""
    drafts = notice_parts().store.drafts
    return _done(draft_id, lambda: drafts.schedule(draft_id, hand(), seen(), parts().clock()))


@blueprint.post("/notices/<int:draft_id>/pause")
@needs(*Role)
def pause(draft_id: int) -> Any:
    """Let nothing more leave for now."""
    sending, reason = notice_parts().store.broadcasts, reason_given()
    return _done(draft_id, lambda: sending.pause(draft_id, hand(), reason, parts().clock()))


@blueprint.post("/notices/<int:draft_id>/resume")
@needs(*SENDERS)
def resume(draft_id: int) -> Any:
    """Go on sending."""
    sending = notice_parts().store.broadcasts
    return _done(draft_id, lambda: sending.resume(draft_id, hand(), parts().clock()))


@blueprint.post("/notices/<int:draft_id>/cancel")
@needs(*SENDERS)
def cancel(draft_id: int) -> Any:
    """Give a notice up, with a reason."""
    sending, reason = notice_parts().store.broadcasts, reason_given()

    def work() -> Draft:
        if not reason.strip():
            raise NoticeRefused("reason_missing")
        return sending.cancel(draft_id, hand(), reason, parts().clock())

    return _done(draft_id, work)


@blueprint.post("/notices/<int:draft_id>/forecast")
@needs(*Role)
def forecast(draft_id: int) -> Any:
    """Count whom the notice would reach."""
    known = notice_parts()
    found(draft_id)
    known.store.forecasts.make(draft_id, known.around, parts().clock())
    return redirect(url_for("console_notices.show", draft_id=draft_id, _anchor="reach"), 303)


@blueprint.post("/notices/<int:draft_id>/erratum")
@needs(Role.AUTHOR)
def erratum(draft_id: int) -> Any:
    """Begin a correction and open its editor."""
    draft, drafts = found(draft_id), notice_parts().store.drafts
    title, body = draft.notice.title, draft.notice.body
    return answer(
        lambda: drafts.erratum(draft_id, hand(), title, body, parts().clock()),
        "created",
        lambda error: shown(draft, error),
        "console_notice_editor.editor",
    )


@blueprint.get("/notices/<int:draft_id>/ledger.csv")
@needs(*SENDERS)
def ledger(draft_id: int) -> Response:
    """Send what became of every recipient, row by row."""
    draft = found(draft_id)
    if draft.announcement_id is None:
        raise NotFound
    subject, now = f"draft:{draft_id}", parts().clock()
    # Before the first row leaves: a download that breaks off has been read, too.
    parts().store.audit.append(hand().actor, "notice_exported", subject, {}, now)
    pieces = notice_parts().store.broadcasts.export(draft.announcement_id)
    response = Response(stream_with_context(pieces), content_type="text/csv; charset=utf-8")
    name = f"attachment; filename=notice-{draft.code}.csv"
    response.headers["Content-Disposition"] = name
    return response


@blueprint.post("/notices/<int:draft_id>/article")
@needs(Role.APPROVER)
def article(draft_id: int) -> Any:
    """Have a notice published as an article of the official account."""
    draft, known, said = found(draft_id), notice_parts(), sending_words()["article"]
    if not known.articles:
        return shown(draft, said["unavailable"]), 409
    if request.form.get("understood") != "1":
        return shown(draft, said["not_understood"]), 422
    mark = request.form.get("fingerprint", "")

    def work() -> Draft:
        known.store.articles.want(draft_id, hand(), mark, parts().clock())
        return draft

    return _done(draft_id, work)


@blueprint.post("/notices/<int:draft_id>/article/verdict")
@needs(Role.APPROVER)
def article_verdict(draft_id: int) -> Any:
    """Take down what somebody found about an article in doubt."""
    draft, articles = found(draft_id), notice_parts().store.articles
    choice = next((v for v in Verdict if v.value == request.form.get("verdict")), None)
    if choice is None:
        raise BadRequest

    def work() -> Draft:
        articles.decide(draft_id, hand(), choice, parts().clock())
        return draft

    return _done(draft_id, work)


def _within(number: int | None) -> int | None:
    return number if number is None or 0 < number <= LARGEST else None


def _done(draft_id: int, work: Callable[[], Draft]) -> Any:
    draft = found(draft_id)
    return answer(work, "done", lambda error: shown(found(draft.id), error))
