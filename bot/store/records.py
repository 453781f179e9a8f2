"""Values the store hands out that are not part of the talk itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Received:
    """Where an inbound message was kept; for a duplicate, where the first one was."""

    inbound_id: int
    citizen_id: int
    seq: int
    duplicate: bool


class Pair(Protocol):
    """What a channel hands in to be kept: its own value with these fields."""

    @property
    def access_token(self) -> str:
        """Used with every call."""

    @property
    def refresh_token(self) -> str:
        """Used once, for the next pair."""

    @property
    def expires_at(self) -> datetime:
        """When the access token ends, UTC."""


@dataclass(frozen=True)
class TokenPair:
    """A platform's access and refresh token; ``expires_at`` is the access token's end (UTC)."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True)
class TokenState:
    """What may be told about kept tokens without opening them.

    ``begun_at`` is set while a refresh is under way; if it stays, its process died in between.
    """

    expires_at: datetime
    saved_at: datetime | None
    begun_at: datetime | None


@dataclass(frozen=True)
class Pause:
    """Why a channel sends nothing (``reach`` account) or no notices, and until when."""

    reach: str
    code: str
    person: bool
    since: datetime
    until: datetime


@dataclass(frozen=True)
class Progress:
    """How far the planning of a notice has come, in recipients."""

    done: int
    total: int


@dataclass(frozen=True)
class Reviewed:
    """A masked phrase for staff: why it is kept, what it was taken for and what was meant.

    ``picked`` is the intent the citizen chose, or "". ``seen`` counts how often it was said.
    """

    id: int
    at: datetime
    reason: str
    text: str
    guessed: str
    confidence: float
    picked: str
    seen: int


@dataclass(frozen=True)
class Purged:
    """How many things one purge forgot or removed."""

    texts: int
    replies: int
    rows: int
    citizens: int


@dataclass(frozen=True)
class Backlog:
    """Inbound messages not yet answered and when the oldest of them came (None if none)."""

    waiting: int
    oldest_at: datetime | None
