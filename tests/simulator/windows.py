"""May the account write to this person now, and who pays?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from tests.simulator.clock import DAY, HOUR, VIETNAM
from tests.simulator.person import Person, new_id

FREE_FOR, OPEN_FOR = 48 * HOUR, 7 * DAY
WELCOMES = 3
PRICE = 55  # VND for a charged consultation message


class Window(Enum):
    """What the last interaction allows."""

    NEVER = "never"
    FREE = "free"
    CHARGED = "charged"
    CLOSED = "closed"


def window_of(person: Person, now: float) -> Window:
    """Return what may be sent to ``person`` at ``now``."""
    if person.interacted_at is None:
        return Window.NEVER
    since = now - person.interacted_at
    if since <= FREE_FOR:
        return Window.FREE
    return Window.CHARGED if since <= OPEN_FOR else Window.CLOSED


@dataclass
class Purse:
    """What the account may spend: a package's messages first, then a linked cloud account."""

    package_total: int = 0
    package_remain: int = 0
    package_id: str = "8c273149281ac144980b"
    cloud_account: bool = False
    balance: int = 0

    def can_pay(self, price: int = PRICE) -> bool:
        """Tell whether the cloud account has ``price`` dong."""
        return self.cloud_account and self.balance >= price

    def give_package(self, total: int) -> None:
        """Put a package of ``total`` messages into the purse."""
        self.package_total = self.package_remain = total


def charge(person: Person, purse: Purse, now: float) -> dict[str, Any] | None:
    """Take the price of one message; return ``quota`` of the answer (None: it was charged)."""
    if window_of(person, now) is Window.FREE:
        if person.follows and not person.has_written and person.welcomes < WELCOMES:
            person.welcomes += 1
            return {"quota_type": "welcome_msg"}
        return {"quota_type": "reply"}
    if purse.package_remain > 0:
        purse.package_remain -= 1
        return {
            "quota_type": "sub_quota",
            "remain": str(purse.package_remain),
            "total": str(purse.package_total),
            "expired_date": end_of_month(now),
        }
    purse.balance -= PRICE
    return None


def end_of_month(now: float) -> str:
    """Return the last day of the month, ``dd/MM/yyyy``."""
    day = datetime.fromtimestamp(now, VIETNAM)
    following = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return (following - timedelta(days=1)).strftime("%d/%m/%Y")


def package_row(purse: Purse, now: float, product: str = "cs") -> dict[str, Any]:
    """Return one row of the quota call."""
    return {
        "asset_id": purse.package_id or new_id(),
        "product_type": product,
        "quota_type": "sub_quota",
        "valid_through": end_of_month(now),
        "total": purse.package_total,
        "remain": purse.package_remain,
    }
