"""A notice as citizens read it: the same words for preview, length and sending."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import datetime

from bot.core.announcements.announcement import Announcement, Topics
from bot.core.announcements.pages import Pages
from bot.core.desk import Wording
from bot.core.messages import Reply
from bot.core.notices.notice import Audience, Notice
from bot.core.plain import written_out

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
        document_date=notice.document_date or None,
        attachment_name=notice.attachment_name or None,
        attachment_digest=notice.attachment_digest or None,
        picture_digest=notice.picture_digest or None,
    )


def _only_chosen(audience: Audience) -> bool:
    """Whether everybody who gets it chose the topic: who is on a list may have chosen nothing."""
    others = audience.uploaded or audience.dossier_states
    return bool(audience.topics) and not others


class NoticeWords:
    """Renders notices. ``name_of`` gives the name citizens know an earlier announcement by.

    ``pages`` are the addresses given in them; ``plain`` names the channels without buttons.
    """

    def __init__(
        self,
        wording: Wording,
        topics: Topics,
        name_of: Callable[[int], str],
        pages: Pages = Pages(),  # noqa: B008 - a value that never changes
        plain: Collection[str] = (),
    ) -> None:
        self._wording = wording
        self._topics = topics
        self._name_of = name_of
        self._pages = pages
        self._plain = plain

    def reply(self, announcement: Announcement, notice: Notice) -> Reply:
        """Return the message everybody gets.

        Beside a picture there is no room for buttons on every platform, and a notice is one
        message: its links then stand in the text.
        """
        corrects = notice.audience.corrects
        (reply,) = self._wording.replies(
            "notices/notice",
            announcement=announcement,
            topic=self._topics.find(notice.topic),
            chosen=_only_chosen(notice.audience),
            everyone=notice.audience.everyone,
            corrected=self._name_of(corrects) if corrects is not None else "",
            pages=self._pages,
        )
        if not announcement.picture_digest or not self._pages.open:
            return reply
        picture = self._pages.picture(announcement.code)
        return replace(written_out(reply), image_url=picture)

    def preview(self, notice: Notice, now: datetime, code: str = SAMPLE_CODE) -> Reply:
        """Return what would be sent now."""
        return self.reply(announced(notice, code, now), notice)

    def lengths(self, notice: Notice, channels: Iterable[str], now: datetime) -> dict[str, int]:
        """Return how many letters the message has on each channel."""
        reply = self.preview(notice, now)
        plain, pressed = len(written_out(reply).text), len(reply.text)
        return {name: plain if name in self._plain else pressed for name in channels}
