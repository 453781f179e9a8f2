"""Actions that lead to a person."""

from __future__ import annotations

from actions.base import DeskAction


class RequestHuman(DeskAction):
    """Show the ways to a person."""

    def name(self) -> str:
        """Return the name the rules use."""
        return "action_request_human"


class Complain(DeskAction):
    """Apologise and name the right way."""

    def name(self) -> str:
        """Return the name the rules use."""
        return "action_complain"
