"""Rasa inside the worker: one agent, one event loop thread, no memory between turns."""

from __future__ import annotations

import asyncio
import gc
import importlib
import logging
import os
import threading
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import TimeoutError as TooSlow
from pathlib import Path
from typing import Any, TypeVar

from bot.core.desk import Desk
from bot.core.errors import DeskError, DialogueUnavailable
from bot.core.messages import Turn
from bot.dialogue.speech import (
    LONGEST_TEXT,
    action_call,
    context_after,
    context_of,
    finish,
    parsed_payload,
    replies_and_effects,
)
from bot.dialogue.straight import StraightRunner

_log = logging.getLogger(__name__)
_QUIET = ("rasa", "rasa_sdk", "sanic", "asyncio", "tensorflow", "absl", "matplotlib", "urllib3")
_TURN_SECONDS = 10.0
_LOAD_SECONDS = 120.0

_Result = TypeVar("_Result")


class EmbeddedDialogue:
    """Answers through a Rasa agent in this process.

    ``respond`` may be called from several threads. Understanding takes one turn at a time; the
    actions run side by side. What the rules decide was asked of
    Rasa's policy at loading; only a rule longer than one action is played through Rasa in full.
    """

    def __init__(
        self,
        model_path: Path,
        actions_package: str = "actions",
        desk: Desk | None = None,
        turn_seconds: float = _TURN_SECONDS,
    ) -> None:
        """Load the model; takes seconds. Raises DialogueUnavailable when it cannot be loaded."""
        self._turn_seconds = turn_seconds
        self._parsing = threading.Lock()  # the pipeline's components make no promise of more
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="rasa", daemon=True)
        self._thread.start()
        started = time.monotonic()
        try:
            self._run(self._load(model_path, actions_package, desk), _LOAD_SECONDS)
        except DialogueUnavailable:
            self._stop_loop()
            raise
        seconds = time.monotonic() - started
        _log.info("event=model_loaded model=%s seconds=%.1f", model_path.name, seconds)

    def respond(self, citizen_id: int, text: str, context: Mapping[str, str]) -> Turn:
        """Answer one text or payload. Raises DialogueUnavailable as ``Dialogue`` says."""
        text = text[:LONGEST_TEXT]
        parsed = self._guarded(self._parse, text)
        if action := self._rules.get(parsed["intent"]["name"]):
            return self._guarded(self._answer, action, citizen_id, parsed, context)
        turn: Turn = self._run(self._turn(citizen_id, text, context), self._turn_seconds)
        return turn

    def close(self) -> None:
        """Stop the loop thread; turns that still run are given up."""
        self._actions.close()
        self._stop_loop()

    def _guarded(self, step: Callable[..., _Result], *arguments: Any) -> _Result:
        try:
            return step(*arguments)
        except DeskError:
            raise
        except TooSlow as error:
            raise DialogueUnavailable("no answer in time") from error
        except Exception as error:
            # Name the kind only: the message of a foreign error may quote the citizen.
            raise DialogueUnavailable(type(error).__name__) from error

    def _parse(self, text: str) -> dict[str, Any]:
        if parsed := parsed_payload(text):
            return parsed
        # A slash that starts no payload of ours is only a slash; Rasa would see an intent in it.
        words = text.strip().lstrip("/").strip()
        with self._parsing:
            understood: dict[str, Any] = finish(self._understand(words))
        return understood

    def _answer(
        self, action: str, citizen_id: int, parsed: Mapping[str, Any], context: Mapping[str, str]
    ) -> Turn:
        """Say what the rule of the intent says: a fixed response, or what the action answers."""
        intent = parsed["intent"]
        if action.startswith("utter_"):
            channel = self._channel.name()
            said = [self._processor.nlg.generate_from_slots(action, dict(context), channel)]
            events: Sequence[Mapping[str, Any]] = ()
        else:
            call = action_call(action, citizen_id, parsed, context)
            result = self._actions.start(call).result(self._turn_seconds)
            said, events = result["responses"], result["events"]
        replies, effects = replies_and_effects(said)
        after = context_after(context, events)
        return Turn(replies, after, effects, intent["name"], intent["confidence"])

    def _run(self, work: Coroutine[Any, Any, Any], seconds: float) -> Any:
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result(seconds)
        except TooSlow as error:
            future.cancel()
            raise DialogueUnavailable("no answer in time") from error
        except DeskError:
            raise
        except Exception as error:
            # Name the kind only: the message of a foreign error may quote the citizen.
            raise DialogueUnavailable(type(error).__name__) from error

    async def _load(self, model_path: Path, package: str, desk: Desk | None) -> None:
        if not model_path.exists():
            raise DialogueUnavailable("no trained model")
        _calm_environment()
        from rasa.core.agent import Agent  # seconds and hundreds of megabytes

        from bot.dialogue import inside
        from bot.dialogue.rule_table import learn_rules

        silence_rasa()
        inside.prepare_validator()
        self._running = inside.RunningTurn
        self._current = inside.running
        self._channel = inside.TurnChannel()
        if desk is not None:
            importlib.import_module(f"{package}.base").use_desk(desk)
        self._actions = _registered(inside.InProcessActions, package)
        agent = Agent.load(
            model_path,
            tracker_store=inside.ForgetfulStore(None),
            action_endpoint=self._actions,
        )
        self._processor = agent.processor
        self._processor.graph_runner = StraightRunner(self._processor.graph_runner)
        # It compares the domain with an empty one for every message, only to log a warning.
        self._processor._check_for_unseen_features = lambda parse_data: None
        await self._understand("xin")  # the first parse builds lookup tables
        self._rules = learn_rules(self._processor)
        gc.collect()
        gc.freeze()  # what the model holds is never garbage; do not walk it again

    async def _understand(self, text: str) -> dict[str, Any]:
        from rasa.core.channels.channel import UserMessage

        parsed: dict[str, Any] = await self._processor.parse_message(UserMessage(text))
        return parsed

    async def _turn(self, citizen_id: int, text: str, context: Mapping[str, str]) -> Turn:
        from rasa.core.channels.channel import UserMessage

        parsed = parsed_payload(text)
        # A slash that starts no payload of ours is only a slash; Rasa would see an intent in it.
        words = text if parsed else text.strip().lstrip("/").strip()
        turn = self._running(context)
        self._current.set(turn)
        parsed = parsed or await self._understand(words)
        message = UserMessage(words, self._channel, str(citizen_id), parse_data=parsed)
        await self._processor.handle_message(message)
        if turn.failure is not None:
            raise turn.failure
        if turn.tracker is None:
            raise DialogueUnavailable("no tracker")
        replies, effects = replies_and_effects(turn.messages)
        slots = turn.tracker.current_slot_values()
        intent = parsed["intent"]
        return Turn(replies, context_of(slots), effects, intent["name"], intent["confidence"])

    def _stop_loop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)
        if not self._thread.is_alive():
            self._loop.close()


def silence_rasa() -> None:
    """Let Rasa and its libraries log warnings only, and no structured event at all.

    At lower levels they log what citizens write.
    """
    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _calm_environment() -> None:
    for name, value in (
        ("RASA_TELEMETRY_ENABLED", "false"),
        ("TF_CPP_MIN_LOG_LEVEL", "3"),
        ("CUDA_VISIBLE_DEVICES", "-1"),
        ("SQLALCHEMY_SILENCE_UBER_WARNING", "1"),
    ):
        os.environ.setdefault(name, value)


def _registered(endpoint: type, package: str) -> Any:
    try:
        return endpoint(package)
    except SystemExit as error:  # what rasa_sdk does when an import fails
        raise DialogueUnavailable(f"actions package {package} cannot be imported") from error
