"""A text as words: what was typed, what it means, and where it stood."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bot.core.dossiers.codes import find_spans
from bot.core.vietnamese import fold, normalise

# Placeholders: digits and addresses never become features, only what kind of thing stood there.
CODE, PROCEDURE_CODE, PHONE, DATE, TIME, LONG_NUMBER, NUMBER, LINK = (
    "§code", "§procedure", "§phone", "§date", "§time", "§long", "§n", "§link",
)  # fmt: skip
_PATTERNS = (
    (
        LINK,
        (
            r"https?://\S+|www\.\S+|[\w.+-]+@[\w-]+\.[\w.]+"
            r"|[\w-]+(?:\.[\w-]+)*\.(?:vn|com|net|org)\b\S*"
        ),
    ),
    (PROCEDURE_CODE, r"(?<![\d.])[1-6]\.\d{6}(?:\.[\w.]+)?"),
    (
        CODE,  # also damaged ones and the tail of one, which the code grammar refuses
        (
            r"(?<!\w)[\w.]*\b[gh][ .]?\d{2}(?:[ .\-–—_/]*\d){4,}"
            r"|(?<![\w.])\d{6,8}[-–—]\d{3,8}(?!\d)"
        ),
    ),
    (PHONE, r"(?<![\d.])(?:\+?84|0)(?:[ .\-]?\d){8,10}(?!\d)"),
    (DATE, r"(?<![\d.])\d{1,2}\s?[/\-.]\s?\d{1,2}(?:\s?[/\-.]\s?\d{2,4})?(?![\d.])"),
    (TIME, r"(?<!\w)\d{1,2}(?:h|g|:)\d{0,2}(?!\w)"),
    (LONG_NUMBER, r"(?<!\w)\d(?:[.,]?\d){5,}(?!\w)"),
)
_PLACES = re.compile("|".join(f"(?P<p{i}>{rule})" for i, (_, rule) in enumerate(_PATTERNS)), re.I)
_WORD = re.compile(r"[^\W\d_]+\d[^\W_]*|\d+(?:k(?!\w))?|[^\W\d_]+", re.I)
_REPEATED = re.compile(r"(.)\1{2,}")
_DIGITS = re.compile(r"\d+")

_TONES = {"\u0300": "2", "\u0301": "1", "\u0303": "4", "\u0309": "3", "\u0323": "5"}
_SHORT_Y = re.compile(r"^([hklmst]|qu)y$")
_SYLLABLE = re.compile(
    r"^(?:ngh?|nh|gh?|gi|kh?|ch?|th?|tr|ph?|qu|b|d|h|l|m|r|s|v|x)?"
    r"(?:uy[aeu]?|ie?u|ye?u|uo[iu]?|uay|uai|oai|oay|oe?o|ia|ie|i|u[aeiu]?|o[aei]?|e[ou]?"
    r"|a[iouy]?|ye|y)"
    r"(?:ng|nh|ch|c|m|n|p|t)?$"
)
_VOWELS = "aeiouy"


@dataclass(frozen=True)
class Word:
    """One word: ``marked`` with quality marks and a tone digit (``ho2``), ``plain`` without.

    ``start`` and ``end`` are offsets in the text as it was typed. A short form that stands for
    several words gives several with the same offsets.
    """

    marked: str
    plain: str
    start: int
    end: int

    @property
    def is_marked(self) -> bool:
        """Return whether the citizen typed any mark on this word."""
        return self.marked != self.plain


def words_of(text: str) -> tuple[Word, ...]:
    """Return the words of ``text`` in order, codes and numbers as placeholders.

    >>> [word.plain for word in words_of("Hoof sow k đc, gọi 0912 345 678")]
    ['ho', 'so', 'khong', 'duoc', 'goi', '§phone']
    """
    letters, places = _aligned(text)
    words: list[Word] = []
    position = 0
    for start, end, mark in _placeholders(letters):
        words.extend(sorted(_words_between(letters, places, position, start), key=_place))
        words.append(Word(mark, mark, places[start][0], places[end - 1][1]))
        position = end
    words.extend(sorted(_words_between(letters, places, position, len(letters)), key=_place))
    return _spoken_codes_joined(words)


def _place(word: Word) -> int:
    return word.start


def codes_in(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield ``(start, end, code)`` for every dossier code, offsets in the text as typed."""
    letters, places = _aligned(text)
    for start, end, code in find_spans(letters):
        yield places[start][0], places[end - 1][1], code.value


def _aligned(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Return the normalised text and, for each of its characters, where it came from."""
    letters: list[str] = []
    places: list[tuple[int, int]] = []
    for start, end in _clusters(text):
        part = text[start:end]
        shown = " " if part.isspace() else normalise(part)
        if shown == " " and letters[-1:] in ([], [" "]):
            continue
        letters.extend(shown)
        places.extend([(start, end)] * len(shown))
    return "".join(letters), places


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for index in range(1, len(text) + 1):
        if index == len(text) or not unicodedata.combining(text[index]):
            if index > start:
                yield start, index
            start = index


def _placeholders(letters: str) -> list[tuple[int, int, str]]:
    found = [(start, end, CODE) for start, end, _ in find_spans(letters)]
    for match in _PLACES.finditer(letters):
        start, end = match.span()
        if any(start < other_end and other < end for other, other_end, _ in found):
            continue
        found.append((start, end, _PATTERNS[int((match.lastgroup or "p0")[1:])][0]))
    return sorted(found)


def _words_between(
    letters: str, places: list[tuple[int, int]], start: int, end: int
) -> Iterator[Word]:
    for match in _WORD.finditer(letters, start, end):
        first, last = places[match.start()][0], places[match.end() - 1][1]
        token = match.group().lower()
        if token[0].isdigit():
            yield Word(NUMBER, NUMBER, first, last)
            continue
        for marked, plain in _read(token):
            yield Word(marked, plain, first, last)
    yield from _emoji(letters, places, start, end)


def _emoji(letters: str, places: list[tuple[int, int]], start: int, end: int) -> Iterator[Word]:
    for index in range(start, end):
        if unicodedata.category(letters[index]) == "So":
            yield Word(letters[index], letters[index], *places[index])


@lru_cache(maxsize=1)
def spelling() -> dict[str, Any]:
    """Return the spelling data: ``readings``, ``spoken_digits``, ``spoken_marks``."""
    data = yaml.safe_load(Path(__file__).with_name("spelling.yml").read_text(encoding="utf-8"))
    readings = {
        str(typed): str(meant) for meant, forms in data["readings"].items() for typed in forms
    }
    return {**data, "readings": readings}


def _read(token: str) -> list[tuple[str, str]]:
    """Return ``(marked, plain)`` pairs for one typed token."""
    token = _REPEATED.sub(r"\1", token)
    meant = spelling()["readings"].get(token)
    if meant:
        return [(_short_y(word), _short_y(word)) for word in meant.split()]
    plain = fold(token)
    if not _SYLLABLE.match(plain):
        typed = _typed_with_keys(plain)
        if typed:
            return [(_short_y(typed), _short_y(typed))]
    return [(_with_tone(token), _short_y(plain))]


def _short_y(word: str) -> str:
    """Read ``ký`` and ``kí`` as one word."""
    return word[:-1] + "i" if _SHORT_Y.match(word) else word


def _with_tone(token: str) -> str:
    """Return the token with its tone as a digit at the end: ``hoà`` and ``hòa`` are ``hoa2``."""
    tone = ""
    letters = []
    for char in unicodedata.normalize("NFD", token):
        if char in _TONES:
            tone = _TONES[char]
        else:
            letters.append(char)
    return _short_y(unicodedata.normalize("NFC", "".join(letters))) + tone


def _typed_with_keys(token: str) -> str | None:
    """Return the syllable meant by Telex or VNI keys that were left over, or None.

    >>> _typed_with_keys("hoof"), _typed_with_keys("dduwowcj"), _typed_with_keys("so7")
    ('ho', 'duoc', 'so')
    """
    token = _DIGITS.sub("", token)
    first = next((i for i, char in enumerate(token) if char in _VOWELS + "w"), len(token))
    head, tail = token[:first].replace("dd", "d"), token[first:]
    if head == "d" and tail.endswith("d"):
        tail = tail[:-1]
    tail = re.sub(r"(?<=[aou])w|w(?=[aou])", "", tail).replace("w", "u")
    tail = re.sub(r"[sfrxj]", "", tail)
    tail = re.sub(r"([aeo])\1", r"\1", tail)
    for syllable in (head + tail, *_southern(head, tail)):
        if len(syllable) > 1 and _SYLLABLE.match(syllable):
            return syllable
    return None


def _southern(head: str, tail: str) -> tuple[str, ...]:
    """Return what ``z`` and ``dz`` may stand for at the head of a word."""
    return ("v" + tail, "d" + tail) if head in ("z", "dz") else ()


def _spoken_codes_joined(words: list[Word]) -> tuple[Word, ...]:
    """Replace a code dictated as words ("hát ba chín chấm…") by one placeholder."""
    digits, marks = set(spelling()["spoken_digits"]), set(spelling()["spoken_marks"])
    out: list[Word] = []
    run: list[Word] = []
    for word in [*words, Word("", "", 0, 0)]:
        if word.plain in digits or word.plain in marks or word.plain in (NUMBER, LONG_NUMBER):
            run.append(word)
            continue
        spoken = sum(item.plain in digits for item in run)
        if len(run) >= 7 and spoken >= 4:
            out.append(Word(CODE, CODE, run[0].start, run[-1].end))
        else:
            out.extend(run)
        run = []
        out.append(word)
    return tuple(out[:-1])
