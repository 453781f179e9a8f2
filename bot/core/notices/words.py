"""A notice as citizens read it: the same words for preview, length and sending."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from bot.core.announcements.announcement import Announcement, Topics
from bot.core.desk import Wording
from bot.core.messages import Reply
from bot.core.notices.notice import Notice

SAMPLE_CODE = "ABCDEFG"  # as long as a real one


def announced(notice: Notice, code: str, now: datetime) -> Announcement:
    """Return the announcement a notice becomes; its id comes with the store."""
    return Announcement(
        id=0,
        topic=notice.topic,
        title=notice.title,
        body=notice.body,
        issuer=notice.issuer,
        published_at=now,
        area=notice.area,
        number=notice.number or None,
        url=notice.url or None,
        hotline=notice.hotline or None,
        urgent=notice.is_urgent,
        expires_at=notice.expires_at,
        code=code,
        corrects=notice.audience.corrects,
    )


class NoticeWords:
    """Renders notices. ``name_of`` gives the name citizens know an earlier announcement by."""

    def __init__(self, wording: Wording, topics: Topics, name_of: Callable[[int], str]) -> None:
        self._wording = wording
        self._topics = topics
        self._name_of = name_of

    def reply(self, announcement: Announcement, notice: Notice) -> Reply:
        """Return the message everybody gets."""
        corrects = notice.audience.corrects
        (reply,) = self._wording.replies(
            "notices/notice",
            announcement=announcement,
            document_date=notice.document_date,
            topic=self._topics.find(notice.topic),
            chosen=bool(notice.audience.topics),
            everyone=notice.audience.everyone,
            corrected=self._name_of(corrects) if corrects is not None else "",
        )
        return reply

    def preview(self, notice: Notice, now: datetime, code: str = SAMPLE_CODE) -> Reply:
        """Return what would be sent now."""
        return self.reply(announced(notice, code, now), notice)

    def lengths(self, notice: Notice, channels: Iterable[str], now: datetime) -> dict[str, int]:
        """Return how many letters the message has on each channel."""
        length = len(self.preview(notice, now).text)
        return dict.fromkeys(channels, length)
