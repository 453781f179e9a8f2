"""Actions about procedures and online services."""

from __future__ import annotations

from actions.base import DeskAction


class ListServices(DeskAction):
    """List online services, maybe of one field."""

    def name(self) -> str:
        """Return the name the rules use."""
        return "action_list_services"


class FindProcedure(DeskAction):
    """Answer with the short card of a procedure."""

    def name(self) -> str:
        """Return the name the rules use."""
        return "action_find_procedure"


class AskRequirements(DeskAction):
    """Answer which papers a procedure needs."""

    def name(self) -> str:
        """Return the name the rules use."""
        return "action_ask_requirements"


class AskFee(DeskAction):
    """Answer what a procedure costs."""

    def name(self) -> str:
        """Return the name the rules use."""
        return "action_ask_fee"


class AskDuration(DeskAction):
    """Answer how long a procedure takes."""

    def name(self) -> str:
        """Return the name the rules use."""
        return "action_ask_duration"


class AskWhere(DeskAction):
    """Answer where and how to file."""

    def name(self) -> str:
        """Return the name the rules use."""
        return "action_ask_where"


class AskPortalHelp(DeskAction):
    """Help with accounts, uploads and forms of the portal."""

    def name(self) -> str:
        """Return the name the rules use."""
        return "action_ask_portal_help"
