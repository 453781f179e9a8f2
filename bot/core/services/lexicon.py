"""Reads what a citizen types as terms: matters, changes to them, and words that decide nothing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.core.vietnamese import fold, normalise

# How much a term of each kind may decide. "plain" is a word the lexicon does not know.
# "ask" words decide nothing either, but announce the matter: "muốn", "làm thủ tục".
# A "key" settles the matter whatever else is named: "sao y" of any paper is one procedure.
# A "setting" is a matter of its own only when nothing else is named: a passport "to study abroad".
KIND_WEIGHT = {
    "key": 3.0,
    "subject": 2.0,
    "change": 1.0,
    "setting": 1.0,
    "plain": 0.7,
    "weak": 0.12,
    "ask": 0.0,
    "filler": 0.0,
}
_CONCEPTS = ("key", "subject", "change", "setting")
_WORD = re.compile(r"[^\W_]+")
_TONES = re.compile("[\u0300\u0301\u0303\u0309\u0323]")
_VNI = re.compile(r"[a-z]+[1-9][a-z0-9]*")  # "gia61y": what the VNI keyboard leaves when off
_SYLLABLE = re.compile(  # without marks
    r"(?:[bdhlmrsvx]|ch?|gh?|gi|kh?|nh?|ngh?|ph|qu|th?|tr)?"
    r"(?:a[iouy]?|e[ou]?|i(?:eu|[aeu])?|o(?:a[iy]|eo|[aei])?"
    r"|u(?:o[iu]|ay|y[ae]?|[aeiou])?|y(?:eu|e)?)"
    r"(?:c|ch|m|n|ng|nh|p|t)?"
)
_SHORTEST_REPAIR = 6  # letters; shorter words are one slip away from too many others
_MAX_REPAIRS = 24

Repair = Callable[[str], str | None]


@dataclass(frozen=True)
class Term:
    """One unit of meaning: ``id`` is plain ASCII, ``at`` its place in the text."""

    id: str
    kind: str
    at: int = 0

    @property
    def weight(self) -> float:
        """Return how much this kind of term may decide."""
        return KIND_WEIGHT[self.kind]


@dataclass(frozen=True)
class _Phrase:
    term: Term
    marks: tuple[str, ...]  # how its words are marked
    order: int


@dataclass(frozen=True)
class _Word:
    folded: str
    marks: str  # the letters with their marks, in any order of typing


class Lexicon:
    """Phrases that mean the same, by kind; built from ``words.csv``.

    >>> lexicon = Lexicon([("subject", ["khai sinh", "gks"]), ("filler", ["cho", "em"])])
    >>> [term.id for term in lexicon.read("cho em làm gks")]
    ['lam', 'xkhaisinh']
    """

    def __init__(self, rows: Iterable[tuple[str, Sequence[str]]]) -> None:
        self._phrases: dict[tuple[str, ...], list[_Phrase]] = {}
        self._run_together: dict[str, tuple[str, ...]] = {}
        self._joined: dict[str, tuple[str, ...]] = {}  # of those, what a slip may be mended to
        self.known: set[str] = set()  # folded syllables
        self.marked: set[str] = set()  # letters of marked syllables
        self.kin: dict[str, list[str]] = {}  # a change to those that answer it almost as well
        for order, (kind, phrases) in enumerate(rows):
            if kind == "kin":
                first, *others = map(_concept, phrases)
                self.kin.setdefault(first, []).extend(others)
            else:
                self._add(kind, phrases, order)
        self._longest = max(map(len, self._phrases), default=1)

    def _add(self, kind: str, phrases: Sequence[str], order: int) -> None:
        first = _concept(phrases[0])
        for text in phrases:
            words = _words(text)
            key = tuple(word.folded for word in words)
            marks = tuple(word.marks for word in words)
            identity = first if kind in _CONCEPTS else "".join(key)
            found = self._phrases.setdefault(key, [])
            found.append(_Phrase(Term(identity, kind), marks, order))
            found.sort(key=lambda phrase: phrase.order)
            self.learn(text)
            if len(key) > 1:
                self._run_together.setdefault("".join(key), key)
                if kind in _CONCEPTS:
                    self._joined.setdefault("".join(key), key)

    def learn(self, text: str) -> None:
        """Remember the syllables of a name, so that they are not taken for slips."""
        for word in _words(text):
            self.known.add(word.folded)
            self.marked.add(word.marks)

    @property
    def spellings(self) -> Sequence[str]:
        """Return the phrases without spaces, for a ``Repair``."""
        return [joined for joined in self._joined if len(joined) >= _SHORTEST_REPAIR]

    def read(self, text: str, repair: Repair | None = None) -> tuple[Term, ...]:
        """Return the terms of what a citizen typed, in order, without fillers.

        ``repair`` is asked for the spelling nearest to letters that mean nothing as they stand.
        """
        words = [self._untelexed(word) for word in _words(text)]
        return self._terms(self._repaired(words, repair) if repair else words, strict=False)

    def read_name(self, text: str) -> tuple[Term, ...]:
        """Return the terms of an official name or alias, which is written with its marks."""
        return self._terms(_words(text), strict=True)

    def _terms(self, words: Sequence[_Word], *, strict: bool) -> tuple[Term, ...]:
        """Return the reading that holds the longest phrases: two of two words, or one of four.

        The first phrase that fits is not enough: in "mua nhà ở xã hội" the second is the matter.
        """
        best: list[tuple[int, int, Term | None]] = [(0, 0, None)] * (len(words) + 1)
        for position in range(len(words) - 1, -1, -1):
            best[position] = max(
                (
                    (length * length + best[position + length][0], length, term)
                    for term, length in self._terms_at(words, position, strict=strict)
                ),
                key=lambda reading: reading[:2],
            )
        terms: list[Term] = []
        position = 0
        while position < len(words):
            _, length, term = best[position]
            if term and term.kind != "filler":
                terms.append(Term(term.id, term.kind, position))
            position += length
        return tuple(terms)

    def _terms_at(
        self, words: Sequence[_Word], position: int, *, strict: bool
    ) -> Iterator[tuple[Term, int]]:
        """Yield every phrase that starts at a place, at least the word itself as a plain one."""
        for length in range(min(self._longest, len(words) - position), 0, -1):
            window = words[position : position + length]
            key = tuple(word.folded for word in window)
            found = self._fitting(window, self._phrases.get(key, ()), strict=strict)
            if found:
                yield found, length
            elif length == 1:
                yield Term(words[position].folded, "plain"), 1

    def _fitting(
        self, window: Sequence[_Word], phrases: Sequence[_Phrase], *, strict: bool
    ) -> Term | None:
        """Return the phrase that ``window`` fits best; the letters are the same already.

        A phrase of one syllable needs the same marks. When not ``strict`` the word may have
        none, or only a wrong tone that makes it no word we know. A longer phrase forgives more,
        but not marks that make another of every word: "bên đó" is no "bến đò".
        """
        if not phrases:
            return None
        marks = tuple(word.marks for word in window)
        if len(window) > 1:
            best = max(phrases, key=lambda phrase: sum(map(str.__eq__, phrase.marks, marks)))
            return best.term if strict or self._may_be(window, best.marks) else None
        for phrase in phrases:
            if phrase.marks == marks:
                return phrase.term
        word = window[0]
        if not strict and word.marks == word.folded:
            return phrases[0].term
        if strict or word.marks in self.marked:
            return None
        toneless = _TONES.sub("", word.marks)
        return next((p.term for p in phrases if _TONES.sub("", p.marks[0]) == toneless), None)

    def _may_be(self, window: Sequence[_Word], marks: Sequence[str]) -> bool:
        """Whether some word typed with its marks is right, or none is a word we know."""
        typed = [
            word.marks == meant
            for word, meant in zip(window, marks, strict=True)
            if word.marks != word.folded and word.marks in self.marked
        ]
        return any(typed) or not typed

    def _untelexed(self, word: _Word) -> _Word:
        if word.folded in self.known or word.folded != word.marks:
            return word
        if _VNI.fullmatch(word.folded) and (plain := re.sub(r"\d", "", word.folded)) in self.known:
            return _Word(plain, plain)
        plain = re.sub(r"([aeod])\1", r"\1", word.folded).replace("w", "")
        for candidate in (plain, re.sub(r"[sfrxj](?=[a-z]?$)", "", plain)):
            if candidate in self.known:
                return _Word(candidate, candidate)
        return word

    def _repaired(self, words: list[_Word], repair: Repair) -> list[_Word]:
        """Replace slips, words run together and words torn apart by the phrase they meant."""
        position, asked = 0, 0
        while position < len(words) and asked < _MAX_REPAIRS:
            windows = [
                (length, "".join(word.folded for word in window))
                for length in (4, 3, 2, 1)
                if len(window := words[position : position + length]) == length
                and self._suspicious(window)
            ]
            asked += len(windows)
            length, key = self._meant(windows, repair)
            if key:
                words[position : position + length] = [_Word(part, part) for part in key]
                position += len(key) - 1
            position += 1
        return words

    def _meant(
        self, windows: Sequence[tuple[int, str]], repair: Repair
    ) -> tuple[int, tuple[str, ...]]:
        """Return how many words to replace by which: run together is likelier than a slip."""
        for length, joined in windows:
            if joined in self._run_together:
                return length, self._run_together[joined]
        for length, joined in windows:
            if len(joined) >= _SHORTEST_REPAIR and (meant := repair(joined)) in self._joined:
                return length, self._joined[meant]
        return 0, ()

    def _suspicious(self, window: Sequence[_Word]) -> bool:
        """Whether a window starts or ends with letters that are no word at all."""
        return self._strange(window[0]) or self._strange(window[-1])

    def _strange(self, word: _Word) -> bool:
        """Whether a word may be a slip: typed with care, "tổng" is none though no name has it."""
        careful = word.marks != word.folded and _SYLLABLE.fullmatch(word.folded)
        return word.folded not in self.known and not careful


def _concept(phrase: str) -> str:
    return "x" + "".join(word.folded for word in _words(phrase))


def _words(text: str) -> list[_Word]:
    return [_word(word) for word in _WORD.findall(normalise(text).lower())]


@lru_cache(maxsize=20_000)  # Vietnamese has some seven thousand syllables
def _word(word: str) -> _Word:
    return _Word(fold(word), _letters(word))


def _letters(word: str) -> str:
    """Return letters and marks sorted, so that ``hoà`` equals ``hòa``."""
    if word.isascii():
        return word
    return "".join(sorted(unicodedata.normalize("NFD", word)))
