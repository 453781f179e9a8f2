"""Acts of the running talk, told apart before any classifier: a choice, "go on", STOP, danger."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

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
    danger: tuple[Phrase, ...]
    danger_marked: tuple[Phrase, ...]
    not_danger: tuple[Phrase, ...]
    ordinals: Mapping[str, int]

    @classmethod
    def from_lists(cls, data: Mapping[str, Any]) -> Acts:
        """Build the acts from plain lists of phrases."""
        lists = {
            name: tuple(_phrase(str(text)) for text in texts)
            for name, texts in data.items()
            if name != "ordinals"
        }
        ordinals = {fold(word): int(number) for word, number in data["ordinals"].items()}
        return cls(**lists, ordinals=ordinals)

    def is_stop(self, text: str) -> bool:
        """Whether the whole text is a STOP. "Đúng" is not "dừng"."""
        return _is(text, self.stop)

    def is_assent(self, text: str) -> bool:
        """Whether a text that could be a STOP without marks is a yes where one was asked for."""
        return _is(text, self.assent)

    def is_more(self, text: str) -> bool:
        """Whether the citizen wants the next page."""
        return _is(text, self.more)

    def is_again(self, text: str) -> bool:
        """Whether the citizen wants the last answer again."""
        return _is(text, self.again)

    def is_menu(self, text: str) -> bool:
        """Whether the citizen wants the menu."""
        return _is(text, self.menu)

    def wants_human(self, text: str) -> bool:
        """Whether the text asks for a person in so many words."""
        return _holds(text, self.human)

    def in_danger(self, text: str) -> bool:
        """Whether somebody may be in danger now; figures of speech aside."""
        if _holds(text, self.not_danger):
            return False
        return _holds(text, self.danger) or _holds(text, self.danger_marked, marked=True)

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


@lru_cache(maxsize=8)  # one message is looked at for every act
def _phrase(text: str) -> Phrase:
    """Return the words of ``text``, each as written (lower case) and folded."""
    return tuple((word, fold(word)) for word in _WORDS.findall(normalise(text).lower()))


def _same(said: tuple[str, str], meant: tuple[str, str], marked: bool) -> bool:
    """Whether a word is the word meant; one written without marks may stand for it."""
    written, folded = said
    return written == meant[0] or (not marked and written == folded == meant[1])


def _is(text: str, phrases: Sequence[Phrase]) -> bool:
    words = _phrase(text)
    return any(_starts(words, phrase, 0, False) for phrase in phrases if len(phrase) == len(words))


def _holds(text: str, phrases: Sequence[Phrase], marked: bool = False) -> bool:
    words = _phrase(text)
    by_first = _by_first_word(tuple(phrases))
    return any(
        _starts(words, phrase, start, marked)
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


def _starts(words: Phrase, phrase: Phrase, start: int, marked: bool) -> bool:
    part = words[start : start + len(phrase)]
    return all(_same(said, meant, marked) for said, meant in zip(part, phrase, strict=True))
