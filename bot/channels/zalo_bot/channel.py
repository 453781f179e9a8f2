"""A bot of the Zalo Bot Platform as a channel of the desk."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from datetime import datetime

from bot.channels.http import CONNECT_TIMEOUT, READ_TIMEOUT
from bot.channels.zalo_bot import events
from bot.channels.zalo_bot.api import (
    API_URL,
    LONGEST_SECRET,
    MAX_TEXT,
    SHORTEST_SECRET,
    BotApi,
    utc_now,
)
from bot.core.channel import Webhook
from bot.core.errors import SettingsError
from bot.core.messages import Reply
from bot.core.plain import written_out
from bot.core.splitting import Limits, split_reply

SECRET_HEADER = "x-bot-api-secret-token"  # noqa: S105 - the header's name
LIMITS = Limits(text=MAX_TEXT, buttons=1, title=MAX_TEXT, payload=0)  # there are no buttons


def check_keys(token: str, secret: str) -> None:
    """Raise SettingsError when the two settings cannot be what the platform gives and takes."""
    number, _, rest = token.partition(":")
    if token and not (number.isdecimal() and rest and token.isprintable() and "/" not in token):
        raise SettingsError(
            "MOTCUA_ZALO_BOT_TOKEN is not a bot's token (digits, a colon, a key): copy it anew"
        )
    if secret and not SHORTEST_SECRET <= len(secret) <= LONGEST_SECRET:
        raise SettingsError(
            f"MOTCUA_ZALO_BOT_SECRET must have {SHORTEST_SECRET} to {LONGEST_SECRET} characters: "
            "set a longer one, or unset it to poll"
        )


class ZaloBotChannel:
    """One bot: ``token`` sends, ``secret`` verifies webhooks.

    Without a ``secret`` no webhook call is taken; updates then come by polling.
    """

    name = events.NAME
    has_buttons = False

    def __init__(
        self,
        *,
        token: str,
        secret: str,
        api_url: str = API_URL,
        timeouts: tuple[float, float] = (CONNECT_TIMEOUT, READ_TIMEOUT),
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._secret = secret
        self.api = BotApi(token=token, api_url=api_url, timeouts=timeouts, clock=clock)

    def close(self) -> None:
        """Close the connections kept open to the platform."""
        self.api.close()

    def receive(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Webhook:
        """Verify and parse one webhook call; never raises for what a stranger may send.

        A wrong secret is answered 200 too: whoever guesses learns nothing.
        """
        given = {name.lower(): value for name, value in headers.items()}
        if not self._is_ours(given.get(SECRET_HEADER, "")):
            return Webhook(200, "bad_signature")
        return self.understand(body, now)

    def understand(self, body: bytes, now: datetime) -> Webhook:
        """Parse a call that was verified at ``now``, or an update that was polled."""
        return events.read(body, now)

    def send(self, external_id: str, reply: Reply) -> str:
        """Send one bubble and return the platform's message id, empty if it named none.

        Raises SendLater, SendRefused, SendNeedsPerson or SendUnsure.
        """
        reply = written_out(reply)
        if reply.image_url:
            return self.api.send_photo(external_id, reply.image_url, reply.text)
        return self.api.send_message(external_id, reply.text)

    def fit(self, reply: Reply) -> tuple[Reply, ...]:
        """Write buttons as lines and split the bubble to the platform's 2000 characters."""
        return split_reply(written_out(reply), LIMITS)

    def _is_ours(self, given: str) -> bool:
        # As bytes: compare_digest refuses text outside ASCII, which a stranger may well send.
        expected = self._secret.encode()
        return bool(expected) and hmac.compare_digest(given.encode("utf-8", "replace"), expected)
