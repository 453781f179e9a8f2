"""The picture and the document of a notice: taken from the editor's form, kept, handed out."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from threading import Lock

from flask import Response, request, send_file
from werkzeug.exceptions import NotFound

from bot.console.layout import console_blueprint
from bot.console.notice_parts import StoredFile, notice_parts
from bot.console.parts import parts
from bot.console.policy import needs
from bot.console.sessions import me
from bot.core.notices.files import (
    DIGEST,
    MOST_DOCUMENT,
    MOST_PICTURE,
    PDF,
    PICTURES,
    FileRefused,
    check_document,
    display_name,
    document_name,
)
from bot.core.notices.notice import Notice
from bot.core.staff.roles import Role
from bot.drawing.notice_picture import redrawn

blueprint = console_blueprint("notice_files")
# Whatever a file holds, a browser runs nothing of it and fetches nothing for it.
_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"
_ONE_BY_ONE = Lock()  # pictures are large in memory while they are drawn anew
_PATIENCE = 5.0  # seconds
_UNNAMED = "van-ban"
_DAY = timedelta(days=1)
MOST_A_DAY = 300 * 2**20  # bytes of one person: a session in wrong hands does not fill the disk


@dataclass(frozen=True)
class Attached:
    """What goes with a notice, and by code of sentence what could not be taken."""

    document: str = ""  # digest
    document_name: str = ""
    picture: str = ""  # digest
    wrong: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, notice: Notice) -> Attached:
        """Return what a notice has."""
        return cls(notice.attachment_digest, notice.attachment_name, notice.picture_digest)

    def shown(self) -> dict[str, StoredFile | None]:
        """Return the files themselves for the form, None for one that is gone."""
        named = {"attachment": self.document, "picture": self.picture}
        return {name: _found(digest) for name, digest in named.items() if digest}


@blueprint.get("/notices/files/<digest>")
@needs(*Role)
def file(digest: str) -> Response:
    """Send a file: pictures to look at, everything else to keep."""
    found = _found(digest)
    if found is None:
        raise NotFound
    kind = found.kind if found.kind in (*PICTURES, PDF) else "application/octet-stream"
    # Only the last of it: some of the names came from other systems.
    name = display_name(found.name) or _UNNAMED
    response = send_file(
        BytesIO(found.data), kind, as_attachment=kind not in PICTURES, download_name=name
    )
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    # Nobody has published it yet: no browser of a shared machine keeps it.
    response.headers["Cache-Control"] = "no-store"
    return response


def attached(before: Notice | None) -> Attached:
    """Return what the form leaves attached; new files are kept at once, so no page loses them."""
    had, wrong = Attached.of(before) if before else Attached(), dict[str, str]()
    document = _chosen("attachment", had.document, (PDF,), wrong)
    name = request.form.get("attachment_name", had.document_name)
    picture = _chosen("picture", had.picture, PICTURES, wrong)
    given, data = _uploaded("attachment_file", MOST_DOCUMENT)
    if data:
        name = document_name(given, _UNNAMED)
        document = _kept(name, data, _checked_document, wrong) or document
    given, data = _uploaded("picture_file", MOST_PICTURE)
    if data:
        picture = _kept(display_name(given), data, _drawn, wrong) or picture
    return Attached(document, document_name(name, _UNNAMED) if document else "", picture, wrong)


def _chosen(field: str, had: str, kinds: tuple[str, ...], wrong: dict[str, str]) -> str:
    """Return the digest the form names, if there is such a file."""
    digest = request.form.get(field, had)
    if not digest or request.form.get(f"{field}_remove"):
        return ""
    if digest == had:
        return had
    found = _found(digest)
    if found is None or found.kind not in kinds:
        wrong["file_gone"] = display_name(request.form.get(f"{field}_name", ""))
        return ""
    return digest


def _kept(
    name: str,
    data: bytes,
    checked: Callable[[bytes], tuple[bytes, str]],
    wrong: dict[str, str],
) -> str:
    try:
        clean, kind = checked(data)
    except FileRefused as error:
        wrong[error.code] = name
        return ""
    files, now = notice_parts().store.files, parts().clock()
    if files.kept_since(me().id, now - _DAY) + len(clean) > MOST_A_DAY:
        wrong["files_many"] = name
        return ""
    return files.keep(clean, kind, name, me().id, now)


def _checked_document(data: bytes) -> tuple[bytes, str]:
    return data, check_document(data)


def _drawn(data: bytes) -> tuple[bytes, str]:
    if not _ONE_BY_ONE.acquire(timeout=_PATIENCE):
        raise FileRefused("picture_busy")
    try:
        return redrawn(data)
    finally:
        _ONE_BY_ONE.release()


def _uploaded(field: str, most: int) -> tuple[str, bytes]:
    """Return name and content, one byte more than ``most`` of a file that is too large."""
    upload = request.files.get(field)
    if upload is None:
        return "", b""
    with closing(upload):
        return upload.filename or "", upload.stream.read(most + 1)


def _found(digest: str) -> StoredFile | None:
    return notice_parts().store.files.find(digest) if DIGEST.fullmatch(digest) else None
