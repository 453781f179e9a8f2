"""What people do in the Bot platform's chats."""

from __future__ import annotations

import json
import time
from typing import Any

from tests.simulator.bot import BotSent
from tests.simulator.person import new_id
from tests.simulator.webhooks import Webhooks, post_to
from tests.simulator.world import World

SECRET = "X-Bot-Api-Secret-Token"  # a header's name


class BotPeople:
    """Acts for citizens towards the bot: an update goes to the webhook or waits in the queue."""

    def __init__(self, world: World, webhooks: Webhooks) -> None:
        self.world = world
        self.webhooks = webhooks

    def says(self, user_id: str, text: str) -> int | None:
        """Write to the bot; return the webhook's status, None if the update was queued."""
        line = {"from": "citizen", "text": text, "to_bot": True}
        return self._update(user_id, "message.text.received", {"text": text}, line)

    def sends_photo(self, user_id: str, url: str, caption: str = "") -> int | None:
        """Send a photo to the bot."""
        message = {"photo": url, "photo_url": url, "caption": caption}
        line = {"from": "citizen", "text": caption, "image_url": url, "to_bot": True}
        return self._update(user_id, "message.image.received", message, line)

    def sends_sticker(self, user_id: str, url: str) -> int | None:
        """Send a sticker to the bot."""
        line = {"from": "citizen", "text": "[sticker]", "to_bot": True}
        part = {"sticker": "46990", "url": url}
        return self._update(user_id, "message.sticker.received", part, line)

    def event(self, user_id: str, name: str, **message: Any) -> int | None:
        """Send any other update, such as ``message.unsupported.received``."""
        return self._update(user_id, name, message, None)

    def sent_to(self, user_id: str) -> list[BotSent]:
        """Return what the bot sent to this person."""
        return [sent for sent in self.world.bot.sent if sent.user_id == user_id]

    def _update(
        self, user_id: str, name: str, part: dict[str, Any], line: dict[str, Any] | None
    ) -> int | None:
        chat = self.world.bot.hear(user_id)
        person = self.world.person(user_id)
        if line:
            self.world.write_down(user_id, line)
        message = {
            "message_id": new_id(),
            "date": int(self.world.clock.now() * 1000),
            **part,
            "from": {"id": chat, "display_name": person.name, "is_bot": False},
            "chat": {"id": chat, "chat_type": "PRIVATE"},
        }
        return self._hand_over({"event_name": name, "message": message})

    def _hand_over(self, update: dict[str, Any]) -> int | None:
        webhook = self.world.bot.webhook
        if webhook is None:
            self.world.bot.queue(update)
            self.world.recording.note("act", what="bot update queued", event=update)
            return None
        wrapped = {"ok": True, "result": update} if self.webhooks.style.bot_wrapped else update
        headers = {"Content-Type": "application/json", SECRET: webhook.secret}
        began = time.perf_counter()
        body = json.dumps(wrapped, ensure_ascii=False).encode()
        status, problem = post_to(webhook.url, headers, body)
        self.world.recording.note(
            "out",
            path=webhook.url,
            event=wrapped,
            status=status,
            problem=problem or None,
            ms=round((time.perf_counter() - began) * 1000, 1),
        )
        return status
