"""Actions about the talk itself."""

from __future__ import annotations

from actions.base import DeskAction


class Greet(DeskAction):
    """Say hello and show the menu."""

    def name(self) -> str:
        """Return the name the rules use."""
        return "action_greet"


class Affirm(DeskAction):
    """Do what was offered."""

    def name(self) -> str:
        """Return the name the rules use."""
        return "action_affirm"


class Deny(DeskAction):
    """Drop what was offered."""

    def name(self) -> str:
        """Return the name the rules use."""
        return "action_deny"


class Cancel(DeskAction):
    """Forget what was going on."""

    def name(self) -> str:
        """Return the name the rules use."""
        return "action_cancel"


class AskCapabilities(DeskAction):
    """Show what the desk can do."""

    def name(self) -> str:
        """Return the name the rules use."""
        return "action_ask_capabilities"


class AskIdentity(DeskAction):
    """Say that this is a machine, and whose."""

    def name(self) -> str:
        """Return the name the rules use."""
        return "action_ask_identity"


class OutOfScope(DeskAction):
    """Say that this is not served here."""

    def name(self) -> str:
        """Return the name the rules use."""
        return "action_out_of_scope"


class NotUnderstood(DeskAction):
    """Offer a guess or say so."""

    def name(self) -> str:
        """Return the name the rules use."""
        return "action_not_understood"


class PointTheWay(DeskAction):
    """Give the honest next step."""

    def name(self) -> str:
        """Return the name the rules use."""
        return "action_point_the_way"
