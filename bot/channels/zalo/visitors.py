"""Visitors without a Zalo login, a channel of its own beside the account's.

https://developers.zalo.me/docs/official-account/tin-nhan/tin-an-danh

How sure this is: three sources name the call and its two ids, four the events. That a conversation
has an id of its own besides the visitor's is in all of them; how long either lives is not, and one
source advises to keep nothing under them for long. So a citizen here is one conversation, and is
forgotten after a silent day. Text and pictures are documented; buttons are not, so they are
written out. No source speaks of the 48 hours and 7 days, or of a quota, for visitors: an answer
is sent and a refusal believed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.channels.zalo.api import ZaloApi
from bot.channels.zalo.inbox import Inbox
from bot.channels.zalo.messages import LIMITS, message_for
from bot.channels.zalo.said import BETWEEN
from bot.core.channel import Webhook, visitors_of
from bot.core.messages import Reply
from bot.core.plain import written_out
from bot.core.splitting import split_reply


class ZaloVisitors:
    """The visitors of the account whose channel is called ``account``."""

    has_buttons = False

    def __init__(self, account: str, inbox: Inbox, api: ZaloApi) -> None:
        self.name = visitors_of(account)
        self._inbox = inbox
        self._api = api

    def receive(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Webhook:
        """Do what the account does: they share one address."""
        return self._inbox.receive(headers, body, now)

    def understand(self, body: bytes, now: datetime) -> Webhook:
        """Parse a call that was verified at ``now``."""
        return self._inbox.understand(body, now)

    def send(self, external_id: str, reply: Reply) -> str:
        """Send one bubble and return the platform's message id, empty if it named none.

        Raises SendLater, SendRefused, SendNeedsPerson or SendUnsure.
        """
        anonymous_id, _, conversation_id = external_id.partition(BETWEEN)
        message = message_for(written_out(reply))
        return self._api.send_anonymous(anonymous_id, conversation_id, message).message_id

    def fit(self, reply: Reply) -> tuple[Reply, ...]:
        """Write buttons as lines and split the bubble to 2000 characters."""
        return split_reply(written_out(reply), LIMITS)
