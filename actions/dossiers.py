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


class AskOverdue(DeskAction):
    """Tell whether a dossier is late, and the rights then."""

    def name(self) -> str:
        """Return the name the rules use."""
        return "action_ask_overdue"


class AskSupplement(DeskAction):
    """Tell how to add papers or answer a refusal."""

    def name(self) -> str:
        """Return the name the rules use."""
        return "action_ask_supplement"


class AskResultDelivery(DeskAction):
    """Tell where, how and by whom a result is collected."""

    def name(self) -> str:
        """Return the name the rules use."""
        return "action_ask_result_delivery"


class AskLostReceipt(DeskAction):
    """Tell what to do without the receipt."""

    def name(self) -> str:
        """Return the name the rules use."""
        return "action_ask_lost_receipt"


class WithdrawDossier(DeskAction):
    """Tell how to take a dossier back."""

    def name(self) -> str:
        """Return the name the rules use."""
        return "action_withdraw_dossier"


class FollowDossier(DeskAction):
    """Follow a dossier."""

    def name(self) -> str:
        """Return the name the rules use."""
        return "action_follow_dossier"


class UnfollowDossier(DeskAction):
    """Stop following."""

    def name(self) -> str:
        """Return the name the rules use."""
        return "action_unfollow_dossier"
