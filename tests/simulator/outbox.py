"""What the account sent, by person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.simulator.person import new_id
from tests.simulator.reading import items, obj, words


@dataclass(frozen=True)
class Sent:
    """One bubble the account sent to a person; ``at`` is the simulator's time."""

    message_id: str
    user_id: str
    text: str
    buttons: tuple[dict[str, Any], ...]
    image_url: str | None
    at: float
    attachment: dict[str, Any] = field(default_factory=dict)
    kind: str = "text"

    @classmethod
    def from_message(cls, user_id: str, message: dict[str, Any], at: float) -> Sent:
        """Read a message that passed the rules that are switched on."""
        attachment = obj(message, "attachment")
        payload = obj(attachment, "payload")
        first = obj(next(iter(items(payload.get("elements"))), None))
        return cls(
            message_id=new_id(),
            user_id=user_id,
            text=words(message.get("text")),
            buttons=tuple(obj(button) for button in items(payload.get("buttons"))),
            image_url=first.get("url"),
            at=at,
            attachment=attachment,
            kind=_kind(attachment, payload, first),
        )

    def as_line(self) -> dict[str, Any]:
        """Return the line the page shows."""
        elements = items(obj(self.attachment, "payload").get("elements"))
        return {
            "from": "oa",
            "id": self.message_id,
            "kind": self.kind,
            "at": self.at,
            "text": self.text,
            "buttons": list(self.buttons),
            "image_url": self.image_url,
            "elements": elements if self.kind in ("list", "request_user_info") else [],
        }


def _kind(attachment: dict[str, Any], payload: dict[str, Any], first: dict[str, Any]) -> str:
    if attachment.get("type") == "file":
        return "file"
    if payload.get("template_type") == "media":
        return words(first.get("media_type")) or "image"
    return words(payload.get("template_type")) or "text"


class Outbox:
    """Messages in the order they were sent."""

    def __init__(self) -> None:
        self._all: list[Sent] = []
        self._by_person: defaultdict[str, list[Sent]] = defaultdict(list)

    def append(self, sent: Sent) -> None:
        """Add one."""
        self._all.append(sent)
        self._by_person[sent.user_id].append(sent)

    def to(self, user_id: str) -> list[Sent]:
        """Return what one person was sent, oldest first."""
        return list(self._by_person.get(user_id, ()))

    def clear(self) -> None:
        """Forget everything."""
        self._all.clear()
        self._by_person.clear()

    def __iter__(self) -> Iterator[Sent]:
        return iter(list(self._all))

    def __len__(self) -> int:
        return len(self._all)
