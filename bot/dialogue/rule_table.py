"""What the trained rules decide for each intent, asked of Rasa's policy once at loading."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.events import ActionExecuted, SessionStarted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker


def learn_rules(processor: Any) -> Mapping[str, str]:
    """Return the action of every intent whose rule is: this intent, this action, listen.

    Every turn opens a fresh conversation and no slot influences the rules, so the policy could
    only decide the same again. An intent with a longer rule is left out; Rasa plays it in full.
    """
    decided = {intent: _decide(processor, intent) for intent in processor.domain.intents}
    return {intent: action for intent, action in decided.items() if action is not None}


def _decide(processor: Any, intent: str) -> str | None:
    tracker = DialogueStateTracker("rules", processor.domain.slots)
    opening = (
        ActionExecuted(ACTION_SESSION_START_NAME),
        SessionStarted(),
        ActionExecuted(ACTION_LISTEN_NAME),
        UserUttered("", {"name": intent, "confidence": 1.0}),
    )
    for event in opening:
        tracker.update(event, processor.domain)
    first = _predicted(processor, tracker)
    tracker.update(ActionExecuted(first), processor.domain)
    return first if _predicted(processor, tracker) == ACTION_LISTEN_NAME else None


def _predicted(processor: Any, tracker: DialogueStateTracker) -> str:
    prediction = processor._predict_next_with_tracker(tracker)
    name: str = processor.domain.action_names_or_texts[prediction.max_confidence_index]
    return name
