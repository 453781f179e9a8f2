"""What the pages of notices are given; ``bot.wiring.notices`` builds it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, cast

from flask import current_app

from bot.core.announcements.announcement import Topics
from bot.core.notices.approval import Hand
from bot.core.notices.checks import Words
from bot.core.notices.draft import Draft, Version
from bot.core.notices.forecast import Circumstances, Forecast
from bot.core.notices.notice import Notice
from bot.core.notices.states import State
from bot.core.notices.words import NoticeWords
from bot.core.offices.directory import Directory

EXTENSION = "motcua_notices"


class Drafts(Protocol):
    """Notices before they go out; every act may raise NoticeRefused."""

    def create(self, hand: Hand, notice: Notice, now: datetime) -> Draft: ...
    def edit(
        self, draft_id: int, hand: Hand, notice: Notice, seen: int, now: datetime
    ) -> Draft: ...
    def submit(self, draft_id: int, hand: Hand, seen: int, now: datetime) -> Draft: ...
    def give_back(
        self, draft_id: int, hand: Hand, reason: str, seen: int, now: datetime
    ) -> Draft: ...
    def approve(
        self, draft_id: int, hand: Hand, seen: int, fingerprint: str, now: datetime
    ) -> Draft: ...
    def schedule(self, draft_id: int, hand: Hand, seen: int | None, now: datetime) -> Draft: ...
    def erratum(
        self, draft_id: int, hand: Hand, title: str, body: str, now: datetime
    ) -> Draft: ...
    def find(self, draft_id: int) -> Draft | None: ...
    def page(
        self, states: Sequence[State] = (), before_id: int | None = None, limit: int = 50
    ) -> Sequence[Draft]: ...
    def counts(self) -> Mapping[str, int]: ...
    def history(self, draft_id: int) -> Sequence[Version]: ...


class Broadcasts(Protocol):
    """Notices that go out."""

    def pause(self, draft_id: int, hand: Hand, reason: str, now: datetime) -> Draft: ...
    def resume(self, draft_id: int, hand: Hand, now: datetime) -> Draft: ...
    def cancel(self, draft_id: int, hand: Hand, reason: str, now: datetime) -> Draft: ...
    def export(self, announcement_id: int) -> Iterator[str]: ...


class Kept(Protocol):
    """A forecast as it was kept."""

    @property
    def at(self) -> datetime: ...
    @property
    def fingerprint(self) -> str: ...
    @property
    def figures(self) -> Mapping[str, Any]: ...
    @property
    def outcome(self) -> Mapping[str, Any] | None: ...


class Forecasts(Protocol):
    """Whom a notice would reach."""

    def make(self, draft_id: int, around: Circumstances, now: datetime) -> Forecast: ...
    def newest(self, draft_id: int) -> Kept | None: ...


class Ledger(Protocol):
    """Everything sent."""

    def counts(self, announcement_id: int | None = None) -> Mapping[str, int]: ...


class Store(Protocol):
    """The part of the operational store these pages use."""

    @property
    def drafts(self) -> Drafts: ...
    @property
    def broadcasts(self) -> Broadcasts: ...
    @property
    def forecasts(self) -> Forecasts: ...
    @property
    def deliveries(self) -> Ledger: ...


@dataclass(frozen=True)
class NoticeParts:
    """Everything the pages of notices need besides the console's parts."""

    store: Store
    words: NoticeWords
    checks: Callable[[], Words]
    messages: Mapping[str, str]  # sentences of the checks by code
    refusals: Mapping[str, str]  # sentences of NoticeRefused by code
    topics: Topics
    directory: Directory
    channels: tuple[str, ...]
    around: Circumstances
    issuer: str  # who issues notices unless the author says otherwise


def notice_parts() -> NoticeParts:
    """Return the parts of the running app."""
    return cast(NoticeParts, current_app.extensions[EXTENSION])
