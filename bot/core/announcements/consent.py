"""What somebody agreed to when they asked for news: the text, and what follows from it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.core.announcements.pace import Pace


@dataclass(frozen=True)
class Subscription:
    """A citizen's wish for news of a topic, and the stored consent to it.

    ``area`` is the slug of today's place, None the whole province; ``consent`` the version of
    the text agreed to, "" from before texts had versions.
    """

    topic: str
    area: str | None
    pace: Pace
    since: datetime
    consent: str = ""
    source: str = ""


@dataclass(frozen=True)
class ConsentText:
    """The version of the text in ``wording/announcements/consent``, and of which words it is."""

    version: str
    digest: str  # SHA-256, see ``digest_of``

    @classmethod
    def from_lists(cls, data: Mapping[str, Any]) -> ConsentText:
        """Read ``version`` and ``digest``."""
        return cls(str(data["version"]), str(data["digest"]))


def digest_of(text: str) -> str:
    """Return the digest of a text's words; how its lines are broken says nothing.

    >>> digest_of("a b") == digest_of("a  b ")
    True
    """
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()
