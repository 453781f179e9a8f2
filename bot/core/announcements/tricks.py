"""Known tricks of swindlers, told by the words of a message or of a story."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.core.phrases import Phrases, spaced
from bot.core.vietnamese import fold, normalise

# "https://tinh.gov.vn@evil.com" leads to evil.com: what stands before the @ is only a name.
_USER = re.compile(r"((?:[a-z]+:)?//)[^/?#\s]*@")
_HOST = re.compile(
    r"(?P<scheme>https?://|www\.)?(?<![@\w.-])"
    r"(?P<host>(?:\d{1,3}\.){3}\d{1,3}|(?:[\w-]+\.)+(?:xn--[a-z0-9-]+|[a-z]{2,}))(?![\w@])"
)


@dataclass(frozen=True)
class Trick:
    """A known trick: its name, what is true instead, and its words."""

    slug: str
    name: str
    truth: str
    phrases: Phrases


@dataclass(frozen=True)
class Tricks:
    """All known tricks, the most telling first; read from ``bot/wording/scams/tricks.yml``."""

    known: tuple[Trick, ...]
    lost: Phrases
    not_yet: Phrases
    domains: frozenset[str]  # ends of web addresses written without "https"
    asking: frozenset[str] = frozenset()  # folded words said around what is asked about
    topic: str = ""  # of warnings of fraud

    @classmethod
    def from_lists(cls, data: Mapping[str, Any]) -> Tricks:
        """Build from plain lists of phrases."""
        names = data["names"]
        known = tuple(
            Trick(row["slug"], row["name"], row["truth"], Phrases(row["phrases"], names))
            for row in data["tricks"]
        )
        lost, not_yet = Phrases(data["lost"], names), Phrases(data["not_yet"], names)
        asking = frozenset(fold(word) for word in data["asking"])
        return cls(known, lost, not_yet, frozenset(data["domains"]), asking, str(data["topic"]))

    def seen_in(self, text: str) -> tuple[Trick, ...]:
        """Return the tricks a text tells of."""
        words = spaced(text)
        return tuple(trick for trick in self.known if trick.phrases.found_in(words))

    def hosts_in(self, text: str) -> tuple[str, ...]:
        """Return the web hosts a text names, in small letters.

        >>> Tricks((), Phrases([]), Phrases([]), frozenset(["com"])).hosts_in("xem Vneid-vn.com/a")
        ('vneid-vn.com',)
        >>> known = Tricks((), Phrases([]), Phrases([]), frozenset())
        >>> known.hosts_in("https://dichvucong.gov.vn:443@evil.com/x http://103.25.6.7/v.apk")
        ('evil.com', '103.25.6.7')
        """
        found = []
        for match in _HOST.finditer(_USER.sub(r"\1", normalise(text).lower())):
            host = match["host"]
            if match["scheme"] or host.rpartition(".")[2] in self.domains:
                found.append(host)
        return tuple(dict.fromkeys(found))

    def harm_done(self, text: str) -> bool:
        """Whether money, a code or the phone is already in wrong hands."""
        return self.lost.found_in(self.not_yet.without(spaced(text)))
