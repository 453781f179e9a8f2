"""A stock Rasa server behind the same protocol, over its REST interface."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from typing import Any

import requests

from bot.core.errors import DialogueUnavailable
from bot.core.messages import Turn
from bot.dialogue.speech import LONGEST_TEXT, context_events, context_of, replies_and_effects

log = logging.getLogger(__name__)


class RestDialogue:
    """Answers through ``rasa run --enable-api`` and ``rasa run actions``.

    Each turn opens the citizen's conversation with the context handed in, and empties it again:
    Rasa keeps nothing. ``respond`` may be called from several threads, for different citizens.
    """

    def __init__(self, url: str, timeout: float = 10.0) -> None:
        self._url = url.rstrip("/")
        self._timeout = timeout
        self._session = requests.Session()

    def respond(self, citizen_id: int, text: str, context: Mapping[str, str]) -> Turn:
        """Answer one text or payload; the time limit is for the whole turn."""
        ends_at = time.monotonic() + self._timeout
        tracker = f"/conversations/{citizen_id}/tracker"
        self._call("PUT", f"{tracker}/events", ends_at, context_events(context))
        try:
            body = {"sender": str(citizen_id), "message": text[:LONGEST_TEXT]}
            messages = self._call("POST", "/webhooks/rest/webhook", ends_at, body)
            after = self._call("GET", f"{tracker}?include_events=NONE", ends_at)
        finally:
            self._forget(tracker, citizen_id)
        replies, effects = replies_and_effects(merged(messages))
        if not replies:
            raise DialogueUnavailable("no reply; the action server may be down")
        intent = (after.get("latest_message") or {}).get("intent") or {}
        slots = after.get("slots") or {}
        return Turn(
            replies, context_of(slots), effects, intent.get("name"), intent.get("confidence")
        )

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _forget(self, tracker: str, citizen_id: int) -> None:
        """Empty the conversation, even after a turn that failed; a good answer is kept anyway.

        The next turn begins with a new session, so what is left over does no harm.
        """
        ends_at = time.monotonic() + self._timeout
        try:
            self._call("PUT", f"{tracker}/events", ends_at, [{"event": "restart"}])
        except DialogueUnavailable as error:
            log.warning("event=remote_not_emptied citizen=%s error=%s", citizen_id, error)

    def _call(self, method: str, path: str, ends_at: float, body: Any = None) -> Any:
        left = max(ends_at - time.monotonic(), 0.05)
        try:
            response = self._session.request(method, self._url + path, json=body, timeout=left)
            response.raise_for_status()
            return response.json()
        except (requests.RequestException, ValueError) as error:
            raise DialogueUnavailable(type(error).__name__) from error


def merged(entries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return complete messages from the REST channel's pieces.

    Rasa tears a text at blank lines and sends its ``custom`` part on its own: pieces without
    buttons belong together until the ``custom`` part that closes them.
    """
    messages: list[dict[str, Any]] = []
    is_open = False
    for entry in entries:
        part = {key: value for key, value in entry.items() if key != "recipient_id"}
        continues = is_open and "buttons" not in part
        if continues and "text" in part and "buttons" not in messages[-1]:
            messages[-1]["text"] = f"{messages[-1]['text']}\n\n{part['text']}"
        elif continues and "text" not in part:
            messages[-1].update(part)
        else:
            messages.append(part)
        is_open = "custom" not in part
    return messages
