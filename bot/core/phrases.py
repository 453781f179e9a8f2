"""Phrases looked for in what people type: marks may be missing, wrong ones never match."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.core.vietnamese import fold, normalise

_WORDS = re.compile(r"\w+")
_GAP = r"(?:\S+ ){0,3}"
_NO_NAMES: Mapping[str, Sequence[str]] = {}
# The tone of "hoả" and "hỏa" sits on either letter; both are in use.
_OLD, _NEW = "òaóaỏaõaọaòeóeỏeõeọeùyúyủyũyụy", "oàoáoảoãoạoèoéoẻoẽoẹuỳuýuỷuỹuỵ"
_TONE_PLACES = {_OLD[at : at + 2]: _NEW[at : at + 2] for at in range(0, len(_OLD), 2)}
# What the Telex keyboard leaves behind when it is off: "chays nhaf" is "cháy nhà".
_TELEX_DOUBLE = (("dd", "d"), ("aa", "a"), ("ee", "e"), ("oo", "o"))
_TELEX_WORD = re.compile(r"(?<=[aeiouy])(?P<rest>[a-z]*?)[sfrxj](?P<end>[a-z]{0,3})$")


def spaced(text: str) -> str:
    """Return the words of ``text`` in small letters, one space between them.

    >>> spaced("CỨU với!! (nhà cháy)")
    'cứu với nhà cháy'
    """
    return " ".join(_WORDS.findall(normalise(text).lower()))


class Phrases:
    """A list of phrases compiled into one pattern.

    In a phrase ``a|b_c`` is either word "a" or words "b c", ``<name>`` any of the words of that
    name, ``..`` up to three words of any kind. A word written with marks may be typed without
    any, never with others; a phrase that begins with ``=`` counts only with all marks typed,
    one that begins with ``^`` only at the start of the text.
    """

    def __init__(
        self, phrases: Iterable[str], names: Mapping[str, Sequence[str]] = _NO_NAMES
    ) -> None:
        patterns = [_pattern(phrase, names) for phrase in phrases]
        self._pattern = re.compile(rf"(?<!\S)(?:{'|'.join(patterns) or '(?!)'})(?!\S)")

    def found_in(self, text: str) -> bool:
        """Whether a phrase stands in ``text``, which ``spaced`` made."""
        return bool(self._pattern.search(text))

    def without(self, text: str) -> str:
        """Return ``text`` with every phrase struck out; the words around stay apart."""
        return self._pattern.sub("·", text)


@dataclass(frozen=True)
class Aspects:
    """What a text is about within one matter: the first list that has a phrase in it."""

    lists: Mapping[str, Phrases]

    @classmethod
    def from_lists(cls, data: Mapping[str, Any]) -> Aspects:
        """Build from lists of phrases by aspect; ``names`` are the words of ``<name>``."""
        names = data.get("names", _NO_NAMES)
        lists = {
            aspect: Phrases(map(str, phrases), names)
            for aspect, phrases in data.items()
            if aspect != "names"
        }
        return cls(lists)

    def of(self, text: str) -> str | None:
        """Return the aspect of a citizen's text, or None.

        >>> aspects = Aspects.from_lists({"upload": ["tải tệp|file"], "sign": ["chữ ký số"]})
        >>> aspects.of("Tai file len bi loi"), aspects.of("ký")
        ('upload', None)
        """
        words = spaced(text)
        return self._first(words) or self._first(untelexed(words))

    def _first(self, words: str) -> str | None:
        return next((name for name, found in self.lists.items() if found.found_in(words)), None)


def untelexed(text: str) -> str:
    """Return ``text`` with what Telex leaves in words without marks taken out.

    >>> untelexed("chays nhaf roofi")
    'chay nha roi'
    """
    return " ".join(_untelexed(word) if word.isascii() else word for word in text.split())


def _untelexed(word: str) -> str:
    for double, single in _TELEX_DOUBLE:
        word = word.replace(double, single)
    word = re.sub(r"(?<=[aou])w|(?<=[aou]{2})w", "", word)
    return _TELEX_WORD.sub(r"\g<rest>\g<end>", word)


def _pattern(phrase: str, names: Mapping[str, Sequence[str]]) -> str:
    marked = phrase.startswith("=")
    parts = [
        _GAP if part == ".." else f"(?:{_either(part, names, marked)}) "
        for part in phrase.lstrip("=^").split()
    ]
    start = r"\A" if phrase.startswith("^") else ""
    return start + "".join(parts).removesuffix(" ")


def _either(part: str, names: Mapping[str, Sequence[str]], marked: bool) -> str:
    words: list[str] = []
    for item in part.split("|"):
        known = names.get(item[1:-1]) if item.startswith("<") else None
        words += known if known is not None else [item.replace("_", " ")]
    return "|".join(spelling for word in words for spelling in _spellings(word, marked))


def _spellings(word: str, marked: bool) -> Iterable[str]:
    lower = normalise(word).lower()
    other = lower
    for old, new in _TONE_PLACES.items():
        other = other.replace(old, new)
    found = dict.fromkeys((lower, other) if marked else (lower, other, fold(lower)))
    return [re.escape(spelling) for spelling in found]
