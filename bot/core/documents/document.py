"""An official document as it comes in, and as it waits for an author."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from functools import cached_property

from bot.core.documents.signature import Signature
from bot.core.errors import DeskError
from bot.core.notices.files import document_name
from bot.core.notices.notice import CUTS, Notice

_LONGEST_TITLE = 200  # letters a title holds in the editor


class DocumentRefused(DeskError):
    """Something that cannot be done with a document; nothing was changed.

    ``code`` is one of ``unknown``, ``taken`` (then ``draft_id`` says as which notice),
    ``replaced``, ``paper``, ``reason_missing``.
    """

    def __init__(self, code: str, draft_id: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.draft_id = draft_id


class DocumentState(str, Enum):
    """Where a document stands."""

    WAITING = "waiting"
    TAKEN = "taken"  # a notice was drafted from it
    SKIPPED = "skipped"  # an author said that it needs none
    REPLACED = "replaced"  # a changed version came before anybody looked at it


@dataclass(frozen=True)
class IncomingDocument:
    """One document with its PDF. ``name`` is what the file is called, never a path."""

    number: str
    day: date
    signer: str
    abstract: str
    issuer: str
    name: str
    data: bytes = field(repr=False)

    @property
    def identity(self) -> tuple[str, date, str]:
        """Return what makes it this document, however number and issuer are spaced and cased."""
        return same(self.number).replace(" ", ""), self.day, same(self.issuer)

    @cached_property
    def digest(self) -> str:
        """Return the SHA-256 of the PDF."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def file_name(self) -> str:
        """Return what people may read of the file's name."""
        return document_name(self.name, "van-ban")

    @property
    def mark(self) -> str:
        """Return the SHA-256 of all it says: a document that changed has another one."""
        said = [self.signer, self.abstract, self.digest]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()


@dataclass(frozen=True)
class Document:
    """A document as the store keeps it. ``version`` counts from 1 when it came changed.

    ``staff_id`` decided about it at ``decided_at``, for ``reason`` if it was skipped; ``paper``:
    whoever took it said that the paper was compared.
    """

    id: int
    number: str
    day: date
    signer: str
    abstract: str
    issuer: str
    file_name: str
    file_digest: str
    version: int
    state: DocumentState
    signature: Signature
    came_at: datetime
    staff_id: int | None = None
    decided_at: datetime | None = None
    reason: str = ""
    paper: bool = False
    draft_id: int | None = None


def notice_of(document: Document) -> Notice:
    """Return the beginning of a notice: what the document says, with the PDF attached.

    Topic, text and audience are the author's to choose. An abstract that is too long for a title
    is cut there and stands whole in the text.
    """
    title = " ".join(document.abstract.split())
    short = _cut(title)
    return Notice(
        topic="",
        title="" if short in CUTS else short,
        body="" if short == title else title,
        issuer=document.issuer,
        number=document.number,
        document_date=f"{document.day:%d/%m/%Y}",
        attachment_name=document.file_name,
        attachment_digest=document.file_digest,
    )


def same(text: str) -> str:
    """Return a text in the form in which it is compared.

    >>> same("UBND  Tỉnh") == same("ubnd tỉnh ")
    True
    """
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def _cut(text: str) -> str:
    if len(text) <= _LONGEST_TITLE:
        return text
    return text[: _LONGEST_TITLE - 1].rsplit(" ", 1)[0] + "…"
