"""Acts of the running talk, told apart before any classifier: a choice, "go on", STOP, danger."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.core.vietnamese import fold

_CHOICE = re.compile(
    r"^(?:(?:so|cau|muc|cai|chon|y|thu|dong)\s+)*(?P<which>\w+)(?:\s+(?:nha|a|nhe|di))?$"
)
_NOT_WORDS = re.compile(r"[^\w\s]+")


@dataclass(frozen=True)
class Acts:
    """The words of each act, folded; read from ``bot/wording/acts.yml``."""

    stop: frozenset[str]
    more: frozenset[str]
    again: frozenset[str]
    human: tuple[str, ...]
    menu: frozenset[str]
    danger: tuple[str, ...]
    not_danger: tuple[str, ...]
    ordinals: Mapping[str, int]

    @classmethod
    def from_lists(cls, data: Mapping[str, Any]) -> Acts:
        """Build the acts from plain lists of phrases, marks and capitals aside."""
        lists = {
            name: [fold(str(phrase)) for phrase in value]
            for name, value in data.items()
            if name != "ordinals"
        }
        ordinals = {fold(word): int(number) for word, number in data["ordinals"].items()}
        return cls(
            stop=frozenset(lists["stop"]),
            more=frozenset(lists["more"]),
            again=frozenset(lists["again"]),
            human=tuple(lists["human"]),
            menu=frozenset(lists["menu"]),
            danger=tuple(lists["danger"]),
            not_danger=tuple(lists["not_danger"]),
            ordinals=ordinals,
        )

    def is_stop(self, text: str) -> bool:
        """Whether the whole text is a STOP."""
        return plain(text) in self.stop

    def is_more(self, text: str) -> bool:
        """Whether the citizen wants the next page."""
        return plain(text) in self.more

    def is_again(self, text: str) -> bool:
        """Whether the citizen wants the last answer again."""
        return plain(text) in self.again

    def is_menu(self, text: str) -> bool:
        """Whether the citizen wants the menu."""
        return plain(text) in self.menu

    def wants_human(self, text: str) -> bool:
        """Whether the text asks for a person in so many words."""
        return _holds(plain(text), self.human)

    def in_danger(self, text: str) -> bool:
        """Whether somebody may be in danger now; figures of speech aside."""
        folded = plain(text)
        return _holds(folded, self.danger) and not _holds(folded, self.not_danger)

    def choice(self, text: str, choices: str) -> str | None:
        """Return the payload a short answer picks from ``choices`` (JSON list), or None."""
        match = _CHOICE.match(plain(text))
        if not match:
            return None
        which = match["which"]
        number = int(which) if which.isdecimal() and len(which) < 3 else self.ordinals.get(which)
        payloads = json.loads(choices)
        return payloads[number - 1] if number and 0 < number <= len(payloads) else None


def plain(text: str) -> str:
    """Return the text folded, without punctuation, spaces single.

    >>> plain("  DỪNG!! ")
    'dung'
    """
    return " ".join(_NOT_WORDS.sub(" ", fold(text)).split())


def _holds(text: str, phrases: Sequence[str]) -> bool:
    padded = f" {text} "
    return any(f" {phrase} " in padded for phrase in phrases)
