"""What people do on their phones, as webhook events."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from tests.simulator import events
from tests.simulator.outbox import Sent
from tests.simulator.person import Person, new_id
from tests.simulator.reading import words
from tests.simulator.webhooks import Posted, Webhooks
from tests.simulator.world import Message, World

STAFF = "6000000000000000006"
_ENDINGS = {b"\xff\xd8": "jpg", b"\x89P": "png", b"GI": "gif"}


class People:
    """Acts for citizens; every method returns the webhook call it led to."""

    def __init__(self, world: World, webhooks: Webhooks) -> None:
        self.world = world
        self.webhooks = webhooks
        self.url = ""

    # Messages

    def citizen_says(self, user_id: str, text: str, quote: str = "") -> Posted:
        """Type and send a text, perhaps as a reply to the message ``quote``."""
        message = {"text": text, **({"quote_msg_id": quote} if quote else {})}
        return self._send(user_id, "user_send_text", message, {"text": text})

    def citizen_sends_photo(self, user_id: str, jpeg: bytes, text: str = "") -> Posted:
        """Send a photo; the platform serves it from ``/media/…`` for a while."""
        url = self.add_media(jpeg)
        message = events.attached("image", {"thumbnail": url, "url": url}, text)
        shown = {"text": text, "image_url": url, "kind": "image"}
        return self._send(user_id, "user_send_image", message, shown)

    def citizen_sends_sticker(self, user_id: str) -> Posted:
        """Send a sticker."""
        payload = {"id": "46990", "url": f"{self.url}/media/sticker.png"}
        shown = {"text": "[sticker]", "kind": "sticker"}
        message = events.attached("sticker", payload)
        return self._send(user_id, "user_send_sticker", message, shown)

    def citizen_sends_location(self, user_id: str, latitude: float, longitude: float) -> Posted:
        """Share a place."""
        place = {"latitude": str(latitude), "longitude": str(longitude)}
        message = events.attached("location", {"coordinates": place})
        shown = {"text": f"[{latitude}, {longitude}]", "kind": "location"}
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
        shown = {"text": button["title"], "kind": "press"}
        return self._send(user_id, "user_send_text", {"text": text}, shown)

    def _send(
        self, user_id: str, name: str, message: dict[str, Any], shown: dict[str, Any]
    ) -> Posted:
        person = self.world.person(user_id)
        event = events.from_person(self.world.account, person, name, message)
        message_id = event["message"]["msg_id"]
        with self.world.changed:
            now = self.world.clock.now()
            person.interact(now, writes=True)
            self.world.messages[message_id] = Message(user_id, now)
        self.world.write_down(user_id, {"from": "citizen", "id": message_id, **shown})
        return self.webhooks.post(event)

    # Following, blocking, sharing

    def citizen_follows(self, user_id: str) -> Posted:
        """Follow the account."""
        person = self.world.person(user_id)
        person.follows = True
        person.interact(self.world.clock.now())
        self._remark(user_id, "follow")
        return self.webhooks.post(events.following(self.world.account, person, "follow"))

    def citizen_unfollows(self, user_id: str) -> Posted:
        """Stop following the account."""
        person = self.world.person(user_id)
        person.follows = False
        self._remark(user_id, "unfollow")
        return self.webhooks.post(events.following(self.world.account, person, "unfollow"))

    def citizen_blocks(self, user_id: str, blocks: bool = True) -> None:
        """Refuse messages of the account, or take them again; no event tells of it."""
        self.world.person(user_id).blocked = blocks
        self._remark(user_id, "block" if blocks else "unblock")

    def citizen_opens_chat(self, user_id: str) -> Posted | None:
        """Press the chat button; only somebody who never did so before makes an event."""
        person = self.world.person(user_id)
        if self.world.knows(user_id):
            return None
        person.interact(self.world.clock.now())
        return self.webhooks.post(events.chat_begun(self.world.account, person))

    def citizen_submits_info(self, user_id: str, **info: Any) -> Posted:
        """Answer ``request_user_info``."""
        person = self.world.person(user_id)
        given = {**events.INFO, **info}
        person.interact(self.world.clock.now())
        person.shared = {name: words(given[name]) for name in ("name", "phone")}
        return self.webhooks.post(events.info_submitted(self.world.account, person, given))

    # Receipts

    def citizen_received(self, user_id: str, message_id: str) -> Posted:
        """Let the phone report that a message arrived."""
        return self._about("user_received_message", user_id, {"msg_id": message_id})

    def citizen_saw(self, user_id: str, *message_ids: str) -> Posted:
        """Let the phone report that messages were seen."""
        return self._about("user_seen_message", user_id, {"msg_ids": list(message_ids)})

    def citizen_reads(self, user_id: str) -> None:
        """Open the chat: nothing is unread any more; seen events follow if switched on."""
        person = self.world.person(user_id)
        count, person.unread = person.unread, 0
        if count and self.webhooks.style.seen:
            ids = [sent.message_id for sent in self.sent_to(user_id)[-count:]]
            self.citizen_saw(user_id, *ids)

    def citizen_reacts(self, user_id: str, message_id: str, icon: str = "/-heart") -> Posted:
        """Put an icon on a message."""
        person = self.world.person(user_id)
        return self.webhooks.post(events.reaction(self.world.account, person, message_id, icon))

    def echo(self, sent: Sent) -> Posted:
        """Post the echo of a message the account sent."""
        message: dict[str, Any] = {"msg_id": sent.message_id, "text": sent.text}
        if sent.user_id in self.world.visitors:
            message["conversation_id"] = self.world.visitors[sent.user_id]
            return self._about("oa_send_anonymous_text", sent.user_id, message)
        kinds = {"image", "gif", "list", "file", "sticker"}
        kind = sent.kind if sent.kind in kinds else "text"
        return self._about(f"oa_send_{kind}", sent.user_id, message)

    def staff_says(self, user_id: str, text: str) -> Posted:
        """Let a human write from the account's chat tool; the echo names them."""
        sent = self.world.keep(user_id, {"text": text})
        message = {"msg_id": sent.message_id, "text": text}
        return self._about("oa_send_text", user_id, message, STAFF)

    # Everything else

    def event(self, name: str, user_id: str, **fields: Any) -> Posted:
        """Post a documented sample of any event, with ``fields`` put over it.

        Raises LookupError for a name that is not in the documents.
        """
        if name not in events.BUILDERS:
            raise LookupError(f"no event {name!r}")
        person = self.world.person(user_id)
        if name.startswith(events.INTERACTING):
            person.interact(self.world.clock.now(), writes=name.startswith("user_send_"))
        url = f"{self.url}/media/sticker.png"
        event = {**events.BUILDERS[name](self.world.account, person, url), **fields}
        message_id = words(event.get("message", {}).get("msg_id"))
        if message_id:
            self.world.messages[message_id] = Message(user_id, self.world.clock.now())
        headers = {"X-ZEvent-Server": "ZNS"} if name in _FROM_TEMPLATES else {}
        return self.webhooks.post(event, headers)

    def visitor_says(self, visitor_id: str, text: str) -> Posted:
        """Let somebody without a Zalo account write; the account answers with both ids."""
        conversation = self.world.visitors.setdefault(visitor_id, new_id())
        self.world.write_down(visitor_id, {"from": "citizen", "text": text})
        account, name = self.world.account, "anonymous_send_text"
        event = events.anonymous(account, visitor_id, conversation, name, {"text": text})
        return self.webhooks.post(event)

    def visitor_sends_photo(self, visitor_id: str, jpeg: bytes) -> Posted:
        """Let somebody without a Zalo account send a photo."""
        conversation = self.world.visitors.setdefault(visitor_id, new_id())
        message = events.attached("image", {"url": self.add_media(jpeg)})
        account, name = self.world.account, "anonymous_send_image"
        return self.webhooks.post(
            events.anonymous(account, visitor_id, conversation, name, message)
        )

    def citizen_is_known(self, user_id: str) -> None:
        """Let somebody have written before, without an event now."""
        self.world.person(user_id).interact(self.world.clock.now(), writes=True)

    def citizen_wrote(self, user_id: str, seconds_ago: float) -> Person:
        """Let somebody have written for the last time that long ago, without an event."""
        person = self.world.person(user_id)
        person.interact(self.world.clock.now() - seconds_ago, writes=True)
        return person

    # What arrived

    def sent_to(self, user_id: str) -> list[Sent]:
        """Return what the account sent to this person, oldest first."""
        with self.world.changed:
            return self.world.sent.to(user_id)

    def wait_for(self, user_id: str, count: int, seconds: float = 10.0) -> list[Sent]:
        """Wait until ``count`` messages were sent to this person. Raises TimeoutError."""
        if not self.wait_until(lambda: len(self.sent_to(user_id)) >= count, seconds):
            raise TimeoutError(f"only {len(self.sent_to(user_id))} of {count} messages came")
        return self.sent_to(user_id)

    def wait_until(self, happened: Callable[[], bool], seconds: float = 10.0) -> bool:
        """Wait until something is so, looking again whenever a message was sent or written."""
        changed: threading.Condition = self.world.changed
        with changed:
            return changed.wait_for(happened, seconds)

    def add_media(self, content: bytes) -> str:
        """Keep a picture and return the address it is served from."""
        return self.url + self.world.media.add(content, _ENDINGS.get(content[:2], "jpg"))

    def _about(
        self, name: str, user_id: str, message: dict[str, Any], admin_id: str = ""
    ) -> Posted:
        account, person = self.world.account, self.world.person(user_id)
        return self.webhooks.post(events.from_account(account, person, name, message, admin_id))

    def _remark(self, user_id: str, what: str) -> None:
        self.world.write_down(user_id, {"from": "event", "text": what})


_FROM_TEMPLATES = {*events.TEMPLATE_NEWS, "user_feedback", "user_click_response_button"}
