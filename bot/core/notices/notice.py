"""What a notice says, to whom, when and how; and the fingerprint an approval is bound to."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timezone
from enum import Enum
from typing import Any

from bot.core.offices.directory import Area


class Urgency(str, Enum):
    """How much a notice may overtake."""

    BULK = "bulk"  # by day, within each citizen's daily share
    URGENT = "urgent"  # at any hour, before bulk
    EMERGENCY = "emergency"  # before everything but replies; two people approve


@dataclass(frozen=True)
class Audience:
    """Who is meant: anybody whom one of the groups names, on one of the channels.

    ``topics`` names their followers, within ``areas`` (slugs of today's places) if any are given;
    ``dossier_states`` names who follows a dossier in one of these states; ``uploaded`` is the
    digest of a list; ``corrects`` names whom an earlier notice reached, ``everyone`` all who did
    not say STOP. No ``channels`` means all of them.
    """

    topics: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    dossier_states: tuple[int, ...] = ()
    uploaded: str = ""
    corrects: int | None = None
    everyone: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nobody can be meant."""
        groups = (self.topics, self.dossier_states, self.uploaded, self.corrects, self.everyone)
        return not any(groups)

    @property
    def is_for_few(self) -> bool:
        """Whether it names people by a list or their dossiers, and nobody by what they follow."""
        return bool(self.uploaded or self.dossier_states) and not (self.topics or self.everyone)

    def as_json(self) -> dict[str, Any]:
        """Return a JSON-ready dict; the order in which things were chosen says nothing."""
        return {
            "topics": sorted(set(self.topics)),
            "areas": sorted(set(self.areas)),
            "channels": sorted(set(self.channels)),
            "dossier_states": sorted(set(self.dossier_states)),
            "uploaded": self.uploaded,
            "corrects": self.corrects,
            "everyone": self.everyone,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Audience:
        """Read what ``as_json`` wrote."""
        known = {item.name for item in fields(cls)}
        values: dict[str, Any] = {name: data[name] for name in data if name in known}
        values.update((k, tuple(v)) for k, v in values.items() if isinstance(v, list))
        return cls(**values)


def todays_areas(
    areas: Sequence[Area], successors: Callable[[Area], Sequence[Area]]
) -> tuple[str, ...]:
    """Return the slugs of today's places for old and new ones, each once."""
    today = (place.slug for area in areas for place in successors(area))
    return tuple(dict.fromkeys(today))


# It becomes a line of a button: no spaces, no line ends. Nobody's name before the host and no
# backslash: browsers would open another site than the one a reader sees.
HTTPS = re.compile(r"https://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:[/?#][!-\[\]-~]*)?")
CUTS = ("---", "===")  # alone on a line they divide a message into bubbles and buttons
_TEXTS = ("topic", "title", "body", "issuer", "number", "document_date", "url", "hotline")
_ATTACHED = ("attachment_name", "attachment_digest", "picture_digest")
_MOMENTS = ("send_at", "expires_at")


@dataclass(frozen=True)
class Notice:
    """One notice as written. ``send_at`` None: as soon as it is approved and released.

    ``area`` is the place shown with it, ``audience`` decides who gets it. Texts are kept in one
    normal form, so that equal words are equal bytes.
    """

    topic: str
    title: str
    body: str
    issuer: str
    audience: Audience = field(default_factory=Audience)
    area: str | None = None
    number: str = ""
    document_date: str = ""
    url: str = ""
    hotline: str = ""
    attachment_name: str = ""
    attachment_digest: str = ""
    picture_digest: str = ""
    urgency: Urgency = Urgency.BULK
    send_at: datetime | None = None
    expires_at: datetime | None = None

    def __post_init__(self) -> None:
        for name in (*_TEXTS, *_ATTACHED):
            object.__setattr__(self, name, tidy(getattr(self, name)))
        for name in _MOMENTS:
            moment = getattr(self, name)
            if moment is not None and moment.tzinfo is None:
                raise ValueError(f"{name} must be aware")

    @property
    def is_urgent(self) -> bool:
        """Whether it may go out at any hour, before bulk."""
        return self.urgency is not Urgency.BULK

    @property
    def is_emergency(self) -> bool:
        """Whether two people must approve it."""
        return self.urgency is Urgency.EMERGENCY

    def as_json(self) -> dict[str, Any]:
        """Return a JSON-ready dict of everything an approver approves."""
        moments = {name: _instant(getattr(self, name)) for name in _MOMENTS}
        words = {name: getattr(self, name) for name in (*_TEXTS, *_ATTACHED)}
        return {
            **words,
            **moments,
            "area": self.area,
            "urgency": self.urgency.value,
            "audience": self.audience.as_json(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Notice:
        """Read what ``as_json`` wrote; unknown keys are ignored."""
        values: dict[str, Any] = {name: data.get(name, "") for name in (*_TEXTS, *_ATTACHED)}
        for name in _MOMENTS:
            values[name] = datetime.fromisoformat(data[name]) if data.get(name) else None
        return cls(
            **values,
            area=data.get("area"),
            urgency=Urgency(data.get("urgency", Urgency.BULK)),
            audience=Audience.from_json(data.get("audience", {})),
        )

    @property
    def fingerprint(self) -> str:
        """Return the SHA-256 of everything an approval covers: any change gives another."""
        text = json.dumps(self.as_json(), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()


# Nobody sees them, a database refuses some of them, and others turn a line around: whoever
# approves would read something else than what is sent.
_UNSEEN = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def tidy(text: str) -> str:
    """Return a text in its one form: no space at the ends of lines, no letter nobody sees.

    >>> tidy("l\\u0169 \\u202e\\0\\r\\n ")
    'l\u0169'
    """
    seen = _UNSEEN.sub("", unicodedata.normalize("NFC", text).replace("\r\n", "\n"))
    lines = seen.split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()


def _instant(moment: datetime | None) -> str | None:
    return moment.astimezone(timezone.utc).isoformat() if moment else None
