"""What a password must be: long, and not one that everybody tries first.

No demand for signs or capitals: people answer those with ``Matkhau@123``, which is on every
attacker's list. Length and a list of common pieces refuse that, and let a whole sentence pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum

from bot.core.vietnamese import fold

SHORTEST = 12  # characters
LONGEST = 256  # characters; hashing more would be work for whoever sends it
_UNLIKELY = 6  # characters that are in no common piece make a password hard enough to guess
_FEWEST_KINDS = 5  # different characters
_PLAIN = re.compile(r"[^0-9a-z]+")
_PLAIN_OR_LEET = re.compile(r"[^0-9a-z@$!]+")
_YEARS = r"(?:19|20)\d\d"
_LEET = str.maketrans("@$!013457", "asioieast")  # p@ssw0rd


class Weakness(str, Enum):
    """Why a password is refused."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    COMMON = "common"
    LIKE_LOGIN = "like_login"
    REPEATED = "repeated"


class PasswordRules:
    """Judges new passwords by length and by pieces people put passwords together from."""

    def __init__(self, common: Iterable[str] = ()) -> None:
        words = {_plain(word) for word in common}
        pieces = sorted((word for word in words if len(word) > 2), key=len, reverse=True)
        self._pieces = re.compile("|".join([*map(re.escape, pieces), _YEARS]))

    def weakness(self, password: str, login: str, name: str = "") -> Weakness | None:
        """Return why ``password`` cannot be that person's, or None.

        >>> rules = PasswordRules(["matkhau", "123456"])
        >>> rules.weakness("Mậtkhẩu@123456", "lan").value
        'common'
        >>> rules.weakness("trời mưa thì mang ô", "lan")
        """
        if len(password) < SHORTEST:
            return Weakness.TOO_SHORT
        if len(password) > LONGEST:
            return Weakness.TOO_LONG
        if len(set(password)) < _FEWEST_KINDS:
            return Weakness.REPEATED
        plain = _PLAIN_OR_LEET.sub("", fold(password))
        own = {_plain(login), *(_plain(word) for word in name.split())}
        if len(self._rest(_without(plain, own))) >= _UNLIKELY:
            return None
        return Weakness.COMMON if len(self._rest(plain)) < _UNLIKELY else Weakness.LIKE_LOGIN

    def _rest(self, plain: str) -> str:
        """Return what stays when every common piece is taken out, in whichever spelling."""
        rest = self._pieces.sub("", plain)
        swapped = self._pieces.sub("", rest.translate(_LEET))
        return min(self._pieces.sub("", _PLAIN.sub("", rest)), swapped, key=len)


def _without(plain: str, own: Iterable[str]) -> str:
    for word in sorted(own, key=len, reverse=True):
        if len(word) > 2:
            plain = plain.replace(word, "")
    return plain


def _plain(text: str) -> str:
    return _PLAIN.sub("", fold(text))
