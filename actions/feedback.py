"""Actions about figures of the province."""

from __future__ import annotations

from actions.base import DeskAction


class AskStatistics(DeskAction):
    """Tell the figures of the register."""

    def name(self) -> str:
        """Return the name the rules use."""
        return "action_ask_statistics"


class RateService(DeskAction):
    """Take up the open question about satisfaction."""

    def name(self) -> str:
        """Return the name the rules use."""
        return "action_rate_service"
