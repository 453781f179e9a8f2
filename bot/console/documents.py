"""Official documents that came in: looked at, made a notice of, or left aside with a reason."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Flask, Response, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound

from bot.console.document_parts import (
    EXTENSION,
    DocumentParts,
    document_parts,
    document_words,
)
from bot.console.layout import console_blueprint
from bot.console.parts import parts
from bot.console.policy import needs
from bot.console.sessions import me
from bot.core.documents.document import Document, DocumentRefused, DocumentState
from bot.core.notices.approval import Hand
from bot.core.notices.files import PDF
from bot.core.notices.notice import tidy
from bot.core.notices.states import NoticeRefused, State
from bot.core.staff.roles import Role

blueprint = console_blueprint("documents")
_PAGE = 50
_LARGEST = 2**63 - 1


def add_documents(app: Flask, known: DocumentParts) -> None:
    """Put the pages of documents into an app that has the console."""
    app.extensions[EXTENSION] = known
    app.register_blueprint(blueprint)


@blueprint.app_context_processor
def origin() -> dict[str, Any]:
    """Let the page of a notice say which document it was drafted from."""
    return {"document_of": lambda draft_id: document_parts().store.documents.of_draft(draft_id)}


@blueprint.get("/documents")
@needs(*Role)
def listing() -> str:
    """Show documents of one state, those that wait unless another one is asked for."""
    asked = request.args.get("state", DocumentState.WAITING.value)
    state = next((each for each in DocumentState if each.value == asked), None)
    before = request.args.get("before", type=int)
    known = document_parts()
    page = known.store.documents.page(
        [state] if state else (), before if before and 0 < before <= _LARGEST else None, _PAGE + 1
    )
    return render_template(
        "console/documents.html",
        documents=page[:_PAGE],
        older=page[_PAGE - 1].id if len(page) > _PAGE else None,
        state=state.value if state else "",
        counts=known.store.documents.counts(),
        say=document_words(),
        said=_said(),
        on=known.on,
    )


@blueprint.get("/documents/<int:document_id>")
@needs(*Role)
def show(document_id: int) -> str:
    """Show one document and what can be done with it."""
    return _shown(_found(document_id))


@blueprint.get("/documents/<int:document_id>/file")
@needs(*Role)
def file(document_id: int) -> Response:
    """Send the PDF to be kept: a stranger's file is not opened among our own pages."""
    document = _found(document_id)
    kept = document_parts().store.files.find(document.file_digest)
    if kept is None:
        raise NotFound
    response = Response(kept.data, content_type=PDF)
    name = quote(document.file_name, safe="")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@blueprint.post("/documents/<int:document_id>/draft")
@needs(Role.AUTHOR)
def draft(document_id: int) -> Any:
    """Begin a notice from a document and open its editor."""
    document, hand = _found(document_id), Hand.of(me())
    documents, paper = document_parts().store.documents, bool(request.form.get("paper"))
    try:
        made = documents.draft(document.id, hand, parts().clock(), paper=paper)
    except NoticeRefused:
        return _shown(document, document_words()["refused"]["notice"]), 409
    except DocumentRefused as error:
        if error.draft_id is not None and _is_mine(_found(document.id)):
            return _editor(error.draft_id)  # the button was pressed twice
        return _refused(document.id, error)
    return _editor(made.id)


@blueprint.post("/documents/<int:document_id>/skip")
@needs(Role.AUTHOR)
def skip(document_id: int) -> Any:
    """Leave a document aside, with a reason."""
    document, reason = _found(document_id), tidy(request.form.get("reason", ""))
    documents = document_parts().store.documents
    try:
        documents.skip(document.id, Hand.of(me()), reason, parts().clock())
    except DocumentRefused as error:
        return _refused(document.id, error)
    return redirect(url_for("console_documents.listing", said="skipped"), 303)


def _editor(draft_id: int) -> Any:
    return redirect(url_for("console_notice_editor.editor", draft_id=draft_id), 303)


def _refused(document_id: int, error: DocumentRefused) -> Any:
    sentence = document_words()["refused"][error.code]
    status = 422 if error.code in ("paper", "reason_missing") else 409
    return _shown(_found(document_id), sentence), status


def _found(document_id: int) -> Document:
    """Return a document, or end with 404."""
    documents = document_parts().store.documents
    document = documents.find(document_id) if document_id <= _LARGEST else None
    if document is None:
        raise NotFound
    return document


def _is_mine(document: Document) -> bool:
    return document.staff_id == me().id


def _said() -> str:
    return str(document_words()["said"].get(request.args.get("said", ""), ""))


def _shown(document: Document, wrong: str = "") -> str:
    store = document_parts().store
    notice = store.drafts.find(document.draft_id) if document.draft_id is not None else None
    versions = store.documents.versions(document)
    earlier = next((each for each in versions if each.draft_id and each.id != document.id), None)
    decided = parts().store.staff.by_id(document.staff_id) if document.staff_id else None
    free = notice is None or notice.state is State.CANCELLED
    return render_template(
        "console/document.html",
        document=document,
        signature=document.signature,
        notice=notice,
        versions=versions,
        earlier=earlier,
        decided=decided.staff.name if decided else "",
        may_act=Role.AUTHOR in me().roles
        and free
        and document.state is not DocumentState.REPLACED,
        wrong=wrong,
        say=document_words(),
    )
