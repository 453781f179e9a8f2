"""What cannot be had without being known to the platform: following topics and dossiers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bot.core.channel import is_for_visitors
from bot.core.desk import Wording
from bot.core.messages import Claimed, Turn

_EFFECTS = frozenset({"subscribe", "follow_dossier"})
_INTENTS = frozenset({"subscribe_topic", "follow_dossier"})


class Visitors:
    """Stands around ``answer``: a visitor cannot be written to later, and is told so at once.

    Otherwise topic, area and consent would be asked for a promise nobody can keep.
    """

    def __init__(self, answer: Callable[[Claimed, datetime], Turn], wording: Wording) -> None:
        self._answer = answer
        self._wording = wording

    def turn(self, claimed: Claimed, now: datetime) -> Turn:
        """Return what ``claimed`` leads to."""
        turn = self._answer(claimed, now)
        if not is_for_visitors(claimed.citizen.channel) or not _promises_more(turn):
            return turn
        effects = tuple(each for each in turn.effects if each["effect"] not in _EFFECTS)
        hint = self._wording.replies("talk/visitor")
        return Turn(hint, {}, effects, turn.intent, turn.confidence)


def _promises_more(turn: Turn) -> bool:
    return turn.intent in _INTENTS or any(each["effect"] in _EFFECTS for each in turn.effects)
