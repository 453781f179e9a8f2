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
from bot.nlu.keys import is_syllable, read_keys, short_y

# Placeholders: digits and addresses never become features, only what kind of thing stood there
# and of how many digits a short number was.
CODE, PROCEDURE_CODE, PHONE, DATE, TIME, LONG_NUMBER, NUMBER, LINK = (
    "§code", "§procedure", "§phone", "§date", "§time", "§long", "§n", "§link",
)  # fmt: skip
_PATTERNS = (
    (
        LINK,
        (
            r"https?://\S+|www\.\S+|(?<![\w.+-])[\w.+-]+@[\w-]+\.[\w.]+"
            r"|(?<![\w-])[\w-]+(?:\.[\w-]+)*\.(?:vn|com|net|org)\b\S*"
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

_TONES = {"\u0300": "2", "\u0301": "1", "\u0303": "4", "\u0309": "3", "\u0323": "5"}
LONGEST_TEXT = 2000  # characters; nobody's question is longer, and time must stay bounded


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
    after_break: bool = False  # punctuation stands before it

    @property
    def is_marked(self) -> bool:
        """Return whether the citizen typed any mark on this word."""
        return self.marked != self.plain


def words_of(text: str) -> tuple[Word, ...]:
    """Return the words of ``text`` in order, codes and numbers as placeholders.

    >>> [word.plain for word in words_of("Hoof sow k đc, gọi 0912 345 678")]
    ['ho', 'so', 'khong', 'duoc', 'goi', '§phone']
    """
    letters, places = _aligned(text[:LONGEST_TEXT])
    words: list[Word] = []
    position = 0
    for start, end, mark in _placeholders(letters):
        words.extend(_words_between(letters, places, position, start))
        broken = _after_break(letters, start)
        words.append(Word(mark, mark, places[start][0], places[end - 1][1], broken))
        position = end
    words.extend(_words_between(letters, places, position, len(letters)))
    # Pictures decorate words; alone, they are what is said.
    return _spoken_codes_joined(words) if words else tuple(_emoji(letters, places))


@lru_cache(maxsize=100_000)
def words_once(text: str) -> tuple[Word, ...]:
    """Return ``words_of`` and remember it: for training, never for what citizens write."""
    return words_of(text)


def codes_in(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield ``(start, end, code)`` for every dossier code, offsets in the text as typed."""
    letters, places = _aligned(text[:LONGEST_TEXT])
    for start, end, code in find_spans(letters):
        yield places[start][0], places[end - 1][1], code.value


def _aligned(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Return the normalised text and, for each of its characters, where it came from."""
    letters: list[str] = []
    places: list[tuple[int, int]] = []
    for start, end in _clusters(text):
        part = text[start:end]
        shown = normalise(part) or (" " if part[:1].isspace() else "")
        if shown == " " and letters[-1:] in ([], [" "]):
            continue
        letters.extend(shown)
        places.extend([(start, end)] * len(shown))
    return "".join(letters), places


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for index in range(1, len(text) + 1):
        if index == len(text) or not _belongs_before(text[index]):
            if index > start:
                yield start, index
            start = index


def _belongs_before(char: str) -> bool:
    """Whether a character is part of the letter before it: its marks, also after a blank joint."""
    return bool(unicodedata.combining(char)) or unicodedata.category(char) == "Cf"


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
    typed = [(m.group().lower(), m.span()) for m in _WORD.finditer(letters, start, end)]
    whole = _in_whole_pairs([token for token, _ in typed])
    for index, (token, (at, past)) in enumerate(typed):
        first, last, broken = places[at][0], places[past - 1][1], _after_break(letters, at)
        if token[0].isdigit():
            number = NUMBER + str(sum(char.isdigit() for char in token))
            yield Word(number, number, first, last, broken)
            continue
        for marked, plain in _read(token, index in whole):
            yield Word(marked, plain, first, last, broken)
            broken = False  # within a short form nothing ends


def _after_break(letters: str, at: int) -> bool:
    before = letters[max(0, at - 2) : at].rstrip()[-1:]
    return bool(before) and not before.isalnum()


def _in_whole_pairs(tokens: list[str]) -> set[int]:
    """Return the places of tokens that are no short forms because of the word beside them."""
    pairs = spelling()["whole_pairs"]
    found: set[int] = set()
    for index, pair in enumerate(zip(tokens, tokens[1:], strict=False)):
        if f"{pair[0]} {pair[1]}" in pairs:
            found |= {index, index + 1}
    return found


def _emoji(letters: str, places: list[tuple[int, int]]) -> Iterator[Word]:
    for letter, place in zip(letters, places, strict=True):
        if unicodedata.category(letter) == "So":
            yield Word(letter, letter, *place)


@lru_cache(maxsize=1)
def spelling() -> dict[str, Any]:
    """Return the spelling data: ``readings`` by what is typed, and the lists of the file."""
    data = yaml.safe_load(Path(__file__).with_name("spelling.yml").read_text(encoding="utf-8"))
    readings = {
        str(typed): str(meant) for meant, forms in data["readings"].items() for typed in forms
    }
    pairs = {form for pair in data["whole_pairs"] for form in (pair, fold(pair))}
    foreign = frozenset(data["foreign"])
    return {**data, "readings": readings, "whole_pairs": pairs, "foreign": foreign}


def _read(token: str, is_whole: bool) -> list[tuple[str, str]]:
    """Return ``(marked, plain)`` pairs for one typed token; a whole word is no short form."""
    token = _REPEATED.sub(r"\1", token)
    meant = None if is_whole else spelling()["readings"].get(token)
    if meant:
        return [(short_y(word), short_y(word)) for word in meant.split()]
    plain = fold(token)
    foreign = plain in spelling()["foreign"]
    typed = None if foreign or is_syllable(plain) else read_keys(plain)
    if typed:
        return [typed]
    return [(_with_tone(token), short_y(plain))]


def _with_tone(token: str) -> str:
    """Return the token with its tone as a digit at the end: ``hoà`` and ``hòa`` are ``hoa2``."""
    tone = ""
    letters = []
    for char in unicodedata.normalize("NFD", token):
        if char in _TONES:
            tone = _TONES[char]
        else:
            letters.append(char)
    return short_y(unicodedata.normalize("NFC", "".join(letters))) + tone


def _spoken_codes_joined(words: list[Word]) -> tuple[Word, ...]:
    """Replace a code dictated as words ("hát ba chín chấm…") by one placeholder."""
    digits, marks = set(spelling()["spoken_digits"]), set(spelling()["spoken_marks"])
    out: list[Word] = []
    run: list[Word] = []
    for word in [*words, Word("", "", 0, 0)]:
        if word.plain in digits or word.plain in marks or _is_number(word.plain):
            run.append(word)
            continue
        spoken = sum(item.plain in digits for item in run)
        if len(run) >= 7 and spoken >= 4:
            out.append(Word(CODE, CODE, run[0].start, run[-1].end, run[0].after_break))
        else:
            out.extend(run)
        run = []
        out.append(word)
    return tuple(out[:-1])


def _is_number(plain: str) -> bool:
    return plain == LONG_NUMBER or plain.startswith(NUMBER)
