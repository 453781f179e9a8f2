"""Is this message, call or link real: compared with what was published and with known tricks.

Nothing is ever called safe. A text that is one of our notices is shown as we published it, so
that what was changed in the copy is seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta, tzinfo
from typing import Protocol

from bot.core.announcements.announcement import Announcement, Topic, Topics
from bot.core.announcements.likeness import compare, telling_words
from bot.core.announcements.tricks import Trick, Tricks
from bot.core.desk import Answer, Ask, Wording
from bot.core.vietnamese import fold

_LOOKED_THROUGH = 300  # newest notices, expired ones too
_OLDEST = timedelta(days=365)
_ENOUGH_TO_SEARCH = 3  # telling words
_SHOWN = 2
_OFFICIAL = ".gov.vn"
_WARNING = "canh bao"  # folded: how titles of warnings begin


class Published(Protocol):
    """Everything published, also what has expired."""

    def recent(self, limit: int = 20) -> Sequence[Announcement]:
        """Return the newest announcements, expired ones too."""


class VerifyAnswers:
    """Answers ``verify_notice``."""

    def __init__(
        self,
        published: Published,
        topics: Topics,
        tricks: Tricks,
        wording: Wording,
        zone: tzinfo,
    ) -> None:
        self._published = published
        self._topics = topics
        self._tricks = tricks
        self._wording = wording
        self._zone = zone

    def first_aid(self, ask: Ask) -> Answer | None:
        """Return the urgent steps when money, a code or the phone is already in wrong hands."""
        return self._say("scams/lost") if self._tricks.harm_done(ask.text) else None

    def verify(self, ask: Ask) -> Answer:
        """Answer by the first that holds: harm done, our notice, a known trick, same matter."""
        if self._tricks.harm_done(ask.text) or ask.first("aspect") == "lost":
            return self._say("scams/lost")
        alike = compare(ask.text, self._notices(ask), self._tricks.asking)
        hosts = self._tricks.hosts_in(ask.text)
        same = [item.notice for item in alike if item.same_matter or item.is_copy][:_SHOWN]
        tricks = self._tricks.seen_in(ask.text)
        if alike and alike[0].is_copy and not self._added(tricks, same[0]):
            return self._ours(same[0], hosts, ask)
        if tricks:
            warnings = [notice for notice in same if _warns(notice)]
            shown = tricks[:_SHOWN]
            return self._say("scams/known", tricks=shown, warnings=warnings, links=_links(hosts))
        if same:
            strange = self._strange(hosts, same)
            return self._say("scams/same", notices=same, strange=strange, now=ask.now)
        if hosts:
            return self._say("scams/link", links=_links(hosts))
        topic = self._topic(ask)
        few = len(telling_words(ask.text, self._tricks.asking)) < _ENOUGH_TO_SEARCH
        return self._say("scams/ask" if few and not topic else "scams/not_found", topic=topic)

    def _notices(self, ask: Ask) -> Sequence[Announcement]:
        """Return what was published so far; what comes later is nobody's to know yet."""
        recent = self._published.recent(_LOOKED_THROUGH)
        return [item for item in recent if ask.now - _OLDEST < item.published_at <= ask.now]

    def _ours(self, notice: Announcement, hosts: Sequence[str], ask: Ask) -> Answer:
        strange = self._strange(hosts, [notice])
        return self._say("scams/ours", notice=notice, strange=strange, now=ask.now)

    def _added(self, tricks: Sequence[Trick], notice: Announcement) -> bool:
        """Whether a copy tells of a trick that the notice itself says nothing of."""
        own = self._tricks.seen_in(f"{notice.title} {notice.body}")
        return any(trick not in own for trick in tricks)

    def _strange(self, hosts: Sequence[str], notices: Sequence[Announcement]) -> list[str]:
        """Return the hosts that none of our notices names."""
        told = " ".join(f"{notice.url or ''} {notice.body}" for notice in notices)
        own = self._tricks.hosts_in(told)
        return [host for host in hosts if host not in own]

    def _topic(self, ask: Ask) -> Topic | None:
        """Return what the text is about, to offer its notices; all such texts are about fraud."""
        topic = self._topics.find(ask.text)
        return None if topic == self._topics.find(self._tricks.topic) else topic

    def _say(self, name: str, **data: object) -> Answer:
        return Answer(self._wording.replies(name, zone=self._zone, **data))


def _warns(notice: Announcement) -> bool:
    return fold(notice.title).startswith(_WARNING)


def _links(hosts: Sequence[str]) -> list[tuple[str, bool]]:
    """Return each host with whether it belongs to an authority."""
    return [(host, host.endswith(_OFFICIAL) or host == _OFFICIAL[1:]) for host in hosts]
