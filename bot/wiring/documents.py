"""Joins what takes official documents in: where they come from, how signatures are judged."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.console.document_parts import DocumentParts
from bot.core.documents.source import DocumentSource
from bot.core.errors import SettingsError
from bot.core.work.document_lane import DocumentLane, Intake
from bot.pdf.check import PdfSignatures
from bot.settings import Settings
from bot.sources.documents import FolderSource, HttpSource
from bot.store import Store


def build_document_source(settings: Settings, place: str = "") -> DocumentSource | None:
    """Return the source at ``place`` (without one, of the settings); None: there is none.

    Raises SettingsError for an address that is neither https nor a folder's.
    """
    place = place or settings.document_source
    if not place:
        return None
    zone = ZoneInfo(settings.timezone)
    if "://" in place:
        ours = place == settings.document_source
        return HttpSource(place, zone, settings.document_token if ours else "")
    return FolderSource(Path(place).expanduser().absolute(), zone)


def build_document_check(settings: Settings) -> PdfSignatures:
    """Return what judges signatures."""
    trust = settings.document_trust
    return PdfSignatures(Path(trust).expanduser() if trust else None)


def build_intake(settings: Settings, store: Store, source: DocumentSource, actor: str) -> Intake:
    """Return what takes documents in for a command."""
    return Intake(store.documents, source, build_document_check(settings), actor)


def build_document_lane(settings: Settings, store: Store) -> DocumentLane | None:
    """Return what looks for documents in the worker, or None. Raises SettingsError."""
    source = build_document_source(settings)
    if source is None:
        return None
    if settings.document_minutes < 1:
        raise SettingsError("MOTCUA_DOCUMENT_MINUTES must be at least 1: set it or unset it")
    rest = timedelta(minutes=settings.document_minutes)
    return DocumentLane(store.documents, source, build_document_check(settings), rest)


def build_document_pages(settings: Settings, store: Store) -> DocumentParts:
    """Return everything the console's pages of documents need."""
    return DocumentParts(store, bool(settings.document_source))
