"""Every call of the platform the desk needs, one method each.

https://bot.zaloplatforms.com/docs

The token is part of each address, so no error made here carries an address.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any

import requests

from bot.channels.http import CONNECT_TIMEOUT, READ_TIMEOUT, Answer, AnswerLost, NotSent, call
from bot.channels.zalo_bot import codes
from bot.core.errors import SendError, SendLater, SendRefused, SendUnsure

API_URL = "https://bot-api.zaloplatforms.com"
MAX_TEXT = 2000
SHORTEST_SECRET, LONGEST_SECRET = 8, 256
_SLACK = 10.0  # seconds an answer may come after the long poll should have ended


def utc_now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(timezone.utc)


class BotApi:
    """One bot's calls. Safe to share between threads.

    Every method raises SendError; ``timeouts`` are seconds for connecting and for the answer.
    """

    def __init__(
        self,
        *,
        token: str,
        api_url: str = API_URL,
        timeouts: tuple[float, float] = (CONNECT_TIMEOUT, READ_TIMEOUT),
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._base = f"{api_url.rstrip('/')}/bot{token}"
        self._timeouts = timeouts
        self._clock = clock
        self._session = requests.Session()

    def close(self) -> None:
        """Close the connections kept open."""
        self._session.close()

    def send_message(self, chat_id: str, text: str) -> str:
        """Send a text of 1 to 2000 characters; return the message id, empty if none is told."""
        if not 1 <= len(text) <= MAX_TEXT:
            raise SendRefused("text is empty or too long", "length")
        return _message_id(self._make("sendMessage", {"chat_id": chat_id, "text": text}))

    def send_photo(self, chat_id: str, photo: str, caption: str = "") -> str:
        """Send a picture by its address; return the message id as ``send_message`` does."""
        if len(caption) > MAX_TEXT:
            raise SendRefused("caption is too long", "length")
        named = {"caption": caption} if caption else {}
        values = {"chat_id": chat_id, "photo": photo, **named}
        return _message_id(self._make("sendPhoto", values))

    def update(self, seconds: int) -> Mapping[str, Any] | None:
        """Wait up to ``seconds`` for one update; None if nothing came. It is given only once."""
        values = {"timeout": str(seconds)}
        answer = self._ask("getUpdates", values, read_timeout=seconds + _SLACK)
        if codes.code_of(answer) == codes.NOTHING_NEW and not codes.is_done(answer):
            return None
        result = self._result(answer)
        return result if isinstance(result, dict) and result else None

    def me(self) -> Mapping[str, Any]:
        """Return ``id``, ``account_name``, ``account_type``, ``can_join_groups``."""
        return _object(self._make("getMe", {}, repeatable=True))

    def set_webhook(self, url: str, secret: str) -> None:
        """Have updates posted to ``url`` (https), with ``secret`` in a header; polling ends."""
        if not SHORTEST_SECRET <= len(secret) <= LONGEST_SECRET:
            raise SendRefused("secret is too short or too long", "length")
        self._make("setWebhook", {"url": url, "secret_token": secret}, repeatable=True)

    def webhook_url(self) -> str:
        """Return where updates are posted to, empty if nowhere."""
        answer = self._ask("getWebhookInfo", {})
        if codes.code_of(answer) == codes.NO_WEBHOOK and answer.body is not None:
            return ""
        return str(_object(self._result(answer, repeatable=True)).get("url") or "")

    def delete_webhook(self) -> None:
        """Have updates kept for polling."""
        self._make("deleteWebhook", {}, repeatable=True)

    def _make(self, method: str, values: Mapping[str, str], *, repeatable: bool = False) -> Any:
        try:
            return self._result(self._ask(method, values), repeatable=repeatable)
        except SendUnsure as error:
            raise _lost(error, repeatable) from None

    def _result(self, answer: Answer, *, repeatable: bool = False) -> Any:
        if codes.is_done(answer):
            return (answer.body or {}).get("result")
        raise _lost(codes.error_for(answer, self._clock()), repeatable)

    def _ask(
        self, method: str, values: Mapping[str, str], read_timeout: float | None = None
    ) -> Answer:
        connect, read = self._timeouts
        try:
            return call(
                self._session, "POST", f"{self._base}/{method}", {},
                json=dict(values), timeout=(connect, read_timeout or read),
            )  # fmt: skip
        except NotSent as error:
            raise SendLater("platform not reached", str(error)) from None
        except AnswerLost as error:
            raise SendUnsure("answer lost", str(error)) from None


def _lost(error: SendError, repeatable: bool) -> SendError:
    """Return the error; where doing it twice harms nobody a lost answer only means "later"."""
    if repeatable and isinstance(error, SendUnsure):
        return SendLater(error.reason, error.code)
    return error


def _object(result: Any) -> Mapping[str, Any]:
    return result if isinstance(result, dict) else {}


def _message_id(result: Any) -> str:
    return str(_object(result).get("message_id") or "")
