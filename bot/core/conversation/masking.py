"""Hides in a citizen's words whatever could say who they are, before staff may read them.

Hiding too much is fine here: a phrase teaches the desk by its other words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from bot.core.conversation.names import PEOPLE, PLACES, STREETS, Finder, Spans, folded
from bot.core.dossiers.codes import find_spans
from bot.core.vietnamese import normalise

LONGEST = 300  # characters of a masked text
_MOST_READ = 2_000
_MOST_PASSES = 60

NUMBER, CODE, PHONE, DAY = "<số>", "<mã>", "<sđt>", "<ngày>"
LINK, MAIL, NAME, PLACE = "<link>", "<email>", "<tên>", "<địa_chỉ>"
PLACEHOLDERS = (NUMBER, CODE, PHONE, DAY, LINK, MAIL, NAME, PLACE)
_PLACEHOLDER = re.compile("|".join(PLACEHOLDERS))
_REPEATED = re.compile(rf"({_PLACEHOLDER.pattern})(?:[\s.,:/+-]*\1)+")
_HIDDEN = "\ue000"  # stands for one hidden character during a pass; never in a normalised text

_MAIL = re.compile(r"[^\s\ue000]*@[^\s\ue000]+")
_LINK = re.compile(
    r"(?:[a-z]{2,10}://|www\.)[^\s\ue000]+"
    r"|(?<![\w.])(?:[\w-]+\.)+(?:vn|com|net|org|gov|info|io|me|ly|link|xyz|top|edu|app|page|site"
    r"|online|shop|biz|cc|co|gl|gd|to)\b(?!\.\w)(?:[/?#:][^\s\ue000]*)?"
)
_RESULT = re.compile(r"(?<![\w.])kq\.[\w.]+|(?<![\w.])[\w.]+-kq\d+")
_DAY = re.compile(
    r"(?<![\w.])(?:\d{1,2}\s?[/.-]\s?\d{1,2}\s?[/.-]\s?(?:\d{4}|\d{2})|\d{1,2}/\d{1,2}"
    r"|\d{4}-\d{1,2}-\d{1,2}"
    r"|\d{1,2}\s+thang\s+\d{1,2}(?:\s*,?\s*nam\s+\d{2,4})?)(?![\w/]|[.-]\d)"
)
_PHONE = re.compile(r"(?<![\w.])(?:\+?84|0)[\s.-]?\d(?:[\s.-]?\d){7,8}(?!\w|[\s.-]?\d)")
_NUMBER = re.compile(r"[\w.:/+-]*\d(?:[\w.,:/+%-]*\w)?")
# Numbers dictated as words: four in a row are a code, a phone or a card, not a quantity.
_SAID = (
    r"(?:khong|linh|le|mot|hai|ba|bon|tu|nam|lam|nham|sau|bay|tam|chin|muoi|tram|nghin|ngan|\d+)"
)
_BETWEEN = r"[\s.,-]+(?:(?:so|cham|gach|ngang|noi|tru|xuyet|xet|phay|hat|hac|h|g)[\s.,-]+){0,3}"
_DICTATED = re.compile(rf"(?<!\w){_SAID}(?:{_BETWEEN}{_SAID}){{3,}}(?!\w)")


def mask(text: str) -> str:
    """Return ``text`` with everything personal as placeholders; at most ``LONGEST`` characters.

    Masking what is masked changes nothing, and no digit is left.

    >>> mask("hồ sơ 000.00.19.H39-260915-0001 của chị Lan, gọi 0912 345 678")
    'hồ sơ <mã> của chị <tên>, gọi <sđt>'
    >>> mask("em tên là trần văn tám, số nhà 12 hẻm 3, sinh ngày 2/9/1990")
    'em tên là <tên>, số nhà <địa_chỉ>, sinh ngày <ngày>'
    >>> mask("không chín một hai ba bốn năm, xem https://a.vn/?id=7 hoặc a@b.vn")
    '<số>, xem <link> hoặc <email>'
    """
    text = text[:_MOST_READ]
    for _ in range(_MOST_PASSES):
        before = text
        text = _pass(_cut(_plain_digits(normalise(text))))
        if text == before:
            break
    return text


def _pass(text: str) -> str:
    """Hide what each finder finds, the surest kinds first, and put placeholders in its place."""
    spans = [(*match.span(), match.group()) for match in _PLACEHOLDER.finditer(text)]
    shade = _shaded(text, spans)
    for find, placeholder in _FINDERS:
        found = [(start, end, placeholder) for start, end in find(shade)]
        shade = _shaded(shade, found)
        spans += found
    masked: list[str] = []
    position = 0
    for start, end, placeholder in sorted(spans):
        masked += [text[position:start], placeholder]
        position = end
    return _cut(_REPEATED.sub(r"\1", "".join(masked) + text[position:]))


def _shaded(text: str, spans: Iterable[tuple[int, int, str]]) -> str:
    for start, end, _ in spans:
        text = text[:start] + _HIDDEN * (end - start) + text[end:]
    return text


def _cut(text: str) -> str:
    """Return the beginning of ``text``, ending between two words where that is possible."""
    if len(text) <= LONGEST:
        return text
    return text[: LONGEST + 1].rpartition(" ")[0] or text[:LONGEST]


def _plain_digits(text: str) -> str:
    """Return ``text`` with the digits of every script as ours."""
    if text.isascii():
        return text
    return "".join(
        str(unicodedata.digit(char)) if char.isdigit() and not char.isascii() else char
        for char in text
    )


def _matches(pattern: re.Pattern[str]) -> Finder:
    def find(text: str) -> Spans:
        return (match.span() for match in pattern.finditer(folded(text)))

    return find


def _codes(text: str) -> Spans:
    return ((start, end) for start, end, _ in find_spans(text))


_FINDERS: Sequence[tuple[Finder, str]] = (
    (_matches(_MAIL), MAIL),
    (_matches(_LINK), LINK),
    (_codes, CODE),
    (_matches(_RESULT), CODE),
    (_matches(_PHONE), PHONE),
    (_matches(_DICTATED), NUMBER),
    *((find, PLACE) for find in PLACES),
    (_matches(_DAY), DAY),
    (_matches(_NUMBER), NUMBER),
    *((find, PLACE) for find in STREETS),
    *((find, NAME) for find in PEOPLE),
)
