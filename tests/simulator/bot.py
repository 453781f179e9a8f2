"""The Bot platform's side: a token, a webhook or a queue of updates, and chats."""

from __future__ import annotations

import hashlib
import threading
from collections import deque
from dataclasses import dataclass
from typing import Any

from tests.simulator.clock import Clock


@dataclass(frozen=True)
class BotSent:
    """One message the bot sent."""

    message_id: str
    user_id: str
    method: str
    values: dict[str, Any]


@dataclass(frozen=True)
class BotWebhook:
    """Where updates go, and the secret that goes with them."""

    url: str
    secret: str
    updated_at: int


class Bot:
    """A bot that citizens write to; its ids for them are not the account's."""

    def __init__(self, token: str, clock: Clock) -> None:
        self.token = token
        self.webhook: BotWebhook | None = None
        self.sent: list[BotSent] = []
        self._clock = clock
        self._people: dict[str, str] = {}
        self._updates: deque[dict[str, Any]] = deque()
        self._changed = threading.Condition()
        self._closed = False

    def chat_of(self, user_id: str) -> str:
        """Return the chat id of a person, which is also their id here."""
        return hashlib.sha256(f"bot {user_id}".encode()).hexdigest()[:20]

    def hear(self, user_id: str) -> str:
        """Note that a person wrote to the bot; return the chat id."""
        chat = self.chat_of(user_id)
        self._people[chat] = user_id
        return chat

    def introduce(self, user_id: str) -> None:
        """Let the bot know of a person who has not written yet."""
        self._people.setdefault(self.chat_of(user_id), "")

    def person_of(self, chat_id: Any) -> bool:
        """Tell whether such a chat exists."""
        return isinstance(chat_id, str) and chat_id in self._people

    def has_heard(self, chat_id: Any) -> bool:
        """Tell whether this person wrote first."""
        return bool(self.user_of(chat_id))

    def user_of(self, chat_id: Any) -> str:
        """Return the person behind a chat id, empty if they have not written."""
        return self._people.get(chat_id, "") if isinstance(chat_id, str) else ""

    def set_webhook(self, url: str, secret: str) -> dict[str, Any]:
        """Send updates to ``url`` from now on."""
        self.webhook = BotWebhook(url, secret, int(self._clock.now() * 1000))
        return self.describe()

    def describe(self) -> dict[str, Any]:
        """Return the webhook as the platform tells it."""
        if self.webhook is None:
            return {"url": "", "updated_at": int(self._clock.now() * 1000)}
        return {"url": self.webhook.url, "updated_at": self.webhook.updated_at}

    def queue(self, update: dict[str, Any]) -> None:
        """Keep an update until it is asked for."""
        with self._changed:
            self._updates.append(update)
            self._changed.notify_all()

    def next_update(self, seconds: float) -> dict[str, Any] | None:
        """Wait (in real time) for an update; None if nothing came."""
        with self._changed:
            self._changed.wait_for(lambda: self._updates or self._closed, seconds)
            return self._updates.popleft() if self._updates else None

    def close(self) -> None:
        """Let everybody who waits go."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
