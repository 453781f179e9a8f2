"""A Zalo official account as a channel of the desk."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from bot.channels.http import CONNECT_TIMEOUT, READ_TIMEOUT
from bot.channels.zalo import events
from bot.channels.zalo.accounts import Account
from bot.channels.zalo.api import BUSINESS_URL, UploadCache, ZaloApi, utc_now
from bot.channels.zalo.calls import AccessTokens, Rate, Stated
from bot.channels.zalo.inbox import Inbox
from bot.channels.zalo.messages import LIMITS, message_for
from bot.core.channel import Webhook
from bot.core.errors import SendError
from bot.core.messages import Reply
from bot.core.splitting import split_reply

log = logging.getLogger(__name__)


class ZaloChannel:
    """One official account: ``app_id`` and ``oa_secret`` verify webhooks, ``tokens`` send.

    All accounts of an app share one webhook address: the channel it belongs to knows the other
    accounts as ``linked`` and says of each event whose it is. An empty ``oa_id`` takes the events
    of every account.
    ``timeouts`` are seconds for connecting and for the answer; ``stated`` hears the call rate.
    """

    name: str = events.NAME
    has_buttons = True

    def __init__(
        self,
        *,
        app_id: str,
        oa_id: str,
        oa_secret: str,
        api_url: str,
        tokens: AccessTokens,
        business_url: str = BUSINESS_URL,
        uploads: UploadCache | None = None,
        timeouts: tuple[float, float] = (CONNECT_TIMEOUT, READ_TIMEOUT),
        clock: Callable[[], datetime] = utc_now,
        stated: Stated | None = None,
        name: str = events.NAME,
        linked: Sequence[Account] = (),
    ) -> None:
        self.name = name
        self.inbox = Inbox(app_id, (Account(oa_id, oa_secret, channel=name), *linked))
        self._tokens = tokens
        self.api = ZaloApi(
            tokens=tokens,
            account=oa_id,
            api_url=api_url,
            business_url=business_url,
            uploads=uploads,
            timeouts=timeouts,
            clock=clock,
            stated=stated,
        )

    @property
    def rate(self) -> Rate | None:
        """Return the call rate as the platform last stated it."""
        return self.api.rate

    def keep_fresh(self) -> None:
        """Replace the access token if it ends soon; run it every few minutes.

        So a dead refresh token is an alarm hours before the first citizen waits.
        """
        try:
            self._tokens.access()
        except SendError as error:
            log.warning("event=zalo_token_not_fresh code=%s", error.code)

    def close(self) -> None:
        """Close the connections kept open to the platform."""
        self.api.close()

    # Receiving

    def receive(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Webhook:
        """Verify and parse one webhook call; never raises for what a stranger may send."""
        return self.inbox.receive(headers, body, now)

    def understand(self, body: bytes, now: datetime) -> Webhook:
        """Parse a call that was verified at ``now``; the spool brings it back later."""
        return self.inbox.understand(body, now)

    # Sending

    def send(self, external_id: str, reply: Reply) -> str:
        """Send one bubble that ``fit`` gave and return the platform's message id.

        The id is empty when the platform took the message and named none.
        Raises SendLater, SendRefused, SendNeedsPerson or SendUnsure.
        """
        return self.api.send(external_id, message_for(reply)).message_id

    def fit(self, reply: Reply) -> tuple[Reply, ...]:
        """Split a bubble to Zalo's limits (2000 characters, 5 buttons)."""
        parts = split_reply(reply, LIMITS)
        left_out = len(reply.buttons) - sum(len(part.buttons) for part in parts)
        if left_out:
            log.error("event=zalo_button_dropped reason=payload_too_long count=%d", left_out)
        return parts
