"""Official announcements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol

from bot.core.announcements.consent import Subscription


@dataclass(frozen=True)
class Topic:
    """A subject citizens may follow, with its everyday names."""

    slug: str
    name: str
    aliases: tuple[str, ...]


class Standing(str, Enum):
    """Whether a published announcement still holds."""

    CURRENT = "current"
    CORRECTED = "corrected"  # another one says it right
    WITHDRAWN = "withdrawn"  # given up while it was being sent
    EXPIRED = "expired"


@dataclass(frozen=True)
class Announcement:
    """A published announcement. Every one names its issuer and an official link or number.

    ``held`` is the senders' mark (paused, cancelled, expired); ``changed_at`` is when it was
    corrected or withdrawn. The digests name files: of the document and of the picture.
    """

    id: int
    topic: str
    title: str
    body: str
    issuer: str
    published_at: datetime
    area: str | None = None
    number: str | None = None
    url: str | None = None
    hotline: str | None = None
    urgent: bool = False
    expires_at: datetime | None = None
    demo: bool = False
    code: str | None = None  # short, printed in the notice
    corrects: int | None = None  # the id of the announcement this one puts right
    corrected_by: int | None = None
    document_date: str | None = None
    attachment_name: str | None = None
    attachment_digest: str | None = None
    picture_digest: str | None = None
    held: str | None = None
    changed_at: datetime | None = None
    places: str | None = None  # slugs, each between semicolons, where it is about several

    @property
    def about(self) -> tuple[str, ...]:
        """Return the slugs of the places it is about; none: the whole province."""
        several = tuple(filter(None, (self.places or "").split(";")))
        return several or ((self.area,) if self.area else ())

    def standing(self, now: datetime) -> Standing:
        """Return whether it still holds; what was put right is told before anything else."""
        if self.corrected_by is not None:
            return Standing.CORRECTED
        if self.held == "cancelled":
            return Standing.WITHDRAWN
        if self.expires_at is not None and self.expires_at <= now:
            return Standing.EXPIRED
        return Standing.CURRENT

    @property
    def updated_at(self) -> datetime:
        """Return when what is said about it last changed."""
        return self.changed_at or self.published_at


class Topics(Protocol):
    """The topics of the province."""

    def all(self) -> Sequence[Topic]:
        """Return every topic in display order."""

    def find(self, text: str) -> Topic | None:
        """Return the topic a slug, name or everyday word means, or None."""


class Announcements(Protocol):
    """Published announcements."""

    def latest(
        self,
        now: datetime,
        topic: str | None = None,
        areas: Sequence[str] = (),
        offset: int = 0,
        limit: int = 3,
    ) -> tuple[Sequence[Announcement], int]:
        """Return one page, newest first, without expired ones, and how many there are in all."""

    def find(self, announcement_id: int) -> Announcement | None:
        """Return one announcement, or None."""

    def named(self, ids: Iterable[int]) -> Mapping[int, Announcement]:
        """Return announcements by their ids; unknown ones are left out."""


class Named(Protocol):
    """Announcements found by their ids."""

    def named(self, ids: Iterable[int]) -> Mapping[int, Announcement]:
        """Return announcements by their ids; unknown ones are left out."""


def corrections(announcements: Named, page: Sequence[Announcement]) -> Mapping[int, Announcement]:
    """Return what puts those of ``page`` right, by the id of the one that was wrong."""
    wanted = {item.id: item.corrected_by for item in page if item.corrected_by is not None}
    found = announcements.named(wanted.values()) if wanted else {}
    return {wrong: found[right] for wrong, right in wanted.items() if right in found}


class Subscriptions(Protocol):
    """Who follows which topics."""

    def topics_of(self, citizen_id: int) -> Sequence[str]:
        """Return the slugs of the topics a citizen follows."""

    def of(self, citizen_id: int) -> Sequence[Subscription]:
        """Return each topic and place a citizen follows, and how often news should come."""
