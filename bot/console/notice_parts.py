"""What the pages of notices are given; ``bot.wiring.notices`` builds it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, cast

from flask import current_app

from bot.core.announcements.announcement import Announcement, Topics
from bot.core.messages import Reply
from bot.core.notices.approval import Hand
from bot.core.notices.articles import KeptArticle, Verdict
from bot.core.notices.checks import Words
from bot.core.notices.draft import Draft, Version
from bot.core.notices.forecast import Circumstances, Forecast
from bot.core.notices.notice import Notice
from bot.core.notices.progress import Tally
from bot.core.notices.states import State
from bot.core.notices.templates import Template
from bot.core.notices.uploads import IdList, ListReport
from bot.core.notices.words import NoticeWords
from bot.core.offices.directory import Directory
from bot.core.splitting import Limits

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
    def corrected(self, draft: Draft) -> Draft | None: ...
    def corrections(self, draft: Draft) -> Sequence[Draft]: ...
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


class StoredFile(Protocol):
    """A file that belongs to notices."""

    @property
    def digest(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def data(self) -> bytes: ...


class Files(Protocol):
    """Pictures and documents of notices."""

    def keep(
        self, data: bytes, kind: str, name: str, staff_id: int | None, now: datetime
    ) -> str: ...
    def kept_since(self, staff_id: int, since: datetime) -> int: ...
    def find(self, digest: str) -> StoredFile | None: ...


class Lists(Protocol):
    """Uploaded lists of citizens."""

    def report(self, ids: IdList) -> ListReport: ...
    def keep(self, ids: IdList, staff_id: int, now: datetime) -> ListReport: ...
    def size(self, digest: str) -> int | None: ...


class Tallies(Protocol):
    """What became of a notice's rows."""

    def of(self, announcement_id: int) -> Tally: ...


class UnsureGroup(Protocol):
    """Rows of one notice that are in doubt."""

    @property
    def announcement_id(self) -> int: ...
    @property
    def draft_id(self) -> int | None: ...
    @property
    def title(self) -> str: ...
    @property
    def count(self) -> int: ...


class UnsureRow(Protocol):
    """One row in doubt."""

    @property
    def delivery_id(self) -> int: ...


class Unsure(Protocol):
    """Rows nobody knows the fate of; decisions may raise NoticeRefused."""

    def groups(self) -> Sequence[UnsureGroup]: ...
    def rows(
        self, announcement_id: int, after_id: int = 0, limit: int = 100
    ) -> Sequence[UnsureRow]: ...
    def decide(self, delivery_id: int, hand: Hand, now: datetime, *, again: bool) -> bool: ...
    def decide_all(
        self, announcement_id: int, hand: Hand, until: datetime, now: datetime, *, again: bool
    ) -> int: ...


class Articles(Protocol):
    """Articles of the official account; acts may raise NoticeRefused."""

    def find(self, draft_id: int) -> KeptArticle | None: ...
    def want(self, draft_id: int, hand: Hand, fingerprint: str, now: datetime) -> None: ...
    def decide(self, draft_id: int, hand: Hand, verdict: Verdict, now: datetime) -> bool: ...


class Announcements(Protocol):
    """What was published."""

    def named(self, ids: Iterable[int]) -> Mapping[int, Announcement]: ...


class Store(Protocol):
    """The part of the operational store these pages use."""

    @property
    def announcements(self) -> Announcements: ...

    @property
    def drafts(self) -> Drafts: ...
    @property
    def broadcasts(self) -> Broadcasts: ...
    @property
    def forecasts(self) -> Forecasts: ...
    @property
    def tallies(self) -> Tallies: ...
    @property
    def unsure(self) -> Unsure: ...
    @property
    def articles(self) -> Articles: ...
    @property
    def files(self) -> Files: ...
    @property
    def lists(self) -> Lists: ...


def _whole(reply: Reply) -> tuple[Reply, ...]:
    return (reply,)


@dataclass(frozen=True)
class Display:
    """How a channel shows a message: in which bubbles; ``limits`` None: it takes anything."""

    fit: Callable[[Reply], tuple[Reply, ...]] = _whole
    limits: Limits | None = None


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
    displays: Mapping[str, Display] = field(default_factory=dict)  # by channel
    templates: Callable[[], tuple[Template, ...]] = tuple
    articles: bool = False  # whether the official account can publish one


def notice_parts() -> NoticeParts:
    """Return the parts of the running app."""
    return cast(NoticeParts, current_app.extensions[EXTENSION])
