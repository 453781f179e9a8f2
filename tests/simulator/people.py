"""What people do on their phones, as webhook events."""

from __future__ import annotations

import secrets
from typing import Any

from tests.simulator.webhooks import Posted, Webhooks
from tests.simulator.world import Sent, World, new_id


class People:
    """Acts for citizens; every method returns the webhook call it led to."""

    def __init__(self, world: World, webhooks: Webhooks) -> None:
        self.world = world
        self.webhooks = webhooks
        self.url = ""

    def citizen_says(self, user_id: str, text: str) -> Posted:
        """Type and send a text."""
        return self._send(user_id, "user_send_text", {"text": text}, {"text": text})

    def citizen_sends_photo(self, user_id: str, jpeg: bytes, text: str = "") -> Posted:
        """Send a photo; the platform serves it from ``/media/…``."""
        url = self.add_media(jpeg)
        message = _attached("image", {"thumbnail": url, "url": url})
        if text:
            message["text"] = text
        return self._send(user_id, "user_send_image", message, {"text": text, "image_url": url})

    def citizen_sends_sticker(self, user_id: str) -> Posted:
        """Send a sticker."""
        message = _attached("sticker", {"id": "46990", "url": f"{self.url}/media/sticker.png"})
        return self._send(user_id, "user_send_sticker", message, {"text": "[sticker]"})

    def citizen_sends_location(self, user_id: str, latitude: float, longitude: float) -> Posted:
        """Share a place."""
        place = {"latitude": str(latitude), "longitude": str(longitude)}
        message = _attached("location", {"coordinates": place})
        shown = {"text": f"[{latitude}, {longitude}]"}
        return self._send(user_id, "user_send_location", message, shown)

    def citizen_presses(self, user_id: str, title: str) -> Posted:
        """Press the newest button with this title. Raises LookupError if there is none."""
        for sent in reversed(self.sent_to(user_id)):
            for button in sent.buttons:
                if button["title"] == title:
                    return self._press(user_id, button)
        raise LookupError(f"no button {title!r}")

    def _press(self, user_id: str, button: dict[str, Any]) -> Posted:
        if not button["type"].startswith("oa.query"):
            raise LookupError("this button opens something outside the chat")
        text = button["payload"]
        return self._send(user_id, "user_send_text", {"text": text}, {"text": button["title"]})

    def citizen_follows(self, user_id: str) -> Posted:
        """Follow the account."""
        person = self.world.person(user_id)
        person.follows = person.has_interacted = True
        return self._follow_event("follow", user_id)

    def citizen_unfollows(self, user_id: str) -> Posted:
        """Stop following the account."""
        self.world.person(user_id).follows = False
        return self._follow_event("unfollow", user_id)

    def citizen_received(self, user_id: str, message_id: str) -> Posted:
        """Let the phone report that a message arrived."""
        return self._from_account("user_received_message", user_id, {"msg_id": message_id})

    def citizen_saw(self, user_id: str, *message_ids: str) -> Posted:
        """Let the phone report that messages were seen."""
        return self._from_account("user_seen_message", user_id, {"msg_ids": list(message_ids)})

    def citizen_is_known(self, user_id: str) -> None:
        """Let somebody have written before, without an event now."""
        self.world.person(user_id).has_interacted = True

    def sent_to(self, user_id: str) -> list[Sent]:
        """Return what the account sent to this person, oldest first."""
        with self.world.changed:
            return [sent for sent in self.world.sent if sent.user_id == user_id]

    def wait_for(self, user_id: str, count: int, seconds: float = 10.0) -> list[Sent]:
        """Wait until ``count`` messages were sent to this person. Raises TimeoutError."""
        changed = self.world.changed
        with changed:
            done = changed.wait_for(lambda: len(self.sent_to(user_id)) >= count, seconds)
        if not done:
            raise TimeoutError(f"only {len(self.sent_to(user_id))} of {count} messages came")
        return self.sent_to(user_id)

    def add_media(self, content: bytes) -> str:
        """Keep a picture and return the address it is served from."""
        name = f"{secrets.token_hex(12)}.jpg"
        self.world.media[name] = content
        return f"{self.url}/media/{name}"

    def echo(self, sent: Sent) -> Posted:
        """Post the echo of a message the account sent."""
        message = {"msg_id": sent.message_id, "text": sent.text}
        name = "oa_send_image" if sent.image_url else "oa_send_text"
        return self._from_account(name, sent.user_id, message)

    def _from_account(self, name: str, user_id: str, message: dict[str, Any]) -> Posted:
        sides = {
            "sender": {"id": self.world.account.oa_id},
            "recipient": {"id": user_id},
            "user_id_by_app": _by_app(user_id),
        }
        return self.webhooks.post({"event_name": name, **sides, "message": message})

    def _follow_event(self, name: str, user_id: str) -> Posted:
        return self.webhooks.post(
            {
                "oa_id": self.world.account.oa_id,
                "event_name": name,
                "follower": {"id": user_id},
                "user_id_by_app": _by_app(user_id),
                "source": "oa_profile",
            }
        )

    def _send(
        self, user_id: str, name: str, message: dict[str, Any], shown: dict[str, Any]
    ) -> Posted:
        person = self.world.person(user_id)
        person.has_interacted = True
        person.talk.append({"from": "citizen", **shown})
        sides = {
            "sender": {"id": user_id},
            "recipient": {"id": self.world.account.oa_id},
            "user_id_by_app": _by_app(user_id),
        }
        message = {"msg_id": new_id(), **message}
        return self.webhooks.post({"event_name": name, **sides, "message": message})


def _attached(kind: str, payload: dict[str, Any]) -> dict[str, Any]:
    return {"attachments": [{"type": kind, "payload": payload}]}


def _by_app(user_id: str) -> str:
    return "3" + user_id[1:]
