"""The app, the official account, and what the platform thinks of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

STATE_AGENCY = 4


@dataclass(frozen=True)
class Account:
    """The ids and the secrets; all of them public examples."""

    app_id: str = "1000000000000000001"
    oa_id: str = "4000000000000000004"
    app_secret: str = "appSecretExample_0123456789"
    oa_secret: str = "oaSecretExample_0123456789"
    first_refresh_token: str = "refresh-first"
    bot_token: str = "5000000000000000005:botSecretExample_0123456789"


def another(number: int) -> Account:
    """Return a further account of the same app; numbers begin at 1."""
    digits = f"{4000000000000000004 + number}"
    return Account(
        oa_id=digits,
        oa_secret=f"oaSecretExample_of_{digits}",
        first_refresh_token=f"refresh-first-{number}",
    )


@dataclass
class Standing:
    """``refusal`` is a code every call is answered with (-204 disabled, -221, -224 package, …)."""

    name: str = "Cổng thông tin tỉnh (thử nghiệm)"
    refusal: int = 0
    wants_proof: bool = False
    oa_type: int = STATE_AGENCY
    redirect_uris: list[str] = field(
        default_factory=lambda: [
            "http://127.0.0.1:8080/",
            "http://127.0.0.1:8080/zalo/callback",
        ]  # fmt: skip
    )

    def as_json(self, account: Account, followers: int, cloud: bool) -> dict[str, Any]:
        """Return ``data`` of the account call."""
        return {
            "oaid": account.oa_id,
            "name": self.name,
            "description": "",
            "oa_alias": "",
            "is_verified": self.refusal != -221,
            "oa_type": self.oa_type,
            "cate_name": "",
            "num_follower": followers,
            "avatar": "",
            "cover": "",
            "package_name": "",
            "package_valid_through_date": "",
            "package_auto_renew_date": "",
            "linked_ZCA": "1" if cloud else "",
        }
