"""What was meant as a dossier code and is none: told to the citizen, never guessed at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from bot.core.dossiers.codes import find_beginnings, find_spans, is_day, stands_as_day
from bot.core.dossiers.dictation import as_digits

_FEWEST_DIGITS = 7  # after the province; fewer are a house number or a year
_LONGEST_SHOWN = 40  # characters
_NUMBER = range(4, 9)  # digits of a running number
_PERSONAL = (9, 10, 12)  # digits of a phone, an identity card
_DASH = re.compile(r"[-‐‑‒–—―−_/]")
# The day and the running number of a code whose letter is missing or another one. Alone they are
# a tail, which ``recognise`` knows.
_WITHOUT_LETTER = re.compile(r"\d[ .–-]+\d{6}\s?[-–]\s?\d{3,9}(?!\d)")


class Fault(str, Enum):
    """What is wrong with it."""

    DAY = "day"
    SHORT = "short"  # too few digits after the day
    LONG = "long"
    LETTER = "letter"
    SHAPE = "shape"


@dataclass(frozen=True)
class BrokenCode:
    """A code that cannot be read; ``text`` is safe to show, "" where it might be personal."""

    fault: Fault
    text: str = ""


def broken_codes(text: str) -> tuple[BrokenCode, ...]:
    """Return what a normalised text, typed or dictated, holds of codes that are none.

    >>> broken_codes("tra giúp H53.08-261310-0118")
    (BrokenCode(fault=<Fault.DAY: 'day'>, text='H53.08-261310-0118'),)
    >>> broken_codes("H39.21-261102-042")[0].fault, broken_codes("H39.21-261102-0042")
    (<Fault.SHORT: 'short'>, ())
    """
    if not any(char.isdigit() for char in text):
        text = as_digits(text)
    read = [(start, end) for start, end, _ in find_spans(text)]
    found = tuple(dict.fromkeys(_broken_in(text, read)))
    if found or read or not _WITHOUT_LETTER.search(text):
        return found
    return (BrokenCode(Fault.LETTER),)


def _broken_in(text: str, read: list[tuple[int, int]]) -> Iterator[BrokenCode]:
    for start, end, groups in find_beginnings(text):
        written = text[start:end]
        inside = any(first <= start < last for first, last in read)
        if inside or not _is_meant(written, groups):
            continue
        shown = "" if any(len(group) in _PERSONAL for group in groups) else written
        yield BrokenCode(_fault_of(groups), shown[:_LONGEST_SHOWN].upper())


def _is_meant(written: str, groups: list[str]) -> bool:
    lengths = [len(group) for group in groups]
    if sum(lengths) < _FEWEST_DIGITS:
        return False
    if _DASH.search(written) or " " not in written:
        return True
    apart = written[1] == " "  # "gặp anh H 0912345678"
    return max(lengths) > 4 and not apart and not any(each in _PERSONAL for each in lengths)


def _fault_of(groups: list[str]) -> Fault:
    for group, after in zip(groups, [*groups[1:], ""], strict=True):
        if is_day(group) and len(after) not in _NUMBER:
            return Fault.SHORT if len(after) < _NUMBER.start else Fault.LONG
        if stands_as_day(group) and not is_day(group):
            return Fault.DAY
    return Fault.SHAPE
