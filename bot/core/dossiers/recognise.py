"""Telling dossier codes from the other numbers people send."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.core.dossiers.codes import DossierCode

_PROCEDURE = re.compile(
    r"(?<![\w.])[1-3]\.\d{6}(?:(?:\.\d{3}\.\d{2}\.\d{2})?\.[GH]\d{2}(?:\.\d{2})?)?(?![\w]|\.\d)",
    re.IGNORECASE,
)
_RESULT = re.compile(
    r"(?<![\w.])(?:KQ\.[\w.]+|[\w.]+-KQ\d+|[GH]\d{2}-[A-Z]{2}\d{2})", re.IGNORECASE
)
_TAIL = re.compile(r"(?<![\w.-])\d{6}\s?[-–.]\s?\d{4,8}(?!\w)")
_PERSONAL = re.compile(r"(?<![\w.])(?:\d{12}|\d{9,10}|\+?84\d{9})(?!\w|[.-]\d)")


@dataclass(frozen=True)
class Numbers:
    """What numbers a text holds. Personal numbers are only counted, never kept."""

    codes: tuple[DossierCode, ...]
    procedures: tuple[str, ...]
    result_code: bool
    tail: bool
    personal: bool


def recognise(text: str) -> Numbers:
    """Return the numbers in a normalised text, told apart.

    >>> recognise("1.001193 cần gì").procedures
    ('1.001193',)
    >>> recognise("số 210915-0001").tail, recognise("cccd 012345678901").personal
    (True, True)
    """
    codes = DossierCode.find_all(text)
    rest = text if not codes else ""
    return Numbers(
        codes,
        tuple(match.group()[:8] for match in _PROCEDURE.finditer(text)),
        bool(_RESULT.search(rest)),
        bool(_TAIL.search(rest)),
        bool(_PERSONAL.search(rest)),
    )
