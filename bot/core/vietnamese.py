"""Vietnamese text made comparable: one spelling of every letter, and a form without marks."""

from __future__ import annotations

import re
import unicodedata

# Letters of other alphabets that look like ours; phones, pranksters and OCR produce them.
_CYRILLIC = dict(
    zip("АВЕЅІЈКМНОРСТХУаеѕіјорсхуѵԁԛԝһ", "ABESIJKMHOPCTXYaesijopcxyvdqwh", strict=True)
)
_GREEK = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧοιαν", "ABEZHIKMNOPTYXoiav", strict=True))
_OTHER = {"Ð": "Đ", "ð": "đ", "Ɖ": "Đ", "ɖ": "đ", "ı": "i", "ƒ": "f", "ø": "o", "Ø": "O"}
_LOOK_ALIKE = str.maketrans({**_CYRILLIC, **_GREEK, **_OTHER})

# Blank in every font yet no white space to Python: they must neither show nor split words.
_BLANK_LETTERS = {"\u115f", "\u1160", "\u3164", "\uffa0"}
_DROPPED_CATEGORIES = ("Cc", "Cf", "Co", "Cs", "Cn")
_VARIATION_SELECTORS = re.compile("[\ufe00-\ufe0f\u034f]")
# Some keyboards send the tone before the hat or breve, which then does not compose.
_TONE_BEFORE_HAT = re.compile("([\u0300\u0301\u0303\u0309])([\u0302\u0306])")
_LONE_MARKS = re.compile("(?:(?<=\\s)|^)[\u0300-\u036f]+")
_SPACES = re.compile(r"[\s\u2800]+")
_WORDS = re.compile(r"[0-9a-z]+")


def normalise(text: str) -> str:
    r"""Return ``text`` in one spelling: NFC, no invisible characters, single spaces.

    >>> normalise("  hô\u0300   sơ\u200b\n\u202ecủa tôi ")
    'hồ sơ của tôi'
    >>> normalise("НỒ ЅƠ Ðất đаi Ｈ３９")  # Cyrillic and wide look-alikes
    'HỒ SƠ Đất đai H39'
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    wide = unicodedata.normalize("NFKC", text).translate(_LOOK_ALIKE)
    shown = "".join(char for char in wide if _is_shown(char))
    apart = unicodedata.normalize("NFD", _VARIATION_SELECTORS.sub("", shown))
    ordered = _LONE_MARKS.sub("", _TONE_BEFORE_HAT.sub(r"\2\1", apart))
    return unicodedata.normalize("NFC", _SPACES.sub(" ", ordered)).strip()


def fold(text: str) -> str:
    """Return ``text`` normalised, lower-case and without marks, ``đ`` read as ``d``.

    >>> fold("Đăng ký KHAI SINH cho bé")
    'dang ky khai sinh cho be'
    """
    lower = normalise(text).lower()
    if lower.isascii():
        return lower
    apart = unicodedata.normalize("NFD", lower)
    return "".join(char for char in apart if unicodedata.category(char) != "Mn").replace("đ", "d")


def fold_tokens(text: str) -> tuple[str, ...]:
    """Return the folded words and numbers of ``text``, punctuation left out.

    >>> fold_tokens("Cấp đổi thẻ căn-cước, 2 bản!")
    ('cap', 'doi', 'the', 'can', 'cuoc', '2', 'ban')
    """
    return tuple(_WORDS.findall(fold(text)))


def _is_shown(char: str) -> bool:
    if char in _BLANK_LETTERS:
        return False
    return char.isspace() or unicodedata.category(char) not in _DROPPED_CATEGORIES
