"""Which browser somebody came in with before: what the mark it keeps says, and for how long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.core.staff.sessions import DEVICE_LIFE

_MOST = 8  # people at one browser; a counter is shared by a few


@dataclass(frozen=True)
class Device:
    """A browser: its unguessable ``mark``, and who came in with it, the last one last.

    ``known`` holds keys of logins with the second of their last log-in.
    """

    mark: str
    known: tuple[tuple[str, int], ...] = ()

    def knows(self, login_key: str, now: datetime) -> bool:
        """Return whether this login came in here, not too long ago."""
        oldest = (now - DEVICE_LIFE).timestamp()
        return any(key == login_key and at > oldest for key, at in self.known)

    def with_login(self, login_key: str, now: datetime) -> Device:
        """Return the browser after this login came in; the longest away are forgotten."""
        others = tuple(each for each in self.known if each[0] != login_key)
        return replace(self, known=(*others, (login_key, int(now.timestamp())))[-_MOST:])

    def as_json(self) -> dict[str, Any]:
        """Return what the browser keeps, to be signed."""
        return {"mark": self.mark, "known": [list(each) for each in self.known]}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Device:
        """Return what ``as_json`` made; the caller checked the signature."""
        return cls(str(kept["mark"]), tuple((str(key), int(at)) for key, at in kept["known"]))
