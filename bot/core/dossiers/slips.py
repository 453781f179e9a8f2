"""Signed slips: the link in a receipt's QR code, which nobody but the desk can make.

A token is ``<code>.<key id>.<signature>``, all in capitals: a QR code packs capitals, digits and
``.-`` tighter than other text. With the address in small letters, as every scanner knows it, a
slip is one size smaller than with a signature in mixed case.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping

from bot.core.dossiers.codes import DossierCode
from bot.core.errors import DeskError

MAC_BITS = 80  # one guess in 2**80; each guess is a request to us, and they are counted
_MAC_BYTES = MAC_BITS // 8
_LABEL = b"motcua slip 1\0"
_REVOKED_LABEL = b"motcua revoked slip 1\0"
_KID = re.compile(r"[A-Z0-9]{1,8}")
_TOKEN = re.compile(r"(?P<code>[0-9A-Z.-]{8,64})\.(?P<kid>[A-Z0-9]{1,8})\.(?P<mac>[A-Z2-7]{16})")
_WRITABLE = re.compile(r"[0-9A-Z.-]{8,64}")
LONGEST_TOKEN = 64 + 1 + 8 + 1 + 16


class SlipImpossible(DeskError):
    """No slip can be made for this code; the message says why, ``why`` is "code", "revoked" or
    "address".
    """

    def __init__(self, message: str, why: str = "code") -> None:
        super().__init__(message)
        self.why = why


class Slips:
    """Signs and checks slips. ``keys`` are secrets by key id, ``newest`` signs, each verifies.

    ``revoked`` tells whether the slip with a digest (see ``digest``) was taken back. Raises
    ValueError for a key id that is not one to eight letters and digits.
    """

    def __init__(
        self, keys: Mapping[str, bytes], newest: str, revoked: Callable[[str], bool]
    ) -> None:
        self._keys = {kid.upper(): key for kid, key in keys.items()}
        self._newest = newest.upper()
        self._revoked = revoked
        bad = [kid for kid in self._keys if not _KID.fullmatch(kid)]
        if bad or self._newest not in self._keys or len(self._keys) < len(keys):
            raise ValueError(f"key ids must be different, of 1-8 letters and digits: {bad}")

    @property
    def kids(self) -> tuple[str, ...]:
        """Return the key ids, the one that signs first."""
        return tuple(sorted(self._keys, key=lambda kid: kid != self._newest))

    def sign(self, code: DossierCode) -> str:
        """Return the token of ``code``.

        Raises SlipImpossible for a code the desk would not read again, and for one whose slip was
        taken back: only a newer key makes another.
        """
        value = re.sub(r"\s+", ".", code.value.strip().upper())
        if not _WRITABLE.fullmatch(value) or DossierCode.parse(value) != code:
            raise SlipImpossible(f"{code.value!r} is no dossier code that can be read back")
        if self._revoked(self.digest(code, self._newest)):
            message = f"the slip of {value} under key {self._newest} was revoked"
            raise SlipImpossible(message, "revoked")
        return f"{value}.{self._newest}.{self._mac(code, self._newest)}"

    def verify(self, token: str) -> DossierCode | None:
        """Return the code of a slip of ours; None for a forged, revoked or unknown one."""
        if len(token) > LONGEST_TOKEN:
            return None
        match = _TOKEN.fullmatch(token.upper()) if token.isascii() else None
        code = DossierCode.parse(match["code"]) if match else None
        if match is None or code is None or match["kid"] not in self._keys:
            return None
        right = self._mac(code, match["kid"])
        if not hmac.compare_digest(right.encode(), match["mac"].encode()):
            return None
        return None if self._revoked(self.digest(code, match["kid"])) else code

    def digest(self, code: DossierCode, kid: str) -> str:
        """Return what the list of revoked slips keeps: nobody reads the code from it."""
        return self._hmac(kid.upper(), _REVOKED_LABEL + code.key.encode()).hex()

    def _mac(self, code: DossierCode, kid: str) -> str:
        whole = self._hmac(kid, _LABEL + code.key.encode())
        return base64.b32encode(whole[:_MAC_BYTES]).decode("ascii")

    def _hmac(self, kid: str, message: bytes) -> bytes:
        return hmac.new(self._keys[kid], message, hashlib.sha256).digest()


def slip_link(address: str, token: str) -> str:
    """Return what the QR of a slip holds.

    >>> slip_link("https://motcua.example.vn/", "H53.16-260916-0012.A.ABCDEFGHIJKLMNOP")
    'https://motcua.example.vn/q/H53.16-260916-0012.A.ABCDEFGHIJKLMNOP'
    """
    return f"{address.rstrip('/')}/q/{token}"


def code_in(text: str) -> DossierCode | None:
    """Return the code a token names, signed, cut off or neither, or the bare code ``text`` is.

    >>> code_in("h53.16-260916-0012.z.forged").value, code_in("H53.16-260916-0012").value
    ('H53.16-260916-0012', 'H53.16-260916-0012')
    """
    if len(text) > LONGEST_TOKEN or not (text.isascii() and text.isprintable()):
        return None
    heads = (text.rsplit(".", parts)[0] for parts in range(3))
    return next(filter(None, map(DossierCode.parse, heads)), None)
