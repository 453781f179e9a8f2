"""Recognises the answer to "the last four digits of your phone, please"."""

from __future__ import annotations

import re

from bot.core.dossiers.dictation import as_digits
from bot.core.vietnamese import fold

_LONGEST = 60  # characters; who tells a story is not answering
_ASKED_FOR = re.compile(r"\b(?:4|bon)\s+(?:so|chu so|con so)\b(?:\s+cuoi\b)?")
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[ .-](?=\d)")
_TOKEN = re.compile(r"[0-9a-z-]+")
_FILLERS = frozenset(
    "da vang so cuoi la dien thoai dt sdt ma tra cuu bi mat a ah nhe nha ne em anh chi cua toi"
    " minh day do con cho duoi".split()
)
_PHONE = re.compile(r"(?:0|84)\d{9}")
_SECRET = re.compile(r"(?=[a-z-]*\d)[0-9a-z-]{4,12}")
_IDENTITY = re.compile(r"\d{9}|\d{10}|\d{12}")


def proof_in(text: str) -> str | None:
    """Return what a normalised text offers as a proof, None when it is about something else.

    Four digits, a whole phone number (its last four), or the look-up secret in capitals.

    >>> proof_in("dạ 4 số cuối là 0641 ạ"), proof_in("0912 345 641"), proof_in("mã tra cứu a7k2")
    ('0641', '5641', 'A7K2')
    >>> proof_in("hộ chiếu bao lâu"), proof_in("012345678901"), proof_in("2")
    (None, None, None)
    """
    if len(text) > _LONGEST:
        return None
    said = _ASKED_FOR.sub(" ", fold(text))
    if not any(char.isdigit() for char in said):
        said = fold(as_digits(_ASKED_FOR.sub(" ", fold(text))))
    joined = _BETWEEN_DIGITS.sub("", said.replace("+", ""))
    words: list[str] = [word for word in _TOKEN.findall(joined) if word not in _FILLERS]
    if len(words) != 1:
        return None
    if _PHONE.fullmatch(words[0]):
        return words[0][-4:]
    if _IDENTITY.fullmatch(words[0]) or not _SECRET.fullmatch(words[0]):
        return None
    return words[0].upper()
