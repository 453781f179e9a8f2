"""How much of a text somebody received stands in a published notice."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache

from bot.core.announcements.announcement import Announcement
from bot.core.vietnamese import fold_tokens

_RUN = 3  # words in a row that are hardly the same by chance
_LONG_ENOUGH = 12  # words from which a copy can be told
_COPIED = 0.6  # the rest is the question around it, or what was added
_SAME_MATTER = 0.7
_FEWEST_WORDS = 3
_FEWEST_OF_TITLE = 2


@dataclass(frozen=True)
class Likeness:
    """How a notice compares with a text: shares from 0 to 1."""

    notice: Announcement
    copied: float  # of the text's runs of words, how many stand in the notice
    shared: float  # of the text's telling words, by weight, how many stand in the notice
    numbered: bool  # the text names the notice's official number

    @property
    def is_copy(self) -> bool:
        """Whether the text is the notice, near enough word for word."""
        return self.copied >= _COPIED

    @property
    def same_matter(self) -> bool:
        """Whether the text is about what the notice is about."""
        return self.numbered or self.shared >= _SAME_MATTER


def compare(
    text: str, notices: Sequence[Announcement], asking: Set[str] = frozenset()
) -> list[Likeness]:
    """Return how each notice compares with ``text``, the most alike first.

    ``asking`` are folded words people say around the thing they ask about.
    """
    words = fold_tokens(text)
    telling = telling_words(text, asking)
    held = [_held(f"{item.title} {item.body} {item.issuer}") for item in notices]
    known = Counter(word for tokens in held for word in set(tokens))

    def weight(word: str) -> float:
        return math.log((len(notices) + 1) / (known[word] + 0.5)) + 0.1

    found = [
        Likeness(
            notice,
            _copied(words, tokens),
            _shared(telling, set(tokens), set(fold_tokens(notice.title)), weight),
            _numbered(words, notice.number),
        )
        for notice, tokens in zip(notices, held, strict=True)
    ]
    return sorted(found, key=lambda item: (-item.copied, not item.numbered, -item.shared))


@lru_cache(maxsize=512)  # published texts, asked about again and again
def _held(text: str) -> tuple[str, ...]:
    return fold_tokens(text)


def telling_words(text: str, asking: Set[str]) -> tuple[str, ...]:
    """Return the folded words that tell what a question is about, each once.

    >>> telling_words("tin bão có thật không", {"tin", "co", "that", "khong"})
    ('bao',)
    """
    return tuple(word for word in dict.fromkeys(fold_tokens(text)) if word not in asking)


def _copied(words: Sequence[str], held: Sequence[str]) -> float:
    if len(words) < _LONG_ENOUGH:
        return 0.0
    runs, known = list(_runs(words)), set(_runs(held))
    return sum(run in known for run in runs) / len(runs)


def _shared(
    telling: Sequence[str], held: Set[str], title: Set[str], weight: Callable[[str], float]
) -> float:
    """Return the share of telling words in the notice; a word no notice has counts most."""
    found = [word for word in telling if word in held]
    if len(found) < _FEWEST_WORDS or len(title & set(found)) < _FEWEST_OF_TITLE:
        return 0.0
    return sum(map(weight, found)) / sum(map(weight, telling))


def _numbered(words: Sequence[str], number: str | None) -> bool:
    wanted = fold_tokens(number or "")
    size = len(wanted)
    if size < 2:  # "12" alone is any number
        return False
    return any(tuple(words[at : at + size]) == wanted for at in range(len(words) - size + 1))


def _runs(words: Sequence[str]) -> Iterable[tuple[str, ...]]:
    return (tuple(words[at : at + _RUN]) for at in range(len(words) - _RUN + 1))
