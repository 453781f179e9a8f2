"""Numbers spoken as words, turned into digits, for codes that somebody dictates."""

from __future__ import annotations

import re

from bot.core.vietnamese import fold, normalise

_DIGITS = {
    "khong": "0", "mot": "1", "hai": "2", "ba": "3", "bon": "4", "tu": "4", "nam": "5",
    "lam": "5", "nham": "5", "sau": "6", "bay": "7", "tam": "8", "chin": "9",
}  # fmt: skip
_LETTERS = {"h": "H", "hat": "H", "hac": "H", "ho": "H", "g": "G", "go": "G", "gie": "G"}
_MARKS = {"cham": ".", "gach": "-", "ngang": "", "noi": "", "tru": "-"}
_WORD = re.compile(r"[^\W_]+|[.\-]")
_TENS = "mươi"  # "hai mươi mốt" is 21; "mười" is ten by itself


def as_digits(text: str) -> str:
    """Return ``text`` with number words as digits; other words stay and divide.

    >>> as_digits("hát ba chín chấm mười chín gạch ngang hai sáu không chín mười lăm")
    'H39.19-260915'
    >>> as_digits("ba số không chấm hai mươi mốt")
    '000.21'
    """
    words = _WORD.findall(normalise(text).lower())
    said: list[str] = []
    position = 0
    while position < len(words):
        part, length = _part(words, position)
        said.append(part)
        position += length
    return " ".join("".join(said).split())


def _part(words: list[str], at: int) -> tuple[str, int]:
    """Return what the words from ``at`` stand for and how many they are."""
    word = fold(words[at])
    after = [fold(item) for item in words[at + 1 : at + 3]]
    if word in _DIGITS and after[:1] == ["so"] and after[1:2] and after[1] in _DIGITS:
        return _DIGITS[after[1]] * int(_DIGITS[word]), 3
    if word in _DIGITS and words[at + 1 : at + 2] == [_TENS]:
        rest = after[1:2]
        return _DIGITS[word] + ("" if rest and rest[0] in _DIGITS else "0"), 2
    if word == "muoi":
        return ("1" if after[:1] and after[0] in _DIGITS else "10"), 1
    for table in (_DIGITS, _LETTERS, _MARKS):
        if word in table:
            return table[word], 1
    if word[0].isdigit() or word in (".", "-"):
        return word, 1
    return f" {words[at]} ", 1
