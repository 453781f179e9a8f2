"""Buttons by number, on platforms that have none: "1" is what pressing the first would be."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Container, Mapping
from dataclasses import replace
from datetime import datetime

from bot.core.conversation.acts import Acts, plain
from bot.core.conversation.memory import awake
from bot.core.desk import Wording
from bot.core.messages import Claimed, InboundKind, Reply, Turn
from bot.core.plain import links, pressable, under
from bot.core.vietnamese import normalise

# Travels in the context beside the slots, until the next answer: JSON pairs of payload and title,
# in the order of their numbers.
OFFERED = "offered"
_LONGEST_PICK = 200  # characters; a title is shorter


class Numbered:
    """Stands around ``answer`` for the channels in ``without_buttons``; others pass untouched.

    On the way out payload buttons become numbered lines; on the way in a number, or a title,
    becomes the payload, so the talk behind it hears a button press like any other.
    """

    def __init__(
        self,
        answer: Callable[[Claimed, datetime], Turn],
        without_buttons: Container[str],
        acts: Acts,
        wording: Wording,
    ) -> None:
        self._answer = answer
        self._without_buttons = without_buttons
        self._acts = acts
        self._wording = wording

    def turn(self, claimed: Claimed, now: datetime) -> Turn:
        """Return what ``claimed`` leads to."""
        inbound = claimed.inbound
        if inbound.channel not in self._without_buttons:
            return self._answer(claimed, now)
        if inbound.kind is InboundKind.TEXT and len(inbound.text) <= _LONGEST_PICK:
            pressed = self._pressed(inbound.text, awake(claimed.context, now))
            if pressed:
                claimed = replace(claimed, inbound=replace(inbound, text=pressed))
        return self._numbered(self._answer(claimed, now))

    def _pressed(self, text: str, context: Mapping[str, str]) -> str | None:
        """Return the payload that ``text`` picks, or None where the talk itself must look."""
        offered: list[tuple[str, str]] = json.loads(context.get(OFFERED, "[]"))
        words = plain(normalise(text))
        for payload, title in offered:
            if title and plain(title) == words:
                return payload
        choices = json.loads(context.get("choices", "[]"))
        payloads = [payload for payload, _ in offered]
        # "The last one" is the last of the list shown, not of the buttons under it.
        if choices and payloads[: len(choices)] == choices:
            if self._acts.choice(text, context["choices"]):
                return None
        return self._acts.choice(text, json.dumps(payloads))

    def _numbered(self, turn: Turn) -> Turn:
        if not any(reply.buttons for reply in turn.replies):
            return turn
        offered = dict.fromkeys(_listed(turn), "")
        replies = tuple(self._written(reply, offered) for reply in turn.replies)
        context = {**turn.context}
        if offered:
            context[OFFERED] = json.dumps(list(offered.items()), ensure_ascii=False)
        return replace(turn, replies=replies, context=context)

    def _written(self, reply: Reply, offered: dict[str, str]) -> Reply:
        """Return ``reply`` with its buttons as lines; new ones get the next free numbers."""
        lines = []
        for button in pressable(reply):
            payload = button.payload or ""
            stands_there = offered.get(payload) == ""
            offered[payload] = offered.get(payload) or button.title
            if not stands_there:
                lines.append(f"{list(offered).index(payload) + 1}. {button.title}")
        if lines:
            lines.insert(0, self._wording.replies("talk/by_number")[0].text)
        linked = under(reply, links(reply.buttons))
        return under(linked, lines)


def _listed(turn: Turn) -> list[str]:
    """Return the choices of the turn if its own text numbers them already."""
    choices: list[str] = json.loads(turn.context.get("choices") or "[]")
    last = re.compile(rf"^{len(choices)}\. ", re.MULTILINE)
    return choices if choices and any(last.search(r.text) for r in turn.replies) else []
