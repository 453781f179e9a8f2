"""Somebody in danger now, told apart from figures of speech and from papers about the past."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.core.desk import Answer, Ask, Wording
from bot.core.phrases import Phrases, spaced, untelexed


@dataclass(frozen=True)
class Danger:
    """One kind of danger: ``sure`` words always mean it, ``likely`` ones not beside papers."""

    kind: str
    call: tuple[str, ...]  # numbers, the fitting one first
    sure: Phrases
    likely: Phrases


@dataclass(frozen=True)
class Dangers:
    """All kinds of danger, the most telling first; read from ``bot/wording/danger.yml``."""

    kinds: tuple[Danger, ...]
    idioms: Phrases
    papers: Phrases

    @classmethod
    def from_lists(cls, data: Mapping[str, Any]) -> Dangers:
        """Build from plain lists of phrases."""
        names: Mapping[str, Sequence[str]] = data["names"]
        kinds = tuple(
            Danger(
                kind,
                tuple(item["call"]),
                Phrases(item.get("sure", ()), names),
                Phrases(item.get("likely", ()), names),
            )
            for kind, item in data["kinds"].items()
        )
        return cls(kinds, Phrases(data["idioms"], names), Phrases(data["papers"], names))

    def seen_in(self, text: str) -> tuple[Danger, ...]:
        """Return the dangers a text tells of; none for figures of speech."""
        words = spaced(text)
        found = self._seen(words)
        plain = untelexed(words)
        return found or (self._seen(plain) if plain != words else ())

    def _seen(self, words: str) -> tuple[Danger, ...]:
        literal = self.idioms.without(words)
        of_papers = self.papers.found_in(literal)
        return tuple(
            danger
            for danger in self.kinds
            if danger.sure.found_in(literal) or (not of_papers and danger.likely.found_in(literal))
        )


class SafetyAnswers:
    """Gives the numbers to call, the one that fits first."""

    def __init__(self, wording: Wording, dangers: Dangers) -> None:
        self._wording = wording
        self._dangers = dangers

    def safety(self, ask: Ask) -> Answer:
        """Answer a text that tells of danger."""
        seen = self._dangers.seen_in(ask.text)
        every = [number for danger in self._dangers.kinds for number in danger.call]
        numbers = dict.fromkeys([number for danger in seen for number in danger.call] + every)
        kind = seen[0].kind if seen else ""
        return Answer(self._wording.replies("talk/safety", kind=kind, numbers=list(numbers)))
