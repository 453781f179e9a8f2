"""The editor of notices: begun from a template, written, looked at, kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import render_template, request

from bot.console.layout import console_blueprint
from bot.console.notice_desk import answer, found, hand, place_name, remarks, seen, shown
from bot.console.notice_files import Attached, attached
from bot.console.notice_form import Around, Form, filled, longest, read
from bot.console.notice_lists import SHOWN, Listed, listed
from bot.console.notice_parts import notice_parts
from bot.console.notice_words import notice_words
from bot.console.parts import parts
from bot.console.policy import needs
from bot.console.sessions import current_session
from bot.core.dossiers.statuses import STATUSES
from bot.core.notices.draft import Draft
from bot.core.notices.notice import Notice, Urgency
from bot.core.notices.states import State
from bot.core.notices.templates import Template, pieces
from bot.core.staff.roles import Role, may

blueprint = console_blueprint("notice_editor")
_SMALL = 256 * 1024  # bytes; a form without files
_WITH_FILES = 26 * 2**20  # bytes; a document, a picture and a list, with the form around them
_LIST = 4 * 2**20  # bytes; a list that waits for a decision is a field of the form
_LOOKS = ("only_preview", "check_list", "use_list", "drop_list")  # buttons that keep nothing


@dataclass(frozen=True)
class Page:
    """What the editor shows: the form, its files and list, and the notice if it can be read."""

    form: Form
    notice: Notice | None
    attached: Attached
    listed: Listed = Listed()
    template: Template | None = None

    @property
    def waits(self) -> bool:
        """Whether somebody has to decide something before this can be kept."""
        unsettled = bool(self.listed.report or self.listed.wrong)
        return unsettled or any(name in request.form for name in _LOOKS)


@blueprint.url_value_preprocessor
def limit(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Take much only from those who may write, and only where files come in.

    It runs before anything reads the form.
    """
    if request.method != "POST":
        return
    session = current_session()
    writes = session is not None and may(session.staff.roles, (Role.AUTHOR,))
    with_files = writes and not str(endpoint).endswith(".preview")
    request.max_content_length = _WITH_FILES if with_files else _SMALL
    request.max_form_memory_size = _LIST if with_files else _SMALL


@blueprint.get("/notices/new")
@needs(Role.AUTHOR)
def new() -> str:
    """Show the editor, begun from a template if one was chosen."""
    known, template = notice_parts(), _template(request.args.get("template", ""))
    begun = template.begin(known.issuer) if template else Notice("", "", "", known.issuer)
    form = filled(begun, parts().zone, place_name)
    return _editor(Page(form, begun if template else None, Attached(), template=template), None)


@blueprint.post("/notices/new")
@needs(Role.AUTHOR)
def create() -> Any:
    """Keep a new draft, or show what it would look like."""
    page = _read(None)
    notice = page.notice
    if notice is None or page.waits:
        return _editor(page, None), 422 if notice is None or page.listed.wrong else 200
    return answer(
        lambda: notice_parts().store.drafts.create(hand(), notice, parts().clock()),
        "created",
        lambda error: _editor(page, None, error),
    )


@blueprint.get("/notices/<int:draft_id>/edit")
@needs(Role.AUTHOR)
def editor(draft_id: int) -> str:
    """Show the editor of a notice."""
    draft = found(draft_id)
    notice = draft.notice
    form, uploaded = filled(notice, parts().zone, place_name), notice.audience.uploaded
    list_of = Listed.of(uploaded) if uploaded else Listed()
    return _editor(Page(form, notice, Attached.of(notice), list_of), draft)


@blueprint.post("/notices/<int:draft_id>/edit")
@needs(Role.AUTHOR)
def edit(draft_id: int) -> Any:
    """Keep a change, or show what it would look like."""
    draft = found(draft_id)
    page = _read(draft.notice)
    notice = page.notice
    if notice is None or page.waits:
        return _editor(page, draft), 422 if notice is None or page.listed.wrong else 200
    store, version = notice_parts().store, seen()
    return answer(
        lambda: store.drafts.edit(draft_id, hand(), notice, version, parts().clock()),
        "edited" if draft.state is State.DRAFT else "reopened",
        lambda error: _editor(page, draft, error),
    )


@blueprint.post("/notices/preview")
@needs(Role.AUTHOR)
def preview() -> Any:
    """Return what citizens would see of the form as it stands, as a piece of a page."""
    draft_id = request.args.get("draft", type=int)
    draft = found(draft_id) if draft_id is not None else None
    page = _read(draft.notice if draft else None)
    return _rendered(
        "console/notice_preview.html", page, draft
    ), 422 if page.notice is None else 200


def _template(slug: str) -> Template | None:
    return next((each for each in notice_parts().templates() if each.slug == slug), None)


def _read(before: Notice | None) -> Page:
    known, files, ids = notice_parts(), attached(before), listed(before)
    around = Around(parts().zone, known.directory, known.channels, files, ids.digest)
    form, notice = read(request.form, around, before)
    return Page(form, notice, files, ids, _template(request.form.get("template", "")))


def _editor(page: Page, draft: Draft | None, wrong: str = "") -> str:
    return _rendered("console/notice_edit.html", page, draft, wrong=wrong)


def _rendered(name: str, page: Page, draft: Draft | None, **more: Any) -> str:
    known, notice = notice_parts(), page.notice
    return render_template(
        name,
        form=page.form,
        draft=draft,
        notice=notice,
        attached=page.attached,
        files=page.attached.shown(),
        listed=page.listed,
        most_bad=SHOWN,
        template=page.template,
        templates=known.templates(),
        previews=shown(notice, draft.code if draft else "") if notice else (),
        remarks=remarks(notice),
        topics=known.topics.all(),
        channels=known.channels,
        states=tuple(STATUSES),
        urgencies=[each.value for each in Urgency],
        longest=longest,
        pieces=pieces,
        say=notice_words(),
        **more,
    )
