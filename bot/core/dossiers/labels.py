"""Names of states that other software wrote, and which of them may be repeated to citizens."""

from __future__ import annotations

import re

from bot.core.vietnamese import normalise

LONGEST_LABEL = 80  # characters; the longest of the national list has forty
# A link, an address, mark-up or a number to call or to pay to is no name of a state.
_UNFIT = re.compile(
    r"[<>@{}\[\]\\]|://|\bwww\.|(?:\d[ .-]?){7,}"
    r"|[\w-]\.(?:vn|com|net|org|info|biz|io|me|ly|cc|xyz|top|link|site|shop|online|app|vip)\b",
    re.IGNORECASE,
)


def fit_to_repeat(text: str, longest: int = LONGEST_LABEL) -> str:
    """Return ``text``, or nothing when it is no plain name of at most ``longest`` characters.

    >>> fit_to_repeat("Chờ ký duyệt")
    'Chờ ký duyệt'
    >>> fit_to_repeat("Xem evil.vn"), fit_to_repeat("STK 0123 456 789")
    ('', '')
    """
    return "" if len(text) > longest or _UNFIT.search(normalise(text)) else text
