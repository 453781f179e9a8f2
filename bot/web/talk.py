"""How a talk looks in the API: timeline entries as JSON, tapped choices as readable words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timezone
from typing import Any

from bot.core.errors import SourceUnavailable
from bot.core.messages import TimelineEntry
from bot.web.parts import WebParts
from bot.web.sentences import intent_label


def as_json(entries: Sequence[TimelineEntry], known: WebParts) -> list[dict[str, Any]]:
    """Return the messages of the API for these entries, in their order."""
    titles: dict[str, str] = {}
    messages = []
    for entry in entries:
        messages.append(_message(entry, titles, known))
        titles.update((b.payload, b.title) for b in entry.reply.buttons if b.payload)
    return messages


def _message(entry: TimelineEntry, titles: dict[str, str], known: WebParts) -> dict[str, Any]:
    message: dict[str, Any] = {
        "id": str(entry.seq),
        "at": _iso(entry.at),
        "from": entry.sender,
        "text": entry.reply.text,
        "buttons": [button.as_json() for button in entry.reply.buttons],
        "meta": dict(entry.reply.meta),
    }
    if entry.reply.image_url:
        message["image_url"] = entry.reply.image_url
    if entry.sender == "citizen" and entry.reply.text.startswith("/"):
        payload = entry.reply.text
        label = titles.get(payload) or payload_label(payload, known)
        if label:
            message["text"] = label
            message["meta"] = {**message["meta"], "payload": payload}
    return message


def _iso(at: datetime) -> str:
    return at.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def payload_label(payload: str, known: WebParts) -> str | None:
    """Return what a tapped choice means in words, or None when it is no known choice.

    ``/ask_fee{"procedure": "1.001193"}`` becomes the label of ``ask_fee`` and the short name
    of that procedure.
    """
    intent, brace, rest = payload[1:].partition("{")
    label = intent_label(intent.strip())
    if label is None:
        return None
    try:
        detail = ", ".join(_named(_entities(brace + rest), known))
    except SourceUnavailable:  # the talk itself can still be read
        detail = ""
    return f"{label}: {detail}" if detail else label


def _entities(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _named(entities: dict[str, Any], known: WebParts) -> Iterable[str]:
    for name, value in entities.items():
        if not isinstance(value, str):
            continue
        readable = _readable(name, value, known)
        if readable:
            yield readable


def _readable(name: str, value: str, known: WebParts) -> str | None:
    if name == "dossier_code":
        return value
    if name == "procedure":
        procedure = known.catalogue.find(value)
        return procedure.short_name or procedure.name if procedure else None
    if name == "field":
        field = known.catalogue.find_field(value)
        return field.name if field else None
    if name == "topic":
        topic = known.topics.find(value)
        return topic.name if topic else None
    return None
