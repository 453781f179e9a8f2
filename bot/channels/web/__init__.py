"""The web chat as a channel: its page and API are ``bot.web``; rows are visible at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.core.channel import Webhook
from bot.core.errors import SendRefused
from bot.core.messages import Reply


class WebChannel:
    """The web chat. Nothing is pushed to it: citizens read their timeline."""

    name = "web"
    has_buttons = True

    def receive(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Webhook:
        """Refuse: the web chat has an API instead of a webhook."""
        return Webhook(404, "ignored")

    def understand(self, body: bytes, now: datetime) -> Webhook:
        """Refuse, as ``receive`` does."""
        return Webhook(404, "ignored")

    def send(self, external_id: str, reply: Reply) -> str:
        """Raise SendRefused: a reply of the web chat needs no sending."""
        raise SendRefused("the web chat shows rows at once", code="not_sent")

    def fit(self, reply: Reply) -> tuple[Reply, ...]:
        """Return the bubble as it is; the page has no limits."""
        return (reply,)
