"""Answers that differ by what of a matter is asked: one template for each aspect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.core.conversation.payloads import write_payload
from bot.core.desk import Answer, AnswerFunction, Ask, Wording
from bot.core.phrases import Aspects

GENERAL = "general"


class AspectAnswers:
    """Answers from ``bot/wording/<topic>/<aspect>.vi.j2``; ``general`` when no words tell more."""

    def __init__(self, wording: Wording, topics: Mapping[str, Aspects]) -> None:
        self._wording = wording
        self._topics = topics

    def about(self, topic: str, **data: Any) -> AnswerFunction:
        """Return the answer of a topic; ``data`` is what its templates may tell."""
        aspects = self._topics[topic]

        def answer(ask: Ask) -> Answer:
            named = ask.first("aspect")
            aspect = named if named in aspects.lists else aspects.of(ask.text)
            replies = self._wording.replies(f"{topic}/{aspect or GENERAL}", **data)
            if aspect is None:
                return Answer(replies)
            return Answer(replies, {"again": write_payload(ask.intent, aspect=aspect)})

        return answer
