"""Access and refresh tokens, and the consent that leads to them."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Mapping
from typing import Any

from tests.simulator.clock import DAY, Clock
from tests.simulator.rules import Rulebook
from tests.simulator.rules.access import EXPIRED, INVALID
from tests.simulator.rules.oauth import GRANT_RULES, Consent, Grant

LIFE = 90000  # seconds
REFRESH_LIFE = 90 * DAY
CODE_LIFE = 600.0


class Tokens:
    """One account's tokens: each refresh kills the pair before it."""

    def __init__(
        self, app_id: str, app_secret: str, first_refresh: str, clock: Clock, rulebook: Rulebook
    ) -> None:
        self.app_id = app_id
        self.app_secret = app_secret
        self.refresh_token = first_refresh
        self.access_token = ""
        self.life = LIFE
        self.refreshes = 0
        self.consents: dict[str, Consent] = {}
        self.expires_at = 0.0
        self.refresh_ends_at = clock.now() + REFRESH_LIFE
        self.clock = clock
        self._rulebook = rulebook
        self._old: set[str] = set()
        self._used: set[str] = set()
        self._lock = threading.RLock()

    def check(self, access_token: str | None) -> int:
        """Return 0, or the code the platform answers to this token."""
        with self._lock:
            if not access_token or access_token != self.access_token:
                return INVALID
            return 0 if self.clock.now() < self.expires_at else EXPIRED

    def was_known(self, access_token: str) -> bool:
        """Tell whether this was an access token once."""
        return access_token in self._old or access_token == self.access_token

    def gave(self, form: Mapping[str, str]) -> bool:
        """Tell whether the code or refresh token in ``form`` is, or was, of this account."""
        refresh = form.get("refresh_token", "")
        return form.get("code", "") in self.consents or refresh in (
            self.refresh_token, *self._used,
        )  # fmt: skip

    def expire(self) -> None:
        """End the access token now."""
        with self._lock:
            self.expires_at = 0.0

    def consent(self, challenge: str) -> str:
        """Let the account's owner agree; return the code for the app."""
        code = secrets.token_urlsafe(40)
        self.consents[code] = Consent(challenge, self.clock.now() + CODE_LIFE)
        return code

    def exchange(self, secret_key: str | None, form: Mapping[str, str]) -> dict[str, Any]:
        """Return the body the token service answers; HTTP is 200 either way."""
        with self._lock:
            grant = Grant(self, secret_key, form)
            refusal = self._rulebook.first_broken(GRANT_RULES, grant)
            if refusal:
                return _error(*refusal)
            if consent := self.consents.get(form.get("code", "")):
                consent.used = True
            return self._new_pair()

    def _new_pair(self) -> dict[str, Any]:
        self.refreshes += 1
        self._old.add(self.access_token)
        self._used.add(self.refresh_token)
        self.access_token = f"access-{self.refreshes}-{secrets.token_urlsafe(60)}"
        self.refresh_token = f"refresh-{self.refreshes}-{secrets.token_urlsafe(60)}"
        now = self.clock.now()
        self.expires_at, self.refresh_ends_at = now + self.life, now + REFRESH_LIFE
        return {
            "access_token": self.access_token,
            "refresh_token": self.refresh_token,
            "expires_in": str(self.life),
        }


def _error(code: int, name: str) -> dict[str, Any]:
    return {
        "error": code,
        "error_name": name,
        "error_description": name,
        "error_reason": "",
        "ref_doc": "https://developers.zalo.me/docs",
    }
