"""What every messaging platform must offer the desk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.core.messages import Inbound, Reply


@dataclass(frozen=True)
class Receipted:
    """The platform says a message arrived (or was seen)."""

    platform_message_id: str


@dataclass(frozen=True)
class Webhook:
    """One webhook call, understood.

    ``status`` is what to answer. ``outcome`` is a short word for counters and logs: ``accepted``,
    ``check`` (the platform tests the address), ``bad_signature``, ``malformed``, ``ignored``.
    """

    status: int
    outcome: str
    inbounds: tuple[Inbound, ...] = ()
    receipts: tuple[Receipted, ...] = ()


class Channel(Protocol):
    """One messaging platform."""

    name: str

    def receive(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Webhook:
        """Verify and parse one webhook call; never raises for what a stranger may send."""

    def send(self, external_id: str, reply: Reply) -> str:
        """Send one bubble and return the platform's message id.

        Raises SendLater, SendRefused, SendNeedsPerson or SendUnsure.
        """

    def fit(self, reply: Reply) -> tuple[Reply, ...]:
        """Split a bubble to the platform's limits (text length, number of buttons)."""
