"""What all actions share: a tracker in, one call to the desk, replies and slots out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.core.conversation.intents import ANSWERS
from bot.core.conversation.memory import SLOTS, changes_after
from bot.core.conversation.payloads import parse_payload
from bot.core.desk import Answer, Ask, Desk, Entity, Guess
from bot.core.messages import Button, Reply

_desk: list[Desk] = []  # set by the worker; built on first use under `rasa run actions`


def use_desk(desk: Desk) -> None:
    """Let the actions of this process answer from ``desk``."""
    _desk[:] = [desk]


@lru_cache(maxsize=1)
def _own_desk() -> Desk:
    from bot.settings import Settings
    from bot.wiring.desk import build_desk

    return build_desk(Settings.from_env())


class DeskAction(Action, ABC):
    """An action whose name is a function of the desk."""

    @abstractmethod
    def name(self) -> str:
        """Return the name the rules use."""

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Ask the desk, say its replies, remember its context."""
        desk = _desk[0] if _desk else _own_desk()
        ask = _ask(tracker, desk)
        answer = desk.hear(self.name(), ask)
        _say(dispatcher, answer)
        return _slot_events(changes_after(ask, answer), tracker)


def _ask(tracker: Tracker, desk: Desk) -> Ask:
    message = tracker.latest_message
    entities = tuple(
        Entity(item["entity"], str(item["value"])) for item in message.get("entities") or ()
    )
    context = {
        name: str(value) for name, value in tracker.slots.items() if value and name in SLOTS
    }
    citizen = int(tracker.sender_id) if tracker.sender_id.isdecimal() else 0
    intent = (message.get("intent") or {}).get("name") or ""
    text = message.get("text") or ""
    pressed = parse_payload(text) is not None  # a button is never in doubt
    ranking = () if pressed else _ranking(message)
    also = tuple(str(name) for name in message.get("also") or () if name in ANSWERS)
    return Ask(intent, text, desk.clock(), entities, context, citizen, ranking, also)


def _ranking(message: Mapping[str, Any]) -> tuple[Guess, ...]:
    """Return what the message may mean, best first; a restored model may know older intents."""
    found = message.get("intent_ranking") or ()
    return tuple(
        Guess(str(item["name"]), float(item["confidence"]))
        for item in found
        if item["name"] in ANSWERS
    )


def _say(dispatcher: CollectingDispatcher, answer: Answer) -> None:
    for index, reply in enumerate(answer.replies):
        extra: dict[str, Any] = {"meta": dict(reply.meta)}
        if index == 0 and answer.effects:
            extra["effects"] = [dict(effect) for effect in answer.effects]
        _utter(dispatcher, reply, extra)


def _utter(dispatcher: CollectingDispatcher, reply: Reply, extra: dict[str, Any]) -> None:
    dispatcher.utter_message(
        text=reply.text,
        image=reply.image_url,
        buttons=[_button(button) for button in reply.buttons],
        json_message={"motcua": extra},
    )


def _button(button: Button) -> dict[str, str]:
    # Rasa's own channels need a payload on every button; ours read url and phone first.
    data = button.as_json()
    return {"payload": data.get("url") or data.get("phone") or "", **data}


def _slot_events(changes: Mapping[str, str | None], tracker: Tracker) -> list[dict[str, Any]]:
    """Return the events for slots that really change."""
    return [
        {"event": "slot", "timestamp": None, "name": name, "value": value}
        for name, value in changes.items()
        if name in SLOTS and value != tracker.slots.get(name)
    ]
