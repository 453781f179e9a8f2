"""What every messaging platform must offer the desk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.core.messages import Inbound, Reply


@dataclass(frozen=True)
class Receipted:
    """The platform says a message arrived, or that it was seen."""

    platform_message_id: str
    seen: bool = False


@dataclass(frozen=True)
class Echo:
    """A message that left in the account's name, as the platform tells us about it.

    ``by_staff``: a person wrote it in the platform's own tool; otherwise it was sent by a program,
    most likely by us. ``text`` is empty for pictures and files.
    """

    platform_message_id: str
    recipient_id: str
    text: str
    sent_at: datetime
    by_staff: bool


@dataclass(frozen=True)
class Webhook:
    """One webhook call, understood.

    ``status`` is what to answer. ``outcome`` is a short word for counters and logs: ``accepted``,
    ``check`` (the platform tests the address), ``bad_signature``, ``malformed``, ``ignored``;
    ``reason`` says why, in one word out of a short list. ``channel`` names the account's own
    channel where one address serves several.
    """

    status: int
    outcome: str
    inbounds: tuple[Inbound, ...] = ()
    receipts: tuple[Receipted, ...] = ()
    echoes: tuple[Echo, ...] = ()
    reason: str = ""
    channel: str = ""

    @property
    def holds_something(self) -> bool:
        """Whether there is anything to keep."""
        return bool(self.inbounds or self.receipts or self.echoes)


VISITORS = "-visitors"


def visitors_of(channel: str) -> str:
    """Return the channel of an account's visitors: people whom its platform does not know.

    >>> visitors_of("zalo")
    'zalo-visitors'
    """
    return channel + VISITORS


def is_for_visitors(channel: str) -> bool:
    """Whether nobody on ``channel`` can be reached again once the conversation is over."""
    return channel.endswith(VISITORS)


class Channel(Protocol):
    """One messaging platform.

    ``has_buttons`` is False where a citizen can only write: see ``Numbered``.
    """

    name: str
    has_buttons: bool

    def receive(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Webhook:
        """Verify and parse one webhook call; never raises for what a stranger may send."""

    def understand(self, body: bytes, now: datetime) -> Webhook:
        """Parse a call that ``receive`` verified at ``now``; the spool brings it back later."""

    def send(self, external_id: str, reply: Reply) -> str:
        """Send one bubble and return the platform's message id.

        Raises SendLater, SendRefused, SendNeedsPerson or SendUnsure.
        """

    def fit(self, reply: Reply) -> tuple[Reply, ...]:
        """Split a bubble to the platform's limits (text length, number of buttons)."""
