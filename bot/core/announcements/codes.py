"""The short codes printed in notices."""

from __future__ import annotations

import re

from bot.core.vietnamese import fold

# Without letters and figures that look alike in print or on the telephone.
LETTERS = "ACDEFGHJKLMNPQRTUVWXY34679"
LENGTH = 7
_CODE = re.compile(rf"(?<![^\W_])[{LETTERS}]{{{LENGTH}}}(?![^\W_])", re.IGNORECASE)
# Folded: "mã tin: …", as every notice prints it.
_NAMED = re.compile(rf"\bma tin\s*:?\s*([a-z0-9]{{{LENGTH}}})\b")

_PAGE = re.compile(rf"/n/[{LETTERS}]{{{LENGTH}}}(?![^\W_])", re.IGNORECASE)


def codes_in(text: str) -> tuple[str, ...]:
    """Return everything in a text that has the shape of a code, in capitals, each once.

    >>> codes_in("mã tin k7m3qxa, xem https://a.gov.vn/n/ACDEFGH có thật không")
    ('K7M3QXA', 'ACDEFGH')
    """
    return tuple(dict.fromkeys(match.upper() for match in _CODE.findall(text)))


def named_code(text: str) -> str | None:
    """Return what a text calls the code of a notice, whether or not it can be one.

    >>> named_code("Mã tin: BIZ0125"), named_code("tin bão có thật không")
    ('BIZ0125', None)
    """
    match = _NAMED.search(fold(text))
    return match[1].upper() if match else None


def asks_by_code(text: str) -> bool:
    """Whether a text asks about a notice by its code: named so, as a link, or all by itself.

    >>> [asks_by_code(text) for text in ("mã tin: K7M3QXA thiệt hông", "k7m3qxa", "uyquyen")]
    [True, True, False]
    """
    alone = text.strip()
    mixed = any(char.isdigit() for char in alone) and any(char.isalpha() for char in alone)
    named = named_code(text) or _PAGE.search(text)
    return bool(named or (mixed and _CODE.fullmatch(alone)))
