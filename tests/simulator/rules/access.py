"""Who calls: the token, the app, the call rate."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.simulator.rules.rule import Rule

if TYPE_CHECKING:
    from tests.simulator.call import Call

INVALID, EXPIRED = -216, -220
BY_PHONE_INVALID = -124


def _bad_proof(call: Call) -> bool:
    standing, account = call.world.standing, call.world.account
    if not standing.wants_proof:
        return False
    key, token = account.app_secret.encode(), (call.access_token or "").encode()
    proof = hmac.new(key, token, hashlib.sha256).hexdigest()
    return not hmac.compare_digest(call.headers.get("appsecret_proof", ""), proof)


def _token_is(code: int) -> Callable[[Call], bool]:
    def broken(call: Call) -> bool:
        return bool(call.access_token) and call.world.tokens.check(call.access_token) == code

    return broken


ACCOUNT_RULES = (
    Rule("account-in-order", -204, "the account or the app cannot be used",
         lambda call: call.world.standing.refusal),
    Rule("app-secret-proof", -242, "appsecret_proof is invalid", _bad_proof),
    Rule("call-rate", -32, "Your application reached limit call api", lambda c: c.remain < 0),
)  # fmt: skip
ACCESS_RULES = (
    Rule("token-given", INVALID, "Access token is invalid", lambda call: not call.access_token),
    Rule("token-valid", INVALID, "Access token is invalid", _token_is(INVALID)),
    Rule("token-alive", EXPIRED, "Access token has expired", _token_is(EXPIRED)),
    *ACCOUNT_RULES,
)
PHONE_ACCESS_RULES = (
    Rule("phone-token-valid", BY_PHONE_INVALID, "Access token is invalid",
         lambda call: call.world.tokens.check(call.access_token) != 0),
    *ACCOUNT_RULES,
)  # fmt: skip
