"""Near misses: a code nobody knows, one slip of the finger away from a dossier of one's own.

Only ever compared with the citizen's own dossiers: among strangers' a guess could be wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from bot.core.dossiers.codes import DossierCode
from bot.core.vietnamese import fold

_ALIKE = str.maketrans("OILSB", "01158")
_DIGITS = "0123456789"
_NOT_ALNUM = re.compile(r"[^0-9A-Z]")
_LONGEST_TEXT = 200  # characters of a message that are searched for a damaged code
_FEWEST_DIGITS = 9


def is_near(key: str, own: str) -> bool:
    """Whether two different keys are one slip apart.

    A slip is one character wrong, missing or too many, two neighbours swapped, or letters in the
    place of the digits they look like.

    >>> is_near("H39261120042", "H392611020042"), is_near("H392611200042", "H392611020042")
    (True, True)
    >>> is_near("H392611020042", "H392611020042"), is_near("H392611030041", "H392611020042")
    (False, False)
    """
    if key == own or abs(len(key) - len(own)) > 1:
        return False
    if key.translate(_ALIKE) == own.translate(_ALIKE):
        return True
    first = next((i for i, (a, b) in enumerate(zip(key, own, strict=False)) if a != b), None)
    if first is None:
        return True  # one is the other and one character more
    if len(key) > len(own):
        return key[first + 1 :] == own[first:]
    if len(key) < len(own):
        return key[first:] == own[first + 1 :]
    if key[first + 1 :] == own[first + 1 :]:
        return True
    swapped = key[first + 1 : first + 2] + key[first]
    return swapped == own[first : first + 2] and key[first + 2 :] == own[first + 2 :]


def slips_of(key: str) -> Iterator[str]:
    """Yield the keys one slip away from ``key``, for comparing with digests; some twice."""
    for at, char in enumerate(key):
        rest = key[at + 1 :]
        others = "GH" if char in "GH" else _DIGITS
        yield from (key[:at] + other + rest for other in others if other != char)
        yield key[:at] + rest
        if rest:
            yield key[:at] + rest[0] + char + rest[1:]
    for at in range(len(key) + 1):
        yield from (key[:at] + digit + key[at:] for digit in _DIGITS)


def near_codes(text: str, own: Iterable[str]) -> tuple[str, ...]:
    """Return the codes of ``own`` that ``text`` holds with one slip, where it holds no code.

    >>> near_codes("hs H39.21-261102-042 sao rồi", ["H39.21-261102-0042", "H53.08-261110-0117"])
    ('H39.21-261102-0042',)
    """
    written = _NOT_ALNUM.sub("", fold(text[:_LONGEST_TEXT]).upper())
    if sum(char.isdigit() for char in written) < _FEWEST_DIGITS:
        return ()
    return tuple(code for code in own if _holds(written, DossierCode(code).key))


def _holds(written: str, key: str) -> bool:
    written = written.translate(_ALIKE)
    key = key.translate(_ALIKE)
    return any(
        is_near(written[at : at + length], key)
        for length in (len(key) - 1, len(key), len(key) + 1)
        for at in range(max(len(written) - length + 1, 0))
    )
