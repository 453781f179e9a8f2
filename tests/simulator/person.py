"""One person with Zalo, as the platform knows them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.simulator.clock import DAY, VIETNAM

INACTIVE_AFTER = 45 * DAY


@dataclass
class Person:
    """Someone with Zalo.

    ``interacted_at`` is the last time they did something that opens the window, ``seen_at`` the
    last time they were on Zalo at all (None: lately). ``refusal`` is a code every message to
    them is answered with.
    """

    user_id: str
    name: str = ""
    place: str = ""
    phone: str = ""
    follows: bool = False
    interacted_at: float | None = None
    has_written: bool = False
    blocked: bool = False
    seen_at: float | None = None
    is_sensitive: bool = False
    on_mobile: bool = True
    refusal: int = 0
    unread: int = 0
    welcomes: int = 0
    alias: str = ""
    external_id: str = ""
    tags: list[str] = field(default_factory=list)
    shared: dict[str, str] = field(default_factory=dict)
    promotions: list[float] = field(default_factory=list)

    @property
    def id_by_app(self) -> str:
        """Return the id this person has at the app rather than at the account."""
        return "3" + self.user_id[1:]

    def interact(self, now: float, writes: bool = False) -> None:
        """Note that they did something that opens the window."""
        self.interacted_at = now
        self.seen_at = None
        self.has_written = self.has_written or writes

    def is_inactive(self, now: float) -> bool:
        """Tell whether they have not been on Zalo for 45 days."""
        return self.seen_at is not None and now - self.seen_at > INACTIVE_AFTER

    def as_detail(self) -> dict[str, Any]:
        """Return ``data`` of the user detail call."""
        shared = dict.fromkeys(("name", "phone", "address", "city", "district"), "")
        return {
            "user_id": self.user_id,
            "user_id_by_app": self.id_by_app,
            "user_external_id": self.external_id,
            "display_name": self.name,
            "user_alias": self.alias or self.name,
            "is_sensitive": self.is_sensitive,
            "user_last_interaction_date": self._last_day(),
            "user_is_follower": self.follows,
            "avatar": "",
            "avatars": {"120": "", "240": ""},
            "dynamic_param": "",
            "tags_and_notes_info": {"notes": [], "tag_names": list(self.tags)},
            "shared_info": {**shared, **self.shared},
        }

    def _last_day(self) -> str:
        if self.interacted_at is None:
            return ""
        return datetime.fromtimestamp(self.interacted_at, VIETNAM).strftime("%d/%m/%Y")


def new_id() -> str:
    """Return a message id as the platform writes them."""
    return secrets.token_hex(10)
