"""Passwords as argon2id hashes, and the codes of authenticator apps."""

from __future__ import annotations

import secrets
import threading
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argon2 import PasswordHasher

_COMMON = Path(__file__).with_name("common_passwords.txt")
# OWASP's smaller choice: 19 MiB and two passes. Two at a time keep the process within its size.
_MEMORY = 19 * 1024  # KiB
_PASSES = 2
_AT_ONCE = 2
ISSUER = "MotCua"


class Argon2:
    """Hashes and checks; knocking at an account that is not there takes as long."""

    def __init__(self) -> None:
        self._turn = threading.BoundedSemaphore(_AT_ONCE)

    def hash(self, password: str) -> str:
        """Return what is kept of a password."""
        with self._turn:
            return self._hasher.hash(password)

    def fits(self, kept: str | None, password: str) -> bool:
        """Return whether it is the password; for None, False after the same work."""
        from argon2.exceptions import InvalidHashError, VerificationError

        with self._turn:
            try:
                return self._hasher.verify(kept or self._nobodys, password) and kept is not None
            except (VerificationError, InvalidHashError):
                return False

    @cached_property
    def _hasher(self) -> PasswordHasher:
        from argon2 import PasswordHasher

        return PasswordHasher(time_cost=_PASSES, memory_cost=_MEMORY, parallelism=1)

    @cached_property
    def _nobodys(self) -> str:
        return self._hasher.hash(secrets.token_urlsafe(32))


def new_totp() -> str:
    """Return a new secret for an authenticator app."""
    import pyotp

    return pyotp.random_base32()


def code_of(secret: str, step: int) -> str:
    """Return the code of a secret at a step."""
    import pyotp

    return pyotp.HOTP(secret).at(step)


def app_address(secret: str, login: str) -> str:
    """Return what the QR for an authenticator app says."""
    import pyotp

    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER)


def common_pieces() -> list[str]:
    """Return the pieces common passwords are put together from."""
    lines = _COMMON.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]
