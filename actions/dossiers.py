"""Actions about dossiers and their codes."""

from __future__ import annotations

from actions.base import DeskAction


class LookupDossier(DeskAction):
    """Answer where a dossier stands."""

    def name(self) -> str:
        """Return the name the rules use."""
        return "action_lookup_dossier"


class AskQrHelp(DeskAction):
    """Tell how to photograph the code."""

    def name(self) -> str:
        """Return the name the rules use."""
        return "action_ask_qr_help"
