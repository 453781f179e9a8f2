"""The token service: consent and exchange."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.simulator.rules.rule import Rule

if TYPE_CHECKING:
    from tests.simulator.tokens import Tokens

BY_CODE, BY_REFRESH = "authorization_code", "refresh_token"
VERIFIER_LENGTH = 43


@dataclass
class Consent:
    """The owner of the account agreed; ``challenge`` is empty without PKCE."""

    challenge: str
    ends_at: float
    used: bool = False


@dataclass(frozen=True)
class Grant:
    """One call of the token service."""

    tokens: Tokens
    secret_key: str | None
    form: Mapping[str, str]

    @property
    def kind(self) -> str:
        """Return the grant type."""
        return self.form.get("grant_type", "")

    @property
    def consent(self) -> Consent | None:
        """Return what the code stands for."""
        return self.tokens.consents.get(self.form.get("code", ""))


def challenge_of(verifier: str) -> str:
    """Return base64url, without padding, of the raw SHA-256 of ``verifier``."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _code_unknown(grant: Grant) -> bool:
    return grant.kind == BY_CODE and grant.consent is None


def _code_spent(grant: Grant) -> bool:
    consent = grant.consent if grant.kind == BY_CODE else None
    return consent is not None and consent.used


def _code_late(grant: Grant) -> bool:
    consent = grant.consent if grant.kind == BY_CODE else None
    return consent is not None and consent.ends_at <= grant.tokens.clock.now()


def _verifier(grant: Grant) -> bool:
    consent = grant.consent if grant.kind == BY_CODE else None
    if consent is None or not consent.challenge:
        return False
    verifier = grant.form.get("code_verifier", "")
    return len(verifier) != VERIFIER_LENGTH or challenge_of(verifier) != consent.challenge


def _refresh_wrong(grant: Grant) -> bool:
    given = grant.form.get("refresh_token")
    return grant.kind == BY_REFRESH and given != grant.tokens.refresh_token


def _refresh_late(grant: Grant) -> bool:
    tokens = grant.tokens
    return grant.kind == BY_REFRESH and tokens.refresh_ends_at <= tokens.clock.now()


GRANT_RULES = (
    Rule("grant-app-id", -14002, "Invalid appId",
         lambda grant: grant.form.get("app_id") != grant.tokens.app_id),
    Rule("grant-secret", -14004, "Invalid secret key",
         lambda grant: grant.secret_key != grant.tokens.app_secret),
    Rule("grant-type", -14018, "Invalid grant type",
         lambda grant: grant.kind not in (BY_CODE, BY_REFRESH)),
    Rule("grant-code", -14005, "Invalid code", _code_unknown),
    Rule("grant-code-once", -14005, "Invalid code", _code_spent),
    Rule("grant-code-alive", -14005, "Invalid code", _code_late),
    Rule("grant-verifier", -14005, "Invalid code verifier", _verifier),
    Rule("grant-refresh-once", -14014, "Invalid refresh token", _refresh_wrong),
    Rule("grant-refresh-alive", -14014, "Invalid refresh token", _refresh_late),
)  # fmt: skip
CONSENT_RULES = (
    Rule("consent-app-id", -14002, "Invalid appId",
         lambda call: call.query.get("app_id") != call.world.account.app_id),
    Rule("consent-redirect", -14003, "Invalid redirect uri",
         lambda call: call.query.get("redirect_uri") not in call.world.standing.redirect_uris),
)  # fmt: skip
