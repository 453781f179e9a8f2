"""The language side: free text in, a turn out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from bot.core.messages import Turn


class Dialogue(Protocol):
    """Understands free text and answers through the desk's actions."""

    def respond(self, citizen_id: int, text: str, context: Mapping[str, str]) -> Turn:
        """Answer one text (or payload ``/intent{...}``) of a citizen.

        ``context`` is the running talk's; the turn holds the whole new context.
        Raises DialogueUnavailable when the model is missing, dead or too slow.
        """
