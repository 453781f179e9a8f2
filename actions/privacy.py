"""Actions about a citizen's own data."""

from __future__ import annotations

from actions.base import DeskAction


class DeleteMyData(DeskAction):
    """Ask once, then erase."""

    def name(self) -> str:
        """Return the name the rules use."""
        return "action_delete_my_data"


class AskPrivacy(DeskAction):
    """Tell what is kept, how long, and who sees it."""

    def name(self) -> str:
        """Return the name the rules use."""
        return "action_ask_privacy"
