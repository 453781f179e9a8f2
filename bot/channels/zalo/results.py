"""What the platform answers, read with care: a field may be missing or of another type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timezone
from typing import Any

from bot.channels.zalo.limits import LAST_OFFSET


@dataclass(frozen=True)
class Sent:
    """A message the platform took. ``quota`` names what paid for it; "" means it was charged."""

    message_id: str
    quota: str = ""

    @classmethod
    def read(cls, data: Any) -> Sent:
        """Read the ``data`` of an answer; the id is empty when it names none."""
        names = ("message_id", "msg_id")
        found = next((text(data, name) for name in names if text(data, name)), "")
        return cls(found, text(part(data, "quota"), "quota_type"))


@dataclass(frozen=True)
class Profile:
    """What the platform tells about a citizen. ``last_interaction`` is a day in Vietnam."""

    user_id: str
    name: str
    follows: bool
    is_minor: bool
    last_interaction: date | None

    @classmethod
    def read(cls, data: Any) -> Profile:
        """Read the ``data`` of an answer."""
        return cls(
            text(data, "user_id"),
            text(data, "display_name"),
            yes(data, "user_is_follower"),
            yes(data, "is_sensitive"),
            day(text(data, "user_last_interaction_date")),
        )


@dataclass(frozen=True)
class Followers:
    """One page of a list of people. ``total`` may be more than can ever be read (10,000)."""

    total: int
    user_ids: tuple[str, ...]

    @property
    def is_cut(self) -> bool:
        """Whether the list is longer than its last page reaches."""
        return self.total > LAST_OFFSET + 49

    @classmethod
    def read(cls, data: Any) -> Followers:
        """Read the ``data`` of an answer."""
        users = data.get("users") if isinstance(data, dict) else None
        ids = [text(user, "user_id") for user in users] if isinstance(users, list) else []
        return cls(number(data, "total"), tuple(each for each in ids if each))


@dataclass(frozen=True)
class PersonQuota:
    """What may still be sent to one person; ``last_interaction_at`` in UTC."""

    last_interaction_at: datetime | None
    promotions_today: int

    @classmethod
    def read(cls, data: Any) -> PersonQuota:
        """Read the ``data`` of an answer."""
        promotion = part(data, "promotion")
        return cls(moment(text(data, "last_interaction")), number(promotion, "daily_remain"))


@dataclass(frozen=True)
class Quota:
    """An allowance of the account: ``remain`` of ``total`` until ``valid_through`` (as given)."""

    product: str
    kind: str
    total: int
    remain: int
    valid_through: str

    @classmethod
    def read_all(cls, data: Any) -> tuple[Quota, ...]:
        """Read the ``data`` of an answer, a list."""
        return tuple(
            cls(
                text(row, "product_type"),
                text(row, "quota_type"),
                number(row, "total"),
                number(row, "remain"),
                text(row, "valid_through"),
            )
            for row in (data if isinstance(data, list) else ())
        )


@dataclass(frozen=True)
class OfficialAccount:
    """The account as the platform knows it; ``kind`` 4 is a state agency."""

    oa_id: str
    name: str
    is_verified: bool
    kind: str
    followers: int
    package: str
    package_until: str
    cloud_account: str

    @classmethod
    def read(cls, data: Any) -> OfficialAccount:
        """Read the ``data`` of an answer."""
        return cls(
            text(data, "oaid") or text(data, "oa_id"),
            text(data, "name"),
            yes(data, "is_verified"),
            text(data, "oa_type"),
            number(data, "num_follower"),
            text(data, "package_name"),
            text(data, "package_valid_through_date"),
            text(data, "linked_ZCA"),
        )


def part(data: Any, name: str) -> Mapping[str, Any]:
    """Return the object ``data[name]``, empty if there is none."""
    value = data.get(name) if isinstance(data, dict) else None
    return value if isinstance(value, dict) else {}


def text(data: Any, name: str) -> str:
    """Return ``data[name]`` as text; numbers too, which some answers use for ids."""
    value = data.get(name) if isinstance(data, dict) else None
    if isinstance(value, (str, int)) and not isinstance(value, bool):
        return str(value)
    return ""


def yes(data: Any, name: str) -> bool:
    """Return the truth ``data[name]``, written as JSON or as a word."""
    value = data.get(name) if isinstance(data, dict) else None
    return value is True or value in (1, "1", "true")


def number(data: Any, name: str) -> int:
    """Return the count ``data[name]``; 0 if it is none."""
    found = text(data, name)
    return int(found) if found.isascii() and found.isdecimal() and len(found) < 16 else 0


def day(written: str) -> date | None:
    """Return a day written as 21/11/2026, or None."""
    try:
        found = datetime.strptime(written, "%d/%m/%Y").replace(tzinfo=timezone.utc)
    except ValueError:
        return None
    return found.date()


def moment(milliseconds: str) -> datetime | None:
    """Return the moment of an epoch in milliseconds, or None."""
    if not (milliseconds.isascii() and milliseconds.isdecimal() and len(milliseconds) < 15):
        return None
    return datetime.fromtimestamp(int(milliseconds) / 1000, timezone.utc)
