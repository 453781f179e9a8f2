"""Actions about offices."""

from __future__ import annotations

from actions.base import DeskAction


class AskOffice(DeskAction):
    """Answer address, hours and phone of an office."""

    def name(self) -> str:
        """Return the name the rules use."""
        return "action_ask_office"
