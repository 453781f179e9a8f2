"""Recognises the answer to "the last four digits of your phone, please"."""

from __future__ import annotations

import re

from bot.core.dossiers.broken import broken_codes
from bot.core.dossiers.codes import DossierCode
from bot.core.dossiers.dictation import as_digits
from bot.core.vietnamese import fold

UNREAD = ""  # an attempt that cannot be read: to be forgotten and asked for again
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
_LABEL = re.compile(r"\bma (?:tra cuu|bi mat)\b(?P<rest>.*)|\bso cuoi\b")
_LETTERS = re.compile(
    r"\s*(?:la\b|:|=)\s*(?P<secret>[a-z]{4,12})\s*[.!]?(?:\s+(?:a|nhe|nha|ne|em))?"
)
_NO_LETTERS = frozenset("khong quen chua nhieu nham dang duoc".split())
_WHOLE = 4  # characters of a secret that nobody wrote apart
_JOINTS = re.compile(r"[ -]")
_CAPITALS = re.compile(r"(?=.*[A-Z])(?=.*\d)[0-9A-Z]+(?:[ -][0-9A-Z]+)*")


def proof_in(text: str) -> str | None:
    """Return what a normalised text offers as a proof, None when it is about something else.

    Four digits, a whole phone number (its last four), or the look-up secret in capitals; a secret
    may be written apart. ``UNREAD`` when somebody tries but it cannot be told what they mean.

    >>> proof_in("dạ 4 số cuối là 0641 ạ"), proof_in("0912 345 641"), proof_in("mã tra cứu a7k2")
    ('0641', '5641', 'A7K2')
    >>> proof_in("ma tra cuu r9 da"), proof_in("mã tra cứu là abcd"), proof_in("K 7 P 2")
    ('R9DA', 'ABCD', 'K7P2')
    >>> proof_in("hộ chiếu bao lâu"), proof_in("012345678901"), proof_in("2")
    (None, None, None)
    """
    if len(text) > _LONGEST or DossierCode.find_all(text) or broken_codes(text):
        return None
    plain = fold(text)
    said = _ASKED_FOR.sub(" so cuoi ", plain)
    if not any(char.isdigit() for char in said):
        said = fold(as_digits(said))
    words = _words(said)
    if words and _IDENTITY.fullmatch(words[0]) and not _PHONE.fullmatch(words[0]):
        return None
    if len(words) == 1 and (single := _single(words[0])):
        return single
    if _CAPITALS.fullmatch(text):
        return _secret(_JOINTS.sub("", plain))
    label = _LABEL.search(said)
    if label and any(char.isdigit() for char in said):
        return _apart(words, label["rest"] or "") or UNREAD
    return _of_letters(text, plain)


def _words(said: str) -> list[str]:
    joined = _BETWEEN_DIGITS.sub("", said.replace("+", ""))
    return [word for word in _TOKEN.findall(joined) if word not in _FILLERS]


def _single(word: str) -> str | None:
    if _PHONE.fullmatch(word):
        return word[-4:]
    return _secret(word)


def _secret(word: str) -> str | None:
    return word.upper() if _SECRET.fullmatch(word) else None


def _apart(words: list[str], after_label: str) -> str | None:
    """Return a secret written in parts: without the words around it, else with all of them."""
    every = [word for word in _TOKEN.findall(after_label) if word != "la"]
    short = [parts for parts in (words, every) if parts and max(map(len, parts)) < _WHOLE]
    return next(filter(None, (_secret("".join(parts)) for parts in short)), None)


def _of_letters(text: str, plain: str) -> str | None:
    """Return a secret of letters only: after "mã tra cứu là", and no word with marks."""
    label = _LABEL.search(plain)
    match = _LETTERS.fullmatch(label["rest"] or "") if label else None
    if match is None or match["secret"] in _NO_LETTERS:
        return None
    return match["secret"].upper() if match["secret"] in text.lower() else None
