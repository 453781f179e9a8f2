"""Is this message, call or link real: compared with what was published and with known tricks.

Nothing is ever called safe. A text that is one of our notices is shown as we published it, so
that what was changed in the copy is seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta, tzinfo
from typing import Protocol

from bot.core.announcements.announcement import Announcement, Topic, Topics, corrections
from bot.core.announcements.codes import codes_in, named_code
from bot.core.announcements.likeness import compare, telling_words
from bot.core.announcements.pages import Pages
from bot.core.announcements.tricks import Trick, Tricks
from bot.core.desk import Answer, Ask, Wording
from bot.core.vietnamese import fold, fold_tokens

_LOOKED_THROUGH = 300  # newest notices, expired ones too
_OLDEST = timedelta(days=365)
_ENOUGH_TO_SEARCH = 3  # telling words
_SHOWN = 2
_WHOLE = 0.9  # of a notice's runs of words: it stands in the text
_A_MESSAGE = 12  # telling words: more than a question about a code
_MOST_CODES = 8  # that are looked up for one text
_OFFICIAL = ".gov.vn"
_NOTICE = "thong bao"  # folded
_WARNING = "canh bao"  # folded: how titles of warnings begin


class Published(Protocol):
    """Everything published, also what has expired."""

    def recent(self, limit: int = 20) -> Sequence[Announcement]:
        """Return the newest announcements, expired ones too."""

    def by_code(self, code: str) -> Announcement | None:
        """Return the announcement with the short code printed in it, or None."""

    def named(self, ids: Iterable[int]) -> Mapping[int, Announcement]:
        """Return announcements by their ids; unknown ones are left out."""


class VerifyAnswers:
    """Answers ``verify_notice``."""

    def __init__(
        self,
        published: Published,
        topics: Topics,
        tricks: Tricks,
        wording: Wording,
        zone: tzinfo,
        pages: Pages = Pages(),  # noqa: B008 - a value that never changes
    ) -> None:
        self._published = published
        self._topics = topics
        self._tricks = tricks
        self._wording = wording
        self._zone = zone
        self._pages = pages

    def first_aid(self, ask: Ask) -> Answer | None:
        """Return the urgent steps when money, a code or the phone is already in wrong hands."""
        return self._say("scams/lost") if self._tricks.harm_done(ask.text) else None

    def verify(self, ask: Ask) -> Answer:
        """Answer by the first that holds: harm done, a code, our notice, a trick, same matter."""
        if self._tricks.harm_done(ask.text) or ask.first("aspect") == "lost":
            return self._say("scams/lost")
        return self._by_code(ask) or self._by_text(ask)

    def _by_code(self, ask: Ask) -> Answer | None:
        """Answer by the code a text names; None when it names none, or a trick hides behind it."""
        tricks, hosts = self._tricks.seen_in(ask.text), self._tricks.hosts_in(ask.text)
        named = (self._published.by_code(code) for code in codes_in(ask.text)[:_MOST_CODES])
        notice = next((item for item in named if item and item.published_at <= ask.now), None)
        if notice is None:
            missing = None if tricks else named_code(ask.text)
            return self._say("scams/no_code", code=missing) if missing else None
        if self._added(tricks, notice):
            return None
        if self._is_of(notice, ask.text):
            return self._ours(notice, hosts, ask)
        asked = telling_words(ask.text, self._tricks.asking)
        differs = len(asked) >= _A_MESSAGE
        return self._about("scams/coded", [notice], hosts, ask, notice=notice, differs=differs)

    def _is_of(self, notice: Announcement, text: str) -> bool:
        """Whether a text is the notice, or holds all of it among what is printed around it."""
        held = replace(notice, title="", issuer="", body=text)
        whole = f"{notice.title} {notice.body}"
        return compare(text, [notice])[0].is_copy or compare(whole, [held])[0].copied >= _WHOLE

    def _by_text(self, ask: Ask) -> Answer:
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
            return self._about("scams/same", same, hosts, ask, notices=same)
        return self._unknown(hosts, ask)

    def _unknown(self, hosts: Sequence[str], ask: Ask) -> Answer:
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
        return self._about("scams/ours", [notice], hosts, ask, notice=notice)

    def _about(
        self,
        name: str,
        shown: Sequence[Announcement],
        hosts: Sequence[str],
        ask: Ask,
        **data: object,
    ) -> Answer:
        """Say something about notices: what became of them, and which links are not theirs."""
        return self._say(
            name,
            strange=self._strange(hosts, shown),
            corrections=corrections(self._published, shown),
            now=ask.now,
            pages=self._pages,
            **data,
        )

    def _added(self, tricks: Sequence[Trick], notice: Announcement) -> bool:
        """Whether a copy tells of a trick that the notice itself says nothing of."""
        own = self._tricks.seen_in(f"{notice.title} {notice.body}")
        return any(trick not in own for trick in tricks)

    def _strange(self, hosts: Sequence[str], notices: Sequence[Announcement]) -> list[str]:
        """Return the hosts that none of our notices names."""
        told = " ".join(f"{notice.url or ''} {notice.body}" for notice in notices)
        told = f"{told} {self._pages.address}"
        own = self._tricks.hosts_in(told)
        return [host for host in hosts if host not in own]

    def _topic(self, ask: Ask) -> Topic | None:
        """Return what the text is about, to offer its notices; all such texts are about fraud."""
        said = " ".join(fold_tokens(ask.text)).replace(_NOTICE, " ")  # no "bão" in "thông báo"
        topic = self._topics.find(said)
        return None if topic == self._topics.find(self._tricks.topic) else topic

    def _say(self, name: str, **data: object) -> Answer:
        return Answer(self._wording.replies(name, zone=self._zone, **data))


def _warns(notice: Announcement) -> bool:
    return fold(notice.title).startswith(_WARNING)


def _links(hosts: Sequence[str]) -> list[tuple[str, bool]]:
    """Return each host with whether it belongs to an authority."""
    return [(host, host.endswith(_OFFICIAL) or host == _OFFICIAL[1:]) for host in hosts]
