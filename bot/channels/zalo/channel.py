"""A Zalo official account as a channel of the desk."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bot.channels import envelope
from bot.channels.http import CONNECT_TIMEOUT, READ_TIMEOUT
from bot.channels.zalo import events, signature
from bot.channels.zalo.api import BUSINESS_URL, UploadCache, ZaloApi, utc_now
from bot.channels.zalo.calls import AccessTokens, Rate, Stated
from bot.channels.zalo.messages import LIMITS, message_for
from bot.core.channel import Webhook
from bot.core.errors import SendError
from bot.core.messages import Reply
from bot.core.splitting import split_reply

log = logging.getLogger(__name__)


class ZaloChannel:
    """One official account: ``app_id`` and ``oa_secret`` verify webhooks, ``tokens`` send.

    An empty ``oa_id`` takes the events of every account linked to the app.
    ``timeouts`` are seconds for connecting and for the answer; ``stated`` hears the call rate.
    """

    name = events.NAME
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
    ) -> None:
        self._app_id = app_id
        self._oa_id = oa_id
        self._oa_secret = oa_secret
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
        """Verify and parse one webhook call; never raises for what a stranger may send.

        Every answer is 200: the platform shows another status as "webhook down" and switches
        events off, and the unsigned ``{}`` it tests an address with must be welcome.
        """
        given = {name.lower(): value for name, value in headers.items()}
        try:
            data = envelope.read_body(body)
            if not data and not given.get(signature.HEADER):
                return Webhook(200, "check")
            if not self._is_signed(given, body, data):
                return Webhook(200, "bad_signature")
        except envelope.Malformed as error:
            return Webhook(200, "malformed", reason=error.reason)
        return self.understand(body, now)

    def understand(self, body: bytes, now: datetime) -> Webhook:
        """Parse a call that was verified at ``now``; the spool brings it back later."""
        return events.read(body, self._oa_id, now, self.name)

    def _is_signed(self, headers: Mapping[str, str], body: bytes, data: Mapping[str, Any]) -> bool:
        given = headers.get(signature.HEADER, "")
        if not given or not self._oa_secret or envelope.text(data, "app_id") != self._app_id:
            return False
        stamp = envelope.text(data, "timestamp") or headers.get(signature.TIMESTAMP_HEADER, "")
        expected = signature.signature(self._app_id, body, stamp, self._oa_secret)
        if signature.matches(given, expected):
            return True
        self._note_other_order(given, body, stamp)
        return False

    def _note_other_order(self, given: str, body: bytes, stamp: str) -> None:
        # Some reports put the account's id first; say so if that is ever what arrives.
        other = signature.signature(self._oa_id, body, stamp, self._oa_secret)
        if self._oa_id and signature.matches(given, other):
            log.error("event=zalo_signature_order first=oa_id accepted=no")

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
