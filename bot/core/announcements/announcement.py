"""Official announcements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Topic:
    """A subject citizens may follow, with its everyday names."""

    slug: str
    name: str
    aliases: tuple[str, ...]


@dataclass(frozen=True)
class Announcement:
    """A published announcement. Every one names its issuer and an official link or number."""

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


class Subscriptions(Protocol):
    """Who follows which topics."""

    def topics_of(self, citizen_id: int) -> Sequence[str]:
        """Return the slugs of the topics a citizen follows."""
