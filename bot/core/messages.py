"""What citizens send and what the desk sends back, whatever the platform."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from typing import Any


class InboundKind(str, Enum):
    """What kind of thing a citizen sent."""

    TEXT = "text"
    IMAGE = "image"
    LOCATION = "location"
    STICKER = "sticker"
    FOLLOW = "follow"
    UNFOLLOW = "unfollow"
    OPENED = "opened"  # pressed "chat" for the first time: greeted
    SHARED = "shared"  # handed over name, phone, address: nothing of it is kept
    WITHDRAW = "withdraw"  # the platform passes on a request to be forgotten
    OTHER = "other"  # audio, video, file, business card: answered politely


@dataclass(frozen=True)
class Inbound:
    """One message or event from a citizen, as a channel understood it.

    ``message_id`` is unique in its channel: the journal keeps the first and drops repeats.
    An image carries either ``media_url`` (the worker fetches it) or ``picture`` (bytes already
    received, as from the web chat). ``origin`` is a digest of the client's address, where we see
    one; it only lives for budgets shared by an address.
    """

    channel: str
    message_id: str
    sender_id: str
    kind: InboundKind
    sent_at: datetime
    text: str = ""
    media_url: str | None = None
    picture: bytes | None = None
    latitude: float | None = None
    longitude: float | None = None
    account_id: str | None = None
    origin: str = ""


@dataclass(frozen=True)
class Button:
    """A thing to tap. Exactly one of ``payload``, ``url``, ``phone`` is set."""

    title: str
    payload: str | None = None
    url: str | None = None
    phone: str | None = None

    def as_json(self) -> dict[str, str]:
        """Return the shape of the web chat API."""
        pairs = {"payload": self.payload, "url": self.url, "phone": self.phone}
        return {"title": self.title, **{key: value for key, value in pairs.items() if value}}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Button:
        """Read what ``as_json`` wrote; unknown keys are ignored."""
        return cls(data["title"], data.get("payload"), data.get("url"), data.get("phone"))


@dataclass(frozen=True)
class Reply:
    """One bubble for the citizen.

    ``meta`` may hold ``intent``, ``confidence``, ``dossier_code``, ``procedure``, ``notice_id``.
    """

    text: str
    buttons: tuple[Button, ...] = ()
    image_url: str | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)

    def with_meta(self, **more: Any) -> Reply:
        """Return the same reply with ``more`` added to its meta; what is there already wins."""
        return replace(self, meta={**more, **self.meta})

    def as_json(self) -> dict[str, Any]:
        """Return a JSON-ready dict; the store keeps deliveries in this shape."""
        data: dict[str, Any] = {"text": self.text}
        if self.buttons:
            data["buttons"] = [button.as_json() for button in self.buttons]
        if self.image_url:
            data["image_url"] = self.image_url
        if self.meta:
            data["meta"] = dict(self.meta)
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Reply:
        """Read what ``as_json`` wrote."""
        buttons = tuple(Button.from_json(button) for button in data.get("buttons", ()))
        return cls(data["text"], buttons, data.get("image_url"), data.get("meta", {}))


@dataclass(frozen=True)
class Turn:
    """Everything one inbound message leads to; settled in one transaction.

    ``context`` replaces the running talk's context. ``effects`` are changes to apply with the
    replies, each a dict with the key ``effect``: ``subscribe`` (``topic``, ``area``,
    ``pace``, ``consent``), ``set_pace`` (``topic`` and ``area`` or None for all, ``pace``),
    ``unsubscribe`` (``topic`` or None for all, ``area``), ``stop``, ``resume``, ``ask_human``,
    ``bot_back``, ``erase``, ``follow_dossier`` (``code``, ``consent``, ``known``),
    ``unfollow_dossier`` (``code`` or None for all), ``mute_dossier`` (``code``, ``muted``),
    ``rate_dossier``.
    """

    replies: tuple[Reply, ...]
    context: Mapping[str, str] = field(default_factory=dict)
    effects: tuple[Mapping[str, Any], ...] = ()
    intent: str | None = None
    confidence: float | None = None


@dataclass(frozen=True)
class Citizen:
    """A person on one channel. ``id`` is ours; ``external_id`` is the channel's and personal."""

    id: int
    channel: str
    external_id: str


@dataclass(frozen=True)
class Claimed:
    """An inbound message the worker holds under a lease.

    ``staff_until``: a person talks to this citizen; the desk keeps quiet until then.
    """

    id: int
    citizen: Citizen
    inbound: Inbound
    attempts: int
    context: Mapping[str, str]
    staff_until: datetime | None = None


class DeliveryState(str, Enum):
    """Where one delivery stands; the one truth for everything sent."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    RETRY = "retry"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNSURE = "unsure"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Delivery:
    """A claimed row to send: ``reply`` to ``citizen``. ``kind`` is reply, notice or staff.

    ``probe`` names the pause this row tests: its success ends it.
    """

    id: int
    citizen: Citizen
    reply: Reply
    kind: str
    attempts: int
    created_at: datetime
    last_interaction_at: datetime | None = None
    probe: str = ""


@dataclass(frozen=True)
class TimelineEntry:
    """One line of a citizen's talk as the chat page shows it; ``seq`` orders and identifies it."""

    seq: int
    at: datetime
    sender: str  # bot | staff | citizen
    reply: Reply
    inbound_id: int | None = None
