"""What proves an owner, kept so that nobody can read it back: digests under a secret key."""

from __future__ import annotations

import hmac
import re
from functools import cached_property

_GAP = r"[ .()-]{0,2}"
# A landline or mobile number of ours, else a foreign one; a cell may hold several.
_NUMBER = re.compile(
    rf"(?<!\d)(?:(?:(?:\+?84|0){_GAP})(?:2(?:{_GAP}\d){{9}}|[35789](?:{_GAP}\d){{8}})"
    rf"|[35789]\d{{8}}|\+?\d(?:{_GAP}\d){{8,14}})(?!\d)"
)
_KINDS = ("phone", "secret", "fingerprint")
_SECRET = re.compile(r"[^0-9A-Z]")


class OwnerDigests:
    """Makes and compares the digests of one desk. Without a secret nothing is kept or confirmed.

    Every kind has a key of its own, derived from the desk's secret; the dossier's code is part
    of what is hashed, so equal digits of two dossiers look different.
    """

    def __init__(self, secret: str = "") -> None:
        self._secret = secret.encode()

    @property
    def fingerprint(self) -> str:
        """Return what changes with the secret and does not tell it."""
        return self._digest("fingerprint", "")[:16]

    def phone(self, key: str, text: str) -> str:
        """Return the digest of the last four digits of a phone number, "" when there is none.

        >>> digests = OwnerDigests("s")
        >>> digests.phone("H39", "+84 900 000 641") == digests.phone("H39", "0900000641; 0272")
        True
        """
        found = _NUMBER.search(text)
        return self._digest("phone", f"{key}:{_digits(found.group())[-4:]}") if found else ""

    def secret(self, key: str, text: str) -> str:
        """Return the digest of a look-up secret (MaTraCuu), "" when there is none."""
        letters = _SECRET.sub("", text.upper())
        return self._digest("secret", f"{key}:{letters}") if letters else ""

    def is_phone(self, key: str, kept: str, text: str) -> bool:
        """Whether ``text`` ends with the last four digits of the phone kept."""
        digits = _digits(text)
        if len(digits) < 4:
            return False
        return _same(kept, self._digest("phone", f"{key}:{digits[-4:]}"))

    def is_secret(self, key: str, kept: str, text: str) -> bool:
        """Whether ``text`` is the look-up secret kept, capitals and marks aside."""
        return _same(kept, self.secret(key, text))

    def _digest(self, kind: str, text: str) -> str:
        if not self._secret:
            return ""
        return hmac.digest(self._keys[kind], text.encode(), "sha256").hex()

    @cached_property
    def _keys(self) -> dict[str, bytes]:
        labels = {kind: f"motcua owner {kind} 1".encode() for kind in _KINDS}
        return {kind: hmac.digest(self._secret, label, "sha256") for kind, label in labels.items()}


def _same(kept: str, asked: str) -> bool:
    return bool(kept and asked) and hmac.compare_digest(kept, asked)


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)
