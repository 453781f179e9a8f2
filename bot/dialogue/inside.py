"""The parts Rasa is given when it runs in our process: tracker store, channel, actions."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import jsonschema  # type: ignore[import-untyped]
from rasa.core.actions.action import RemoteAction
from rasa.core.channels.channel import OutputChannel
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.events import deserialise_events
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig
from rasa_sdk.executor import ActionExecutor

from bot.dialogue.speech import context_events, finish

_log = logging.getLogger(__name__)


@dataclass
class RunningTurn:
    """All there is of a conversation; gone when the turn is answered."""

    context: Mapping[str, str]
    tracker: DialogueStateTracker | None = None
    messages: list[dict[str, Any]] = field(default_factory=list)
    failure: Exception | None = None


# Each turn is one asyncio task, and each task sees its own value here.
running: ContextVar[RunningTurn] = ContextVar("running")


class ForgetfulStore(TrackerStore):
    """Opens every conversation with the context handed in, and keeps nothing afterwards."""

    async def retrieve(self, sender_id: str) -> DialogueStateTracker:
        """Return a tracker that knows the running turn's context and nothing else."""
        tracker = self.init_tracker(sender_id)
        for event in deserialise_events(context_events(running.get().context)):
            tracker.update(event)
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Hand the tracker to the running turn instead of storing it."""
        running.get().tracker = tracker


class TurnChannel(OutputChannel):
    """Collects complete messages; Rasa's own collector tears text, buttons and data apart."""

    @classmethod
    def name(cls) -> str:
        """Return the name responses in the domain may be written for."""
        return "motcua"

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Keep one message with all its parts."""
        running.get().messages.append(message)


class InProcessActions(EndpointConfig):
    """Stands where the address of an action server would stand, and runs the actions here.

    Actions run on threads of their own, so one that waits for a slow register holds up nobody
    else's turn.
    """

    def __init__(self, package: str, threads: int = 8) -> None:
        # Actions do not need the domain; sending it costs more than the action.
        super().__init__(url="in-process", enable_selective_domain=True)
        self._executor = ActionExecutor()
        self._executor.register_package(package)
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="action")

    async def request(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Run the action Rasa asks for. A failure is kept for the turn, which then raises it."""
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._threads, self.answer, kwargs["json"])
        except Exception as error:
            running.get().failure = error
            return {"events": [], "responses": []}

    def answer(self, call: dict[str, Any]) -> dict[str, Any]:
        """Run one action on this thread; return its responses and events in Rasa's JSON."""
        return finish(self._executor.run(call)) or {"events": [], "responses": []}

    def start(self, call: dict[str, Any]) -> Future[dict[str, Any]]:
        """Run one action on a thread of ours, so that its caller can stop waiting for it."""
        return self._threads.submit(self.answer, call)

    def close(self) -> None:
        """Let no new action start."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def prepare_validator() -> None:
    """Compile Rasa's schema for action results once.

    Rasa checks the schema itself, a constant, on every custom action: 28 of 34 ms of a turn.
    """
    schema = RemoteAction.action_response_format_spec()
    validator = jsonschema.validators.validator_for(schema)(schema)

    def validate(self: RemoteAction, result: dict[str, Any]) -> bool:
        validator.validate(result)
        return True

    RemoteAction._validate_action_result = validate
