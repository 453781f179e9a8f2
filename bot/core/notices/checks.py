"""Is a notice fit to be sent: what is missing, what stands in the wrong place, what is too long.

Only codes and figures come from here; the sentences stand in ``bot/wording/notices/checks.yml``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from bot.core.notices.notice import CUTS, HTTPS, Notice
from bot.core.notices.templates import blanks
from bot.core.vietnamese import fold, normalise

OPENING = 200  # letters of title and text that people read before they swipe it away
MOST_TEXT = {"web": 4000, "zalo": 2000, "zalo_bot": 2000}
_MARK = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Finding:
    """One thing found. ``blocks``: it cannot be submitted like this. ``data`` fills the words."""

    code: str
    blocks: bool
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Words:
    """What the opening is searched for: ``phenomena`` by topic slug, places, and moments.

    ``places`` are words like "the whole province"; ``names_place`` knows the names of places.
    ``needs_hotline`` names topics where people may have to call.
    """

    phenomena: Mapping[str, Sequence[str]]
    places: Sequence[str]
    names_place: Callable[[str], bool]
    moment: re.Pattern[str]
    needs_hotline: frozenset[str]
    official: tuple[str, ...] = (".gov.vn",)

    @classmethod
    def from_lists(
        cls,
        lists: Mapping[str, Any],
        topics: Mapping[str, Sequence[str]],
        names_place: Callable[[str], bool],
    ) -> Words:
        """Return the words of ``checks.yml`` joined with the topics' names."""
        more = lists.get("phenomena", {})
        named = {
            slug: tuple(_plain(word) for word in (*words, *more.get(slug, ())))
            for slug, words in topics.items()
        }
        moments = "|".join(lists["moments"])
        return cls(
            phenomena=named,
            places=tuple(_plain(place) for place in lists.get("places", ())),
            names_place=names_place,
            moment=re.compile(rf"(?<!\w)(?:{moments})(?!\w)"),
            needs_hotline=frozenset(lists.get("needs_hotline", ())),
        )


def check(
    notice: Notice, words: Words, lengths: Mapping[str, int], now: datetime
) -> tuple[Finding, ...]:
    """Return what is wrong or doubtful, the blocking ones first.

    ``lengths`` is how many letters the notice has on each channel, source and topic included.
    """
    found = [*_missing(notice), *_too_long(lengths), *_times(notice, now), *_links(notice, words)]
    found += [*_opening(notice, words), *_sources(notice, words)]
    return tuple(sorted(found, key=lambda finding: not finding.blocks))


def blocking(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the findings that forbid submitting."""
    return tuple(finding for finding in findings if finding.blocks)


def _missing(notice: Notice) -> list[Finding]:
    needed = {"title": notice.title, "body": notice.body, "issuer": notice.issuer}
    found = [Finding(f"no_{name}", blocks=True) for name, value in needed.items() if not value]
    if notice.audience.is_empty:
        found.append(Finding("no_audience", blocks=True))
    if notice.audience.everyone and not notice.is_emergency:
        found.append(Finding("emergency_only", blocks=True))
    lines = f"{notice.title}\n{notice.body}".split("\n")
    if any(line.strip() in CUTS for line in lines):
        found.append(Finding("cut_line", blocks=True))
    texts = (notice.title, notice.body, notice.issuer, notice.number, notice.document_date)
    if left := blanks(*texts, notice.hotline, notice.url):
        found.append(Finding("blank_left", blocks=True, data={"blank": left[0]}))
    return found


def _too_long(lengths: Mapping[str, int]) -> list[Finding]:
    return [
        Finding("too_long", blocks=True, data={"channel": name, "length": length, "most": most})
        for name, length in sorted(lengths.items())
        # A further account of a platform is called after it: zalo-123.
        if (most := MOST_TEXT.get(name.partition("-")[0])) and length > most
    ]


def _times(notice: Notice, now: datetime) -> list[Finding]:
    found = []
    start = max(notice.send_at or now, now)
    if notice.send_at and notice.send_at < now:
        found.append(Finding("send_at_past", blocks=False))
    if notice.expires_at and notice.expires_at <= start:
        found.append(Finding("expires_first", blocks=True))
    if notice.expires_at is None and notice.is_urgent:
        found.append(Finding("no_expiry", blocks=False))
    return found


def _links(notice: Notice, words: Words) -> list[Finding]:
    if not notice.url:
        return []
    if not HTTPS.fullmatch(notice.url):
        return [Finding("not_https", blocks=True)]
    host = urlsplit(notice.url).hostname or ""
    official = any(host.endswith(end) for end in words.official)
    return [] if official else [Finding("not_official", blocks=False, data={"host": host})]


def _opening(notice: Notice, words: Words) -> list[Finding]:
    """Look for phenomenon, place and moment where people read first."""
    opening = _plain(f"{notice.title}\n{notice.body}"[:OPENING])
    known = words.phenomena.get(notice.topic, ())
    late = []
    if known and not _names(opening, known):
        late.append(Finding("no_phenomenon_first", blocks=False))
    if not (_names(opening, words.places) or words.names_place(opening)):
        late.append(Finding("no_area_first", blocks=False))
    if not words.moment.search(fold(opening)):
        late.append(Finding("no_time_first", blocks=False))
    return late


def _plain(text: str) -> str:
    """Return the text in lower case; marks count: an announcement is no storm."""
    return normalise(text).lower()


def _names(text: str, phrases: Sequence[str]) -> bool:
    spaced = f" {' '.join(_MARK.findall(text))} "
    return any(f" {' '.join(_MARK.findall(phrase))} " in spaced for phrase in phrases)


def _sources(notice: Notice, words: Words) -> list[Finding]:
    found = []
    if not (notice.number or notice.url):
        found.append(Finding("no_source", blocks=True))
    if notice.number and not notice.document_date:
        found.append(Finding("no_document_date", blocks=False))
    needs = notice.is_urgent or notice.topic in words.needs_hotline
    if needs and not notice.hotline:
        found.append(Finding("no_hotline", blocks=notice.is_urgent))
    return found
