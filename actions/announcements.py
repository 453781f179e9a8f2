"""Actions about official announcements."""

from __future__ import annotations

from actions.base import DeskAction


class AskAnnouncements(DeskAction):
    """Tell the newest announcements."""

    def name(self) -> str:
        """Return the name the rules use."""
        return "action_ask_announcements"


class SubscribeTopic(DeskAction):
    """Follow a topic."""

    def name(self) -> str:
        """Return the name the rules use."""
        return "action_subscribe_topic"


class UnsubscribeTopic(DeskAction):
    """Stop following."""

    def name(self) -> str:
        """Return the name the rules use."""
        return "action_unsubscribe_topic"


class MySubscriptions(DeskAction):
    """Tell what is followed."""

    def name(self) -> str:
        """Return the name the rules use."""
        return "action_my_subscriptions"


class VerifyNotice(DeskAction):
    """Compare a message with what was published and with known tricks."""

    def name(self) -> str:
        """Return the name the rules use."""
        return "action_verify_notice"
