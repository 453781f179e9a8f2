"""Acts of the running talk, told apart before any classifier: a choice, "go on", STOP, danger."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from bot.core.conversation.danger import Dangers
from bot.core.conversation.stops import Stops
from bot.core.vietnamese import fold, normalise

_CHOICE = re.compile(
    r"^(?:(?:con|so|cau|muc|cai|chon|y|thu|dong)\s+)*(?P<which>\w+(?: tien| cung)?)"
    r"(?:\s+(?:nha|nhen|nghen|a|nhe|di|do|kia|ne|sao roi|thi sao|xem sao))*$"
)
LAST = -1  # what "cuối" stands for among the ordinals
_WORDS = re.compile(r"\w+")

Phrase = tuple[tuple[str, str], ...]  # each word as written and folded


@dataclass(frozen=True)
class Acts:
    """The phrases of each act; read from ``bot/wording/acts.yml``.

    A word written with marks must carry the right ones; a word without marks may stand for any.
    """

    stop: tuple[Phrase, ...]
    more: tuple[Phrase, ...]
    again: tuple[Phrase, ...]
    human: tuple[Phrase, ...]
    menu: tuple[Phrase, ...]
    assent: tuple[Phrase, ...]
    correction: tuple[Phrase, ...]
    likewise: tuple[Phrase, ...]
    no_comma: tuple[Phrase, ...]
    erase_yes: tuple[Phrase, ...]
    erase_no: tuple[Phrase, ...]
    not_that: tuple[Phrase, ...]
    dangers: Dangers
    ordinals: Mapping[str, int]
    bot_back: tuple[Phrase, ...] = ()
    stops: Stops = field(default_factory=lambda: Stops({}))

    @classmethod
    def from_lists(cls, data: Mapping[str, Any]) -> Acts:
        """Build the acts from plain lists of phrases."""
        lists = {
            name: tuple(_phrase(str(text)) for text in texts)
            for name, texts in data.items()
            if name not in ("ordinals", "dangers", "stops")
        }
        ordinals = {fold(word): int(number) for word, number in data["ordinals"].items()}
        dangers = Dangers.from_lists(data["dangers"])
        stops = Stops(data.get("stops", {}))
        return cls(**lists, dangers=dangers, ordinals=ordinals, stops=stops)

    def is_stop(self, text: str) -> bool:
        """Whether the whole text is a STOP. "Đúng" is not "dừng"."""
        return _is(text, self.stop) or self.stops.mean(text)

    def is_assent(self, text: str) -> bool:
        """Whether a text that could be a STOP without marks is a yes where one was asked for."""
        return _is(text, self.assent)

    def is_erase_yes(self, text: str) -> bool:
        """Whether the whole text can only mean "yes, erase it"."""
        return _is(text, self.erase_yes)

    def is_erase_no(self, text: str) -> bool:
        """Whether the whole text refuses the erasure. "Dung" may be a yes, so it does not."""
        return _is(text, self.erase_no) and not self.is_assent(text)

    def is_more(self, text: str) -> bool:
        """Whether the citizen wants the next page."""
        return _is(text, self.more)

    def is_again(self, text: str) -> bool:
        """Whether the citizen wants the last answer again."""
        return _is(text, self.again)

    def is_menu(self, text: str) -> bool:
        """Whether the citizen wants the menu."""
        return _is(text, self.menu)

    def is_bot_back(self, text: str) -> bool:
        """Whether the citizen calls the desk back while a person talks to them."""
        return _is(text, self.bot_back)

    def wants_human(self, text: str) -> bool:
        """Whether the text asks for a person in so many words."""
        return _holds(text, self.human)

    def in_danger(self, text: str) -> bool:
        """Whether somebody may be in danger now; figures of speech aside."""
        return bool(self.dangers.seen_in(text))

    def after_correction(self, text: str) -> str | None:
        """Return what follows "không, ý tôi là …" or "không phải bằng lái, …", or None."""
        if rest := _after(text, self.correction):
            return rest
        first, comma, rest = normalise(text).partition(",")
        says_no = _is(first, self.no_comma) or _after(first, self.not_that)
        return rest.strip() if comma and says_no and plain(rest) else None

    def after_likewise(self, text: str) -> str | None:
        """Return what follows "còn …", "thế còn …": the same question of another matter."""
        return _after(text, self.likewise)

    def is_choice(self, text: str) -> bool:
        """Whether the text can only be a choice: "2", "2 nha", "cái thứ hai"; not "hai" alone."""
        words = plain(text)
        match = _CHOICE.match(words)
        which = match["which"] if match else ""
        if which.isdecimal():
            return len(which) < 3
        return which in self.ordinals and words != which

    def choice(self, text: str, choices: str) -> str | None:
        """Return the payload a short answer picks from ``choices`` (JSON list), or None."""
        match = _CHOICE.match(plain(text))
        if not match:
            return None
        which = match["which"]
        number = int(which) if which.isdecimal() and len(which) < 3 else self.ordinals.get(which)
        payloads = json.loads(choices)
        if number == LAST:
            number = len(payloads)
        return payloads[number - 1] if number and 0 < number <= len(payloads) else None


def plain(text: str) -> str:
    """Return the text folded, without punctuation, spaces single.

    >>> plain("  DỪNG!! ")
    'dung'
    """
    return " ".join(_WORDS.findall(fold(text)))


def _after(text: str, phrases: Sequence[Phrase]) -> str | None:
    """Return the rest of ``text`` after the longest phrase it starts with, None if nothing is."""
    words = _phrase(text)
    fitting = [len(p) for p in phrases if len(p) < len(words) and _starts(words, p, 0)]
    if not fitting:
        return None
    spoken = normalise(text)
    return spoken[list(_WORDS.finditer(spoken))[max(fitting)].start() :]


@lru_cache(maxsize=8)  # one message is looked at for every act
def _phrase(text: str) -> Phrase:
    """Return the words of ``text``, each as written (lower case) and folded."""
    return tuple((word, fold(word)) for word in _WORDS.findall(normalise(text).lower()))


def _same(said: tuple[str, str], meant: tuple[str, str]) -> bool:
    """Whether a word is the word meant; one written without marks may stand for it."""
    written, folded = said
    return written == meant[0] or written == folded == meant[1]


def _is(text: str, phrases: Sequence[Phrase]) -> bool:
    words = _phrase(text)
    return any(_starts(words, phrase, 0) for phrase in phrases if len(phrase) == len(words))


def _holds(text: str, phrases: Sequence[Phrase]) -> bool:
    words = _phrase(text)
    by_first = _by_first_word(tuple(phrases))
    return any(
        _starts(words, phrase, start)
        for start, (_, folded) in enumerate(words)
        for phrase in by_first.get(folded, ())
        if start + len(phrase) <= len(words)
    )


@lru_cache(maxsize=16)
def _by_first_word(phrases: tuple[Phrase, ...]) -> Mapping[str, Sequence[Phrase]]:
    """Return the phrases by their first word folded: a text starts few of them."""
    found: dict[str, list[Phrase]] = defaultdict(list)
    for phrase in phrases:
        found[phrase[0][1]].append(phrase)
    return dict(found)


def _starts(words: Phrase, phrase: Phrase, start: int) -> bool:
    part = words[start : start + len(phrase)]
    return len(part) == len(phrase) and all(
        _same(said, meant) for said, meant in zip(part, phrase, strict=True)
    )
