"""Reads what Telex and VNI keyboards leave behind when switched off: ``hoof`` is ``hồ``."""

from __future__ import annotations

import re

_SYLLABLE = re.compile(
    r"^(?:n(?:gh?|h)?|gh?|gi|kh?|ch?|th?|tr|ph?|qu|b|d|h|l|m|r|s|v|x)?"
    r"(?:uy[aeu]?|ie?u|ye?u|uo[iu]?|uay|uai|oai|oay|oe?o|ia|ie|i|u[aeiu]?|o[aei]?|e[ou]?"
    r"|a[iouy]?|ye|y)"
    r"(?:ng|nh|ch|c|m|n|p|t)?$"
)
_SHORT_Y = re.compile(r"^([hklmst]|qu)y$")
_VOWELS = "aeiouyw"
_TONE_KEYS = {"s": "1", "f": "2", "r": "3", "x": "4", "j": "5"}
_HATS = {"a": "â", "e": "ê", "o": "ô"}


def is_syllable(plain: str) -> bool:
    """Return whether a word without marks can be one Vietnamese syllable."""
    return bool(_SYLLABLE.match(plain))


def short_y(word: str) -> str:
    """Read ``ký`` and ``kí`` as one word; ``word`` comes without its tone."""
    return word[:-1] + "i" if _SHORT_Y.match(word) else word


def read_keys(token: str) -> tuple[str, str] | None:
    """Return the syllable meant with its marks and tone digit, and without; None if none is.

    >>> read_keys("hoof"), read_keys("dduwowcj"), read_keys("so7"), read_keys("ho62")
    (('hô2', 'ho'), ('đươc5', 'duoc'), ('sơ', 'so'), ('hô2', 'ho'))
    """
    letters = re.sub(r"\d", "", token)
    first = next((i for i, char in enumerate(letters) if char in _VOWELS), len(letters))
    head, tail = letters[:first].replace("dd", "d"), letters[first:]
    if head == "d" and tail.endswith("d"):
        tail = tail[:-1]
    bare = re.sub(r"(?<=[aou])w|w(?=[aou])", "", tail).replace("w", "u")
    bare = re.sub(r"[sfrxj]", "", bare)
    bare = re.sub(r"([aeo])\1", r"\1", bare)
    for start in (head, *_southern(head)):
        plain = start + bare
        if len(plain) > 1 and is_syllable(plain):
            barred = start == "d" and (
                "dd" in letters or "9" in token or letters[1:].endswith("d")
            )
            marked = short_y(("đ" if barred else start) + _with_marks(bare, tail, token))
            return marked + _tone(tail, token), short_y(plain)
    return None


def _southern(head: str) -> tuple[str, ...]:
    """Return what ``z`` and ``dz`` may stand for at the head of a word."""
    return ("v", "d") if head in ("z", "dz") else ()


def _tone(tail: str, token: str) -> str:
    typed = [char for char in token if char in "12345"] or [
        _TONE_KEYS[char] for char in tail if char in _TONE_KEYS
    ]
    return typed[-1] if typed else ""


def _with_marks(bare: str, tail: str, token: str) -> str:
    """Put hats, horns and breves on the vowels of ``bare`` as the keys say."""
    for vowel, hat in _HATS.items():
        if vowel * 2 in tail or ("6" in token and vowel in bare):
            return bare.replace(vowel, hat, 1)
    if "aw" in tail or "8" in token:
        return bare.replace("a", "ă", 1)
    if "w" in tail or "7" in token:
        horned = bare.replace("uo", "ươ", 1) if "uo" in bare else bare.replace("u", "ư", 1)
        return horned if horned != bare else bare.replace("o", "ơ", 1)
    return bare
