"""Access and refresh tokens as the platform hands them out."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Mapping
from typing import Any

LIFE = 90000  # seconds
OK, INVALID, EXPIRED = 0, -216, -220


class Tokens:
    """One account's tokens: each refresh kills the pair before it."""

    def __init__(self, app_id: str, app_secret: str, first_refresh_token: str) -> None:
        self.app_id = app_id
        self.app_secret = app_secret
        self.refresh_token = first_refresh_token
        self.access_token = ""
        self.life = LIFE
        self.refreshes = 0
        self._expires_at = 0.0
        self._lock = threading.Lock()

    def check(self, access_token: str | None) -> int:
        """Return 0, or the code the platform answers to this token."""
        with self._lock:
            if not access_token or access_token != self.access_token:
                return INVALID
            return OK if time.time() < self._expires_at else EXPIRED

    def expire(self) -> None:
        """End the access token now."""
        with self._lock:
            self._expires_at = 0.0

    def exchange(self, secret_key: str | None, form: Mapping[str, str]) -> dict[str, Any]:
        """Return the body the token service answers; HTTP is 200 either way."""
        with self._lock:
            problem = self._problem(secret_key, form)
            if problem:
                return problem
            self.refreshes += 1
            self.access_token = f"access-{self.refreshes}-{secrets.token_urlsafe(60)}"
            self.refresh_token = f"refresh-{self.refreshes}-{secrets.token_urlsafe(60)}"
            self._expires_at = time.time() + self.life
            return {
                "access_token": self.access_token,
                "refresh_token": self.refresh_token,
                "expires_in": str(self.life),
            }

    def _problem(self, secret_key: str | None, form: Mapping[str, str]) -> dict[str, Any] | None:
        if form.get("app_id") != self.app_id:
            return _error(-14002, "Invalid appId")
        if secret_key != self.app_secret:
            return _error(-14004, "Invalid secret key")
        if form.get("grant_type") == "authorization_code":
            return _error(-14005, "Invalid code")
        if form.get("grant_type") != "refresh_token":
            return _error(-14018, "Invalid grant type")
        if form.get("refresh_token") != self.refresh_token:
            return _error(-14014, "Invalid refresh token")
        return None


def _error(code: int, name: str) -> dict[str, Any]:
    return {
        "error": code,
        "error_name": name,
        "error_description": name,
        "error_reason": "",
        "ref_doc": "https://developers.zalo.me/docs",
    }
