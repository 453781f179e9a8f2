"""Buttons by their titles, and by number on platforms that have none.

Who types what stands on a button has pressed it, before anybody guesses what the words mean.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.core.conversation.acts import Acts, plain
from bot.core.conversation.memory import awake
from bot.core.desk import Wording
from bot.core.messages import Button, Claimed, InboundKind, Reply, Turn
from bot.core.plain import links, pressable, under
from bot.core.vietnamese import normalise

# Travels in the context beside the slots, until the next answer: JSON pairs of payload and title,
# in the order of their numbers.
OFFERED = "offered"
_LONGEST_PICK = 200  # characters; a title is shorter

Pairs = Sequence[tuple[str, str]]
# Returns the payload that a text stands for among those shown, by other words than the title.
Picks = Callable[[str, Sequence[str]], str | None]


class Numbered:
    """Stands around ``answer``; on channels in ``without_buttons`` buttons have numbers too.

    There payload buttons become numbered lines on the way out. On the way in a title, or a
    number, becomes the payload, so the talk behind it hears a button press like any other.
    ``pushed`` gives the buttons of a citizen's last message if it was no answer but a notice.
    """

    def __init__(
        self,
        answer: Callable[[Claimed, datetime], Turn],
        without_buttons: Container[str],
        acts: Acts,
        wording: Wording,
        pushed: Callable[[int], Sequence[Button]] = lambda citizen_id: (),
        picks: Picks = lambda text, payloads: None,
    ) -> None:
        self._answer = answer
        self._without_buttons = without_buttons
        self._acts = acts
        self._wording = wording
        self._pushed = pushed
        self._picks = picks

    def turn(self, claimed: Claimed, now: datetime) -> Turn:
        """Return what ``claimed`` leads to."""
        inbound = claimed.inbound
        by_number = inbound.channel in self._without_buttons
        if inbound.kind is InboundKind.TEXT and len(inbound.text) <= _LONGEST_PICK:
            pressed = self._pressed(claimed, awake(claimed.context, now), by_number=by_number)
            if pressed:
                claimed = replace(claimed, inbound=replace(inbound, text=pressed))
        turn = self._answer(claimed, now)
        return self._numbered(turn) if by_number else _titled(turn)

    def _pressed(
        self, claimed: Claimed, context: Mapping[str, str], *, by_number: bool
    ) -> str | None:
        """Return the payload that the text picks, or None where the talk itself must look."""
        text = claimed.inbound.text
        words = plain(normalise(text))
        if not words or text.startswith("/"):
            return None
        offered: Pairs = json.loads(context.get(OFFERED, "[]"))
        pushed = [(each.payload, each.title) for each in self._pushed(claimed.citizen.id)]
        shown = [(payload, title) for payload, title in pushed if payload]
        found = _by_title(words, (*shown, *offered))
        found = found or self._picks(text, [payload for payload, _ in shown])
        if not found and by_number:
            found = self._by_number(text, offered, context)
        return found or self._picks(text, [payload for payload, _ in offered])

    def _by_number(self, text: str, offered: Pairs, context: Mapping[str, str]) -> str | None:
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


def _by_title(words: str, shown: Pairs) -> str | None:
    return next((payload for payload, title in shown if title and plain(title) == words), None)


def _titled(turn: Turn) -> Turn:
    """Return ``turn`` with the titles of its buttons noted."""
    shown = [(b.payload, b.title) for reply in turn.replies for b in pressable(reply)]
    if not shown:
        return turn
    noted = json.dumps(shown, ensure_ascii=False)
    return replace(turn, context={**turn.context, OFFERED: noted})


def _listed(turn: Turn) -> list[str]:
    """Return the choices of the turn if its own text numbers them already."""
    choices: list[str] = json.loads(turn.context.get("choices") or "[]")
    last = re.compile(rf"^{len(choices)}\. ", re.MULTILINE)
    return choices if choices and any(last.search(r.text) for r in turn.replies) else []
