"""A Zalo official account as a channel of the desk."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Protocol

import requests

from bot.channels.zalo import codes, envelope, events, signature
from bot.channels.zalo.http import CONNECT_TIMEOUT, READ_TIMEOUT, Answer, AnswerLost, NotSent, post
from bot.channels.zalo.messages import LIMITS, message_for
from bot.core.channel import Webhook
from bot.core.errors import SendError, SendLater, SendNeedsPerson, SendRefused, SendUnsure
from bot.core.messages import Reply
from bot.core.splitting import split_reply

log = logging.getLogger(__name__)

SEND_PATH = "/v3.0/oa/message/cs"


def utc_now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(timezone.utc)


class AccessTokens(Protocol):
    """Where the channel gets its access token from."""

    def access(self) -> str:
        """Return a token believed to be valid. Raises SendLater or SendNeedsPerson."""

    def renew(self, refused: str) -> str:
        """Return another token than ``refused``. Raises SendLater or SendNeedsPerson."""


@dataclass(frozen=True)
class Rate:
    """The call rate as the platform last stated it."""

    limit: int
    remain: int


class ZaloChannel:
    """One official account: ``app_id`` and ``oa_secret`` verify webhooks, ``tokens`` send.

    An empty ``oa_id`` takes the events of every account linked to the app.
    ``timeouts`` are seconds for connecting and for the answer.
    """

    name = events.NAME

    def __init__(
        self,
        *,
        app_id: str,
        oa_id: str,
        oa_secret: str,
        api_url: str,
        tokens: AccessTokens,
        timeouts: tuple[float, float] = (CONNECT_TIMEOUT, READ_TIMEOUT),
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._app_id = app_id
        self._oa_id = oa_id
        self._oa_secret = oa_secret
        self._send_url = api_url.rstrip("/") + SEND_PATH
        self._tokens = tokens
        self._timeouts = timeouts
        self._clock = clock
        self._session = requests.Session()
        self.rate: Rate | None = None

    def close(self) -> None:
        """Close the connections kept open to the platform."""
        self._session.close()

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
            return events.understand(data, self._oa_id, now)
        except envelope.Malformed:
            return Webhook(200, "malformed")

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
        body = message_for(external_id, reply)
        token = self._tokens.access()
        answer = self._post(token, body)
        if answer.code is not None and codes.needs_refresh(answer.code):
            answer = self._post(self._tokens.renew(token), body)
        if answer.code == 0:
            return _message_id(answer)
        raise self._error(answer)

    def fit(self, reply: Reply) -> tuple[Reply, ...]:
        """Split a bubble to Zalo's limits (2000 characters, 5 buttons)."""
        parts = split_reply(reply, LIMITS)
        left_out = len(reply.buttons) - sum(len(part.buttons) for part in parts)
        if left_out:
            log.error("event=zalo_button_dropped reason=payload_too_long count=%d", left_out)
        return parts

    def _post(self, token: str, body: Mapping[str, Any]) -> Answer:
        headers = {"access_token": token}
        try:
            answer = post(
                self._session, self._send_url, headers, json=body, timeout=self._timeouts
            )
        except NotSent as error:
            raise SendLater("platform not reached", str(error)) from error
        except AnswerLost as error:
            raise SendUnsure("answer lost", str(error)) from error
        self._note_rate(answer)
        return answer

    def _note_rate(self, answer: Answer) -> None:
        limit = answer.headers.get("X-RateLimit-Limit", "")
        remain = answer.headers.get("X-RateLimit-Remain", "")
        if limit.isdecimal() and remain.isdecimal():
            self.rate = Rate(int(limit), int(remain))

    def _error(self, answer: Answer) -> SendError:
        if answer.code is not None:
            return codes.error_for(answer.code, self._clock())
        return error_for_status(answer.status)


def _message_id(answer: Answer) -> str:
    data = (answer.body or {}).get("data")
    found = data.get("message_id") if isinstance(data, dict) else None
    return found if isinstance(found, str) else ""


def error_for_status(status: int) -> SendError:
    """Return the error for an HTTP answer that carries no code of the platform.

    It was written by something in between. A 4xx was turned away before anything happened;
    after a 2xx without sense or a 5xx nobody knows whether the message went out.
    """
    code = f"http_{status}"
    if status in (408, 425, 429):
        return SendLater("turned away for now", code, codes.MINUTE)
    if status in (400, 413, 414, 415, 422, 431):
        return SendRefused("request turned away", code)
    if 300 <= status < 500:
        return SendNeedsPerson("wrong address or blocked on the way", code)
    return SendUnsure("answer makes no sense", code)
