"""While a person talks to a citizen the desk listens and says nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from bot.core.conversation.acts import Acts
from bot.core.conversation.memory import AT, LASTING
from bot.core.desk import Wording
from bot.core.messages import Claimed, InboundKind, Turn
from bot.core.vietnamese import normalise

_MOST_READ = 2_000  # characters; nobody calls for help or for the desk after that many
_SILENT_ANYWAY = (InboundKind.UNFOLLOW, InboundKind.WITHDRAW)


class BesideStaff:
    """Stands before ``answer``: keeps quiet until ``Claimed.staff_until``.

    Danger is answered all the same, STOP is obeyed without a word, and the citizen can call the
    desk back. Everything else is settled without a reply and stays in the talk for staff to read.
    """

    def __init__(
        self, answer: Callable[[Claimed, datetime], Turn], acts: Acts, wording: Wording
    ) -> None:
        self._answer = answer
        self._acts = acts
        self._wording = wording

    def turn(self, claimed: Claimed, now: datetime) -> Turn:
        """Return what ``claimed`` leads to."""
        kind = claimed.inbound.kind
        if claimed.staff_until is None or claimed.staff_until <= now or kind in _SILENT_ANYWAY:
            return self._answer(claimed, now)
        # What waited for an answer of the citizen's is over: they talk to somebody else now.
        kept = {key: value for key, value in claimed.context.items() if key in (*LASTING, AT)}
        quiet = Turn((), kept)
        if kind is not InboundKind.TEXT:
            return quiet
        text = normalise(claimed.inbound.text[:_MOST_READ])[:_MOST_READ]
        if self._acts.in_danger(text):
            return self._answer(claimed, now)
        if self._acts.is_bot_back(text):
            replies = self._wording.replies("talk/bot_back")
            return Turn(replies, kept, ({"effect": "bot_back"},))
        # A bare "dung" is as likely a yes to the person as a STOP to us.
        if self._acts.is_stop(text) and not self._acts.is_assent(text):
            return replace(quiet, effects=({"effect": "stop"},))
        return quiet
