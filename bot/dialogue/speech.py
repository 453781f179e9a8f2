"""What both ways of talking to Rasa share: context in, messages out."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.core.conversation.memory import SLOTS
from bot.core.conversation.payloads import parse_payload
from bot.core.messages import Button, Reply

LONGEST_TEXT = 2000  # characters read; nobody's question is longer

Parsed = dict[str, Any]
Effects = tuple[Mapping[str, Any], ...]


def context_events(context: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the events, in Rasa's JSON, that open a conversation with this context."""
    slots = [
        {"event": "slot", "name": name, "value": context[name]}
        for name in SLOTS
        if context.get(name)
    ]
    return [
        {"event": "action", "name": "action_session_start"},
        {"event": "session_started"},
        *slots,
        {"event": "action", "name": "action_listen"},
    ]


def context_of(slots: Mapping[str, Any]) -> dict[str, str]:
    """Return the context that a conversation's slots hold; empty ones are left out."""
    return {name: str(slots[name]) for name in SLOTS if slots.get(name)}


def context_after(
    context: Mapping[str, str], events: Sequence[Mapping[str, Any]]
) -> dict[str, str]:
    """Return the context after an action's slot events."""
    slots = {item["name"]: item["value"] for item in events if item.get("event") == "slot"}
    return context_of({**context, **slots})


def action_call(
    action: str, citizen_id: int, parsed: Mapping[str, Any], context: Mapping[str, str]
) -> dict[str, Any]:
    """Return what an action server would be posted for one turn of a fresh conversation."""
    tracker = {
        "sender_id": str(citizen_id),
        "slots": {name: context.get(name) for name in SLOTS},
        "latest_message": dict(parsed),
        "events": [],
        "latest_action_name": "action_listen",
    }
    return {"next_action": action, "sender_id": str(citizen_id), "tracker": tracker, "domain": {}}


def finish(work: Coroutine[Any, Any, Any]) -> Any:
    """Return what a coroutine returns that waits for nothing.

    An event loop of its own would cost more than the work.
    """
    try:
        work.send(None)
    except StopIteration as done:
        return done.value
    work.close()
    raise TypeError("an action of the desk must not wait: make its run() a plain function")


def parsed_payload(text: str) -> Parsed | None:
    """Return a button's payload as Rasa's parse data, or None when ``text`` is plain words."""
    payload = parse_payload(text.strip())
    if payload is None:
        return None
    intent = {"name": payload.intent, "confidence": 1.0}
    found = [
        {"entity": entity.name, "value": entity.value, "start": 0, "end": len(text)}
        for entity in payload.entities
    ]
    return {"text": text, "intent": intent, "intent_ranking": [intent], "entities": found}


def reply_from(message: Mapping[str, Any]) -> Reply | None:
    """Return the bubble of one complete Rasa message, None when nothing is to be shown."""
    ours = _ours(message)
    text = (message.get("text") or "").strip()
    buttons = tuple(_button(button) for button in message.get("buttons") or ())
    image = message.get("image") or None
    if not text and not buttons and not image:
        return None
    return Reply(text, buttons, image, ours.get("meta") or {})


def replies_and_effects(
    messages: Sequence[Mapping[str, Any]],
) -> tuple[tuple[Reply, ...], Effects]:
    """Return the bubbles and the effects of a turn's messages, in order."""
    replies = tuple(reply for message in messages if (reply := reply_from(message)))
    effects = tuple(effect for message in messages for effect in _ours(message).get("effects", ()))
    return replies, effects


def _button(data: Mapping[str, Any]) -> Button:
    button = Button.from_json(data)
    # Stock channels of Rasa want a payload on every button; a link or a phone number goes first.
    return replace(button, payload=None) if button.url or button.phone else button


def _ours(message: Mapping[str, Any]) -> Mapping[str, Any]:
    custom = message.get("custom")
    ours = custom.get("motcua") if isinstance(custom, Mapping) else None
    return ours if isinstance(ours, Mapping) else {}
