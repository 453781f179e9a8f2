"""Files the account uploaded, articles it wrote, media citizens sent: all of them end."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.simulator.clock import DAY, HOUR, VIETNAM, Clock

UPLOAD_LIFE, MEDIA_LIFE = 7 * DAY, 1 * HOUR
UPLOADS_PER_MONTH, BROADCASTS_PER_MONTH = 5000, 40
REVIEW = 2.0  # seconds an article is being processed before its id is known


@dataclass(frozen=True)
class Upload:
    """A picture (``attachment_id``) or a file (``token``)."""

    upload_id: str
    kind: str
    name: str
    content: bytes
    ends_at: float


@dataclass
class Monthly:
    """An allowance that is filled up at the start of each month."""

    limit: int
    month: str = ""
    used: int = 0

    def left(self, now: float) -> int:
        """Return what is left at ``now``."""
        month = datetime.fromtimestamp(now, VIETNAM).strftime("%Y-%m")
        if month != self.month:
            self.month, self.used = month, 0
        return self.limit - self.used

    def use(self, now: float) -> None:
        """Take one."""
        self.left(now)
        self.used += 1


@dataclass
class Uploads:
    """What was uploaded and may be sent for seven days."""

    clock: Clock
    month: Monthly = field(default_factory=lambda: Monthly(UPLOADS_PER_MONTH))
    kept: dict[str, Upload] = field(default_factory=dict)

    def keep(self, kind: str, name: str, content: bytes) -> Upload:
        """Keep a file and return it with its id."""
        now = self.clock.now()
        self.month.use(now)
        upload = Upload(secrets.token_urlsafe(36), kind, name, content, now + UPLOAD_LIFE)
        self.kept[upload.upload_id] = upload
        return upload

    def has_ended(self, upload_id: str) -> bool:
        """Tell whether this id was good once and is not any more."""
        upload = self.kept.get(upload_id)
        return upload is not None and upload.ends_at <= self.clock.now()


@dataclass
class Articles:
    """Articles by the token their making returned; the id is known after a review."""

    clock: Clock
    month: Monthly = field(default_factory=lambda: Monthly(BROADCASTS_PER_MONTH))
    written: dict[str, tuple[str, float, dict[str, Any]]] = field(default_factory=dict)

    def write(self, article: dict[str, Any]) -> str:
        """Keep an article and return its token."""
        token = secrets.token_urlsafe(24)
        self.written[token] = (secrets.token_hex(10), self.clock.now() + REVIEW, article)
        return token

    def id_of(self, token: str) -> str | None:
        """Return the article's id, or None while it is being processed."""
        article_id, ready_at, _ = self.written[token]
        return article_id if self.clock.now() >= ready_at else None

    def ids(self) -> set[str]:
        """Return the ids of all articles that may be broadcast."""
        return {found for token in self.written if (found := self.id_of(token))}


@dataclass
class Media:
    """What citizens sent, served at addresses that end."""

    clock: Clock
    life: float = MEDIA_LIFE
    kept: dict[str, tuple[bytes, str, float]] = field(default_factory=dict)

    def add(self, content: bytes, ending: str) -> str:
        """Keep ``content`` and return the path it is served at."""
        name = f"{secrets.token_hex(12)}.{ending}"
        self.kept[name] = (content, ending, self.clock.now() + self.life)
        return f"/media/{name}"
