"""Receipt numbers of other systems ("số biên nhận"), by patterns the province gives."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.core.dossiers.codes import DossierCode
from bot.core.vietnamese import fold

_LONGEST = 64  # characters of one number
_NEAR = 40  # characters before a number within which its label must stand


@dataclass(frozen=True)
class ReceiptPattern:
    """One system's numbers. ``label`` are words that must stand before one, "" for none.

    A pattern of digits only needs a label: otherwise phones and identity numbers would be
    searched for.
    """

    name: str
    pattern: re.Pattern[str]
    label: str = ""


class ReceiptNumbers:
    """Finds the numbers of all patterns; without patterns, none.

    >>> rows = [{"name": "old", "pattern": "[0-9]{9,13}", "label": "biên nhận"}]
    >>> found = ReceiptNumbers.from_rows(rows).find_all("số biên nhận 000123456 tới đâu")
    >>> [code.value for code in found]
    ['000123456']
    """

    def __init__(self, patterns: Iterable[ReceiptPattern] = ()) -> None:
        self._patterns = tuple(patterns)

    @classmethod
    def from_rows(cls, rows: Iterable[Mapping[str, Any]]) -> ReceiptNumbers:
        """Read the rows of a province's file. Raises ValueError naming the row and the cure."""
        return cls([_pattern(row) for row in rows])

    def find_all(self, text: str) -> tuple[DossierCode, ...]:
        """Return the numbers in a normalised text, each once."""
        found = (
            DossierCode(match.group().upper())
            for each in self._patterns
            for match in each.pattern.finditer(text)
            if len(match.group()) <= _LONGEST and _is_labelled(each, text, match.start())
        )
        return tuple(dict.fromkeys(found))


def _is_labelled(pattern: ReceiptPattern, text: str, start: int) -> bool:
    return fold(pattern.label) in fold(text[max(start - _NEAR, 0) : start])


def _pattern(row: Mapping[str, Any]) -> ReceiptPattern:
    name, label = str(row.get("name") or ""), str(row.get("label") or "")
    try:
        # Nothing but the whole number: "12" is not found in the middle of "4123".
        pattern = re.compile(rf"(?<![\w.-])(?:{row['pattern']})(?![\w]|[.-]\w)", re.IGNORECASE)
    except (KeyError, re.error) as error:
        raise ValueError(f"receipt number {name!r}: give a regular expression") from error
    if pattern.search("") or (not label and pattern.search("0" * 9 + " " + "0" * 12)):
        raise ValueError(f"receipt number {name!r}: digits alone need a label before them")
    return ReceiptPattern(name, pattern, label)
