"""Dossier codes: found in any spelling, compared by their letters and digits only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

_FIRST_DAY = date(2018, 6, 1)  # the grammar came into force in mid-2018
_LAST_DAY = date(2049, 12, 31)  # no running dossier is of a later day; longer rows fit by chance
_LONGEST_PREFIX = 64  # characters, the words "chấm" between dictated groups included
_LONGEST_NUMBER = 8  # digits of a running number
_MAX_UNITS = 9  # digits of up to three unit groups between the province and the day

# What people put between the parts, typed or dictated.
_POINT = r"(?:\s*(?:[.,·]|ch[aấ]m)\s*)"
_DASH = r"(?:\s*(?:[-‐‑‒–—―−_/]|g[aạ]ch(?:\s+(?:ngang|n[oố]i))?|tr[uừ])\s*)"
_BETWEEN = re.compile(rf"(?:{_POINT}|{_DASH}|\s+)+", re.IGNORECASE)
_ANCHOR = re.compile(
    r"(?<![^\W\d_])(?P<letter>[GH])[ .]?(?P<province>(?=[OIL]?[0-9])[0-9OIL]{2})", re.IGNORECASE
)
_GROUP = re.compile(r"(?=[^\W\d_]*[0-9]|O{2,})[0-9OILSB]+(?![^\W\d_])", re.IGNORECASE)
_GLUED = re.compile(r"[0-9OILSB]*(?![^\W\d_])", re.IGNORECASE)
# At most three groups: repeated without end, one long row of digits could be cut in so many
# ways that the search would never come back.
_PREFIX = re.compile(rf"(?:[0-9OIL]{{2,3}}(?:{_POINT}|\s+|)){{1,3}}$", re.IGNORECASE)
_PREFIX_COMPACT = re.compile(r"(?<![^\W_])[0-9OIL]{4,9}\s?$", re.IGNORECASE)

_YEAR = re.compile(r"(?:19|20)\d\d\s")
_IS_A_DAY = re.compile(r"\b(?:ng[aà]y|th[aá]ng|l[uú]c|h[oồ]i|nh[aà])\s*$", re.IGNORECASE)

_LEFT = str.maketrans("OIL", "011")
_RIGHT = str.maketrans("OILSB", "01158")
_NOT_ALNUM = re.compile(r"[^0-9A-Z]")


def _compact(text: str) -> str:
    return _NOT_ALNUM.sub("", text.upper())


def _written(text: str) -> str:
    """Return a code as one would write it: dictated marks as marks, no stray spaces."""
    text = re.sub(_DASH, "-", re.sub(_POINT, ".", text, flags=re.IGNORECASE), flags=re.IGNORECASE)
    return " ".join(text.upper().split())


def _key(text: str) -> str:
    """Return letters and digits with look-alikes resolved around the anchor letter."""
    raw = _compact(text)
    at = max(raw.rfind("G"), raw.rfind("H"))
    if at < 0:
        return raw.translate(_LEFT)
    return raw[:at].translate(_LEFT) + raw[at] + raw[at + 1 :].translate(_RIGHT)


@dataclass(frozen=True)
class DossierCode:
    """A dossier code as somebody wrote it; two codes are the same when their keys are.

    >>> DossierCode("000.00.19.h34–21O915–OOO1") == DossierCode("0000019H34-210915-0001")
    True
    """

    value: str = field(compare=False)

    @cached_property
    def key(self) -> str:
        """Return the matching key: letters and digits, O as 0, I and L as 1, and so on.

        >>> DossierCode("000.00.19.H39-260915-0001").key
        '0000019H392609150001'
        """
        return _key(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DossierCode) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    @classmethod
    def find_all(cls, text: str, today: date | None = None) -> tuple[DossierCode, ...]:
        """Return the codes in ``text`` in order, each once.

        >>> [code.key for code in DossierCode.find_all("mã hs h53.08-261110-0117 xong chưa")]
        ['H53082611100117']
        """
        return tuple(dict.fromkeys(code for _, _, code in find_spans(text, today)))

    @classmethod
    def parse(cls, text: str, today: date | None = None) -> DossierCode | None:
        """Return the code if ``text`` is wholly one code, else None."""
        spans = list(find_spans(text, today))
        if len(spans) == 1 and spans[0][:2] == (0, len(text.rstrip())) and text[:1].strip():
            return spans[0][2]
        return None


def find_spans(text: str, today: date | None = None) -> Iterator[tuple[int, int, DossierCode]]:
    """Yield ``(start, end, code)`` for every code in a normalised text.

    A code is an optional agency prefix, a letter G or H with two digits, up to three unit groups,
    a real day (six digits, or eight starting with 20) and a running number of 4 to 8 digits.
    """
    position = after = 0
    while anchor := _ANCHOR.search(text, position):
        position = anchor.end()
        end = _end_of_code(text, anchor.end(), today)
        if end is None:
            continue
        start = _start_of_code(text, anchor.start(), after)
        yield start, end, DossierCode(_written(text[start:end]))
        position = after = end


def find_beginnings(text: str) -> Iterator[tuple[int, int, list[str]]]:
    """Yield ``(start, end, groups)`` of every letter with its province, code or not.

    ``groups`` are the digits that follow, between their marks.
    """
    for anchor in _ANCHOR.finditer(text):
        groups, ends = _groups_after(text, anchor.end())
        yield anchor.start(), ends[-1] if ends else anchor.end(), groups


def _start_of_code(text: str, anchor: int, after: int) -> int:
    """Return where the agency prefix before the anchor begins, or ``anchor`` if there is none.

    What stands before ``after`` belongs to another code.
    """
    nearby = max(after, anchor - _LONGEST_PREFIX)
    if compact := _PREFIX_COMPACT.search(text, nearby, anchor):
        return anchor if _YEAR.fullmatch(compact.group()) else compact.start()
    match = _PREFIX.search(text, nearby, anchor)
    if not match:
        return anchor
    before = text[:anchor]
    groups = list(re.finditer(r"[0-9OIL]{2,3}", match.group(), re.IGNORECASE))[-3:]
    start = match.start() + groups[0].start()
    if start and (before[start - 1].isalnum()):
        return anchor
    digits = sum(len(group.group()) for group in groups)
    dotted = not re.search(r"[0-9OIL]\s+[0-9OIL]|\s$", before[start:], re.IGNORECASE)
    if dotted or digits >= 6:
        return start
    # "ngày 12 H39-…" and "ngày 12 11 H39-…" name no agency, "38 98 H29-…" does. Where it is not
    # sure, what is read has too much rather than too little: it is not found, never a stranger's.
    return start if len(groups) > 1 and not _IS_A_DAY.search(before[:start]) else anchor


def _end_of_code(text: str, position: int, today: date | None) -> int | None:
    """Return where the code ends that goes on at ``position``, or None if it is no code."""
    groups, ends = _groups_after(text, position)
    for index in range(len(groups) - 1):
        units = "".join(groups[:index])
        if len(units) <= _MAX_UNITS and is_day(groups[index], today):
            if 4 <= len(groups[index + 1]) <= 8:
                return ends[index + 1]
    if _is_miswritten(groups, today):
        return None
    for count in range(1, len(groups) + 1):
        if _splits("".join(groups[:count]), today):
            return ends[count - 1]
    return None


def _is_miswritten(groups: list[str], today: date | None) -> bool:
    """Whether what stands as the day is none, or has too long a number after it.

    Read across its marks, "G01.899.909-261345-1234" would hold some other day.
    """
    return any(
        stands_as_day(group)
        and len(after) >= 3
        and (len(after) > _LONGEST_NUMBER or not is_day(group, today))
        for group, after in zip(groups, groups[1:], strict=False)
    )


def stands_as_day(digits: str) -> bool:
    """Whether digits between two marks are as long as a written day, real or not."""
    return len(digits) == 6 or (len(digits) == 8 and digits.startswith("20"))


def _groups_after(text: str, position: int) -> tuple[list[str], list[int]]:
    """Return the digit groups that follow and where each ends; the first may be glued on."""
    groups: list[str] = []
    ends: list[int] = []
    glued = _GLUED.match(text, position)
    if glued is None:
        return groups, ends
    if glued.group():
        groups.append(glued.group())
        ends.append(glued.end())
    position = glued.end()
    while len(groups) < 12 and (between := _BETWEEN.match(text, position)):
        group = _GROUP.match(text, between.end())
        if not group:
            break
        groups.append(group.group())
        ends.append(group.end())
        position = group.end()
    return [group.upper().translate(_RIGHT) for group in groups], ends


def _splits(digits: str, today: date | None) -> bool:
    """Whether ``digits`` can be read as units, a day and a running number."""
    for units in range(min(_MAX_UNITS, len(digits)) + 1):
        for length in (6, 8):
            number = len(digits) - units - length
            if 4 <= number <= 8 and is_day(digits[units : units + length], today):
                return True
    return False


def is_day(digits: str, today: date | None = None) -> bool:
    """Whether six or eight digits are a real day from mid-2018 on, to tomorrow or 2049."""
    if len(digits) == 8 and digits.startswith("20"):
        digits = digits[2:]
    if len(digits) != 6:
        return False
    try:
        day = date(2000 + int(digits[:2]), int(digits[2:4]), int(digits[4:]))
    except ValueError:
        return False
    return _FIRST_DAY <= day <= (today + timedelta(days=1) if today else _LAST_DAY)
