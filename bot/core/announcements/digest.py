"""A digest: what was gathered for somebody, in one message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from bot.core.announcements.announcement import Announcement
from bot.core.announcements.pages import Pages
from bot.core.desk import Wording
from bot.core.messages import Reply

MOST = 5  # named in one message; the page has the rest


@dataclass(frozen=True)
class Gathered:
    """One announcement in a digest; where a ``correction`` puts it right, that one is told."""

    announcement: Announcement
    correction: Announcement | None = None


class DigestWords:
    """Renders digests."""

    def __init__(self, wording: Wording, zone: tzinfo, pages: Pages) -> None:
        self._wording = wording
        self._zone = zone
        self._pages = pages

    def reply(self, gathered: Sequence[Gathered]) -> Reply:
        """Return the message for what was gathered, newest first."""
        (reply,) = self._wording.replies(
            "announcements/digest",
            items=gathered[:MOST],
            more=len(gathered) - MOST if len(gathered) > MOST else 0,
            zone=self._zone,
            pages=self._pages,
        )
        return reply
