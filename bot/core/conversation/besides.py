"""Two requests in one message: the main one is answered, the other is offered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.core.conversation.payloads import parse_payload, write_payload
from bot.core.desk import Answer, Ask, Wording
from bot.core.messages import Reply

_MOST_OFFERED = 2
_ABOUT_A_PROCEDURE = frozenset(
    (
        "find_procedure",
        "ask_requirements",
        "ask_fee",
        "ask_duration",
        "ask_where",
        "submit_dossier",
    )
)
_ABOUT_A_DOSSIER = frozenset(("lookup_dossier", "ask_overdue", "ask_supplement", "pay_fee"))
_KEYS = {
    **dict.fromkeys(_ABOUT_A_PROCEDURE, "procedure"),
    **dict.fromkeys(_ABOUT_A_DOSSIER, "dossier_code"),
}


class Besides:
    """Adds a last bubble with what else the message asked."""

    def __init__(self, wording: Wording) -> None:
        self._wording = wording

    def offer(self, ask: Ask, answer: Answer) -> Answer:
        """Return ``answer`` with the other requests as buttons; as it is when there are none.

        An answer that asks something itself stays alone: one question at a time.
        """
        others = [intent for intent in ask.also if intent != ask.intent][:_MOST_OFFERED]
        if not others or answer.context.get("choices") or answer.context.get("pending"):
            return answer
        lines = [(intent, write_payload(intent, **_carried(intent, answer))) for intent in others]
        bubble = self._wording.replies("talk/besides", lines=lines)
        replies = (_without_buttons(reply, others) for reply in answer.replies)
        return replace(answer, replies=(*replies, *bubble))


def _without_buttons(reply: Reply, intents: Sequence[str]) -> Reply:
    """Return the bubble without the buttons that the last bubble offers anew."""
    leading = ((button, parse_payload(button.payload or "")) for button in reply.buttons)
    kept = tuple(button for button, to in leading if to is None or to.intent not in intents)
    return replace(reply, buttons=kept)


def _carried(intent: str, answer: Answer) -> dict[str, str]:
    """Return the procedure or dossier just answered about, if the other request needs it."""
    key = _KEYS.get(intent, "")
    value = answer.context.get(key) if key else None
    return {key: value} if value else {}
