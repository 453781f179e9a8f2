"""Tokens at rest: readable only with a key that is not in the database.

Each key is stretched by HKDF to what Fernet wants (AES-128-CBC with HMAC-SHA256). The first key
seals, every key opens: that is how keys are changed without losing what is kept.
"""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.core.errors import SecretUnreadable, SettingsError

SEALED = "sealed:"
_PURPOSE = b"motcua platform tokens 1"
_LOST = (
    "the kept tokens do not open with the present key: put the key used before behind the new one "
    '(MOTCUA_TOKEN_KEY="new old"), or grant access anew with `flask --app server zalo login`'
)
_NO_KEY = "tokens are not kept without a key: set MOTCUA_TOKEN_KEY or MOTCUA_SECRET_KEY"


class Sealer:
    """Seals with the first of ``keys`` and opens with any of them."""

    def __init__(self, keys: Sequence[str] = ()) -> None:
        self._keys = tuple(dict.fromkeys(key for key in keys if key))

    def seal(self, text: str) -> str:
        """Return ``text`` so that only a holder of the key can read it. Raises SettingsError."""
        if not self._keys:
            raise SettingsError(_NO_KEY)
        return SEALED + self._fernets[0].encrypt(text.encode()).decode()

    def open(self, kept: str) -> str:
        """Return what was sealed; what never was is returned as it is.

        Raises SecretUnreadable, which says what to do, when no key fits.
        """
        if not kept.startswith(SEALED):
            return kept
        try:
            sealed = kept.removeprefix(SEALED).encode()
            return MultiFernet(self._fernets).decrypt(sealed).decode()
        except (InvalidToken, ValueError) as error:  # ValueError: there is no key at all
            raise SecretUnreadable(_LOST) from error

    def is_current(self, kept: str) -> bool:
        """Whether ``kept`` is sealed, and with the first key; without keys nothing can be."""
        if not self._keys:
            return True
        if not kept.startswith(SEALED):
            return False
        try:
            self._fernets[0].decrypt(kept.removeprefix(SEALED).encode())
        except InvalidToken:
            return False
        return True

    @cached_property
    def _fernets(self) -> tuple[Fernet, ...]:
        return tuple(Fernet(_stretched(key)) for key in self._keys)


def _stretched(key: str) -> bytes:
    derived = HKDF(SHA256(), length=32, salt=None, info=_PURPOSE).derive(key.encode())
    return base64.urlsafe_b64encode(derived)


def made_key(path: Path) -> str:
    """Return the key in ``path``, made at the first call; only its owner may read it.

    Processes that start together end with the same key. Raises SettingsError.
    """
    try:
        if not path.exists():
            _make(path)
        return path.read_text(encoding="ascii").strip()
    except (OSError, ValueError) as error:
        raise SettingsError(f"the key file {path} cannot be used: set MOTCUA_TOKEN_KEY") from error


def _make(path: Path) -> None:
    whole = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    handle = os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(32))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(whole, path)  # never over a key somebody else just made
    except FileExistsError:
        pass
    finally:
        whole.unlink()
