"""What the pages of documents are given; ``bot.wiring.documents`` builds it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol, cast

import yaml
from flask import current_app

from bot.core.documents.document import Document, DocumentState
from bot.core.notices.approval import Hand
from bot.core.notices.draft import Draft

EXTENSION = "motcua_documents"
_FILE = Path(__file__).with_name("documents.vi.yml")


class Documents(Protocol):
    """Documents that came in; what changes them may raise DocumentRefused."""

    def find(self, document_id: int) -> Document | None: ...
    def of_draft(self, draft_id: int) -> Document | None: ...
    def versions(self, document: Document) -> Sequence[Document]: ...
    def page(
        self,
        states: Sequence[DocumentState] = (),
        before_id: int | None = None,
        limit: int = 50,
    ) -> Sequence[Document]: ...
    def counts(self) -> Mapping[str, int]: ...
    def draft(self, document_id: int, hand: Hand, now: datetime, *, paper: bool) -> Draft: ...
    def skip(self, document_id: int, hand: Hand, reason: str, now: datetime) -> None: ...


class File(Protocol):
    """A kept file."""

    @property
    def data(self) -> bytes: ...
    @property
    def name(self) -> str: ...


class Files(Protocol):
    """Kept files."""

    def find(self, digest: str) -> File | None: ...


class Drafts(Protocol):
    """Notices, as far as these pages link to them."""

    def find(self, draft_id: int) -> Draft | None: ...


class Store(Protocol):
    """The part of the operational store these pages use."""

    @property
    def documents(self) -> Documents: ...
    @property
    def files(self) -> Files: ...
    @property
    def drafts(self) -> Drafts: ...


@dataclass(frozen=True)
class DocumentParts:
    """Everything the pages need; ``on`` tells whether documents come in by themselves."""

    store: Store
    on: bool


def document_parts() -> DocumentParts:
    """Return the parts of the running app."""
    return cast(DocumentParts, current_app.extensions[EXTENSION])


@lru_cache(maxsize=1)
def document_words() -> Mapping[str, Any]:
    """Return the sentences and labels of these pages."""
    loaded: Mapping[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return loaded
