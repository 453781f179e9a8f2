"""The account's access token: kept fresh, by one process at a time, never lost.

https://developers.zalo.me/docs/official-account/bat-dau/xac-thuc-va-uy-quyen-cho-ung-dung-new

A refresh token works once and each use gives a new pair, so a pair that is not kept is the end:
a person must then grant access again. Hence: lock, read again, refresh, save, and only then use.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import requests

from bot.channels.zalo.http import CONNECT_TIMEOUT, READ_TIMEOUT, Answer, AnswerLost, NotSent, post
from bot.core.errors import SendError, SendLater, SendNeedsPerson

log = logging.getLogger(__name__)

CHANNEL = "zalo"
TOKEN_PATH = "/v4/oa/access_token"  # noqa: S105 - a path, not a password
AHEAD = timedelta(hours=5)  # of 25 h
EARLY_PAUSE = timedelta(minutes=10)
USUAL_LIFE = 90000  # seconds
REFUSED_REFRESH_TOKEN = -14014
# Wrong ids, keys or rights: no later attempt can help.
NEEDS_PERSON = (-14002, -14003, -14004, -14005, REFUSED_REFRESH_TOKEN, -14018, -14029)


class Pair(Protocol):
    """An access token with the refresh token that replaces it; ``expires_at`` is UTC."""

    @property
    def access_token(self) -> str:
        """Return the token calls are made with."""

    @property
    def refresh_token(self) -> str:
        """Return the token that works once."""

    @property
    def expires_at(self) -> datetime:
        """Return when the access token ends."""


@dataclass(frozen=True)
class TokenPair:
    """A pair as the platform gave it."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: datetime


class TokenStore(Protocol):
    """Where pairs survive a restart; ``lock`` lets one process at a time through."""

    def load(self, channel: str, account: str) -> Pair | None:
        """Return the pair kept last, or None."""

    def save(self, channel: str, account: str, pair: Pair) -> None:
        """Keep ``pair``; durable when it returns."""

    def lock(self, channel: str, account: str) -> AbstractContextManager[object]:
        """Hold the account's lock; ``load`` and ``save`` may be called meanwhile."""


class ZaloTokens:
    """Gives access tokens of one account.

    ``first_refresh_token`` starts an account that has no pair yet, and is tried again when the
    kept one is refused: that is how an operator puts a new grant in.
    """

    def __init__(
        self,
        *,
        app_id: str,
        app_secret: str,
        account: str,
        oauth_url: str,
        store: TokenStore,
        clock: Callable[[], datetime],
        first_refresh_token: str = "",
        timeouts: tuple[float, float] = (CONNECT_TIMEOUT, READ_TIMEOUT),
    ) -> None:
        self._app_id = app_id
        self._app_secret = app_secret
        self._account = account
        self._url = oauth_url.rstrip("/") + TOKEN_PATH
        self._store = store
        self._clock = clock
        self._first = first_refresh_token
        self._timeouts = timeouts
        self._session = requests.Session()
        self._unsaved: TokenPair | None = None
        self._refused: set[str] = set()
        self._next_early: datetime | None = None

    def close(self) -> None:
        """Close the connections kept open to the token service."""
        self._session.close()

    def access(self) -> str:
        """Return an access token that is still valid; refreshes it with 5 hours left.

        Raises SendLater when the token service is silent and SendNeedsPerson when access must
        be granted anew. As long as the present token is valid an early refresh may fail.
        """
        pair = self._store.load(CHANNEL, self._account)
        now = self._clock()
        if pair is None or pair.expires_at <= now:
            return self._replace(pair.access_token if pair else "")
        if pair.expires_at - now <= AHEAD and self._early_is_due(now):
            return self._replace_early(pair.access_token)
        return pair.access_token

    def renew(self, refused: str) -> str:
        """Return another access token than ``refused``, as ``access`` does."""
        return self._replace(refused)

    def _early_is_due(self, now: datetime) -> bool:
        # Without a pause, tokens of a short life would be replaced at every message.
        if self._next_early and now < self._next_early:
            return False
        self._next_early = now + EARLY_PAUSE
        return True

    def _replace_early(self, present: str) -> str:
        try:
            return self._replace(present)
        except SendError as error:
            log.warning("event=zalo_token_early_refresh_failed code=%s", error.code)
            return present

    def _replace(self, old: str) -> str:
        with self._store.lock(CHANNEL, self._account):
            self._save_leftover()
            pair = self._store.load(CHANNEL, self._account)
            if pair and pair.access_token != old and pair.expires_at > self._clock():
                return pair.access_token  # another process was faster
            return self._refresh(pair).access_token

    def _refresh(self, pair: Pair | None) -> Pair:
        problem: SendError = SendNeedsPerson("no refresh token: grant access to the account again")
        known = dict.fromkeys((pair.refresh_token if pair else "", self._first))
        for refresh_token in known:
            if not refresh_token or refresh_token in self._refused:
                continue
            try:
                return self._keep(self._exchange(refresh_token))
            except _Refused as error:
                self._refused.add(refresh_token)
                problem = SendNeedsPerson("refresh token refused", str(error))
        log.error("event=zalo_token_needs_grant code=%s", problem.code)
        raise problem

    def _keep(self, pair: TokenPair) -> TokenPair:
        # If saving fails (disk full), the only copy is this one: the next call tries again.
        self._unsaved = pair
        self._save_leftover()
        log.info("event=zalo_token_refreshed expires_at=%s", pair.expires_at.isoformat())
        return pair

    def _save_leftover(self) -> None:
        if self._unsaved:
            self._store.save(CHANNEL, self._account, self._unsaved)
            self._unsaved = None

    def _exchange(self, refresh_token: str) -> TokenPair:
        form = {
            "refresh_token": refresh_token,
            "app_id": self._app_id,
            "grant_type": "refresh_token",
        }
        headers = {"secret_key": self._app_secret}
        try:
            answer = post(self._session, self._url, headers, data=form, timeout=self._timeouts)
        except (NotSent, AnswerLost) as error:  # the citizen's message was not sent either way
            raise SendLater("token service silent", str(error)) from error
        return self._read(answer, refresh_token)

    def _read(self, answer: Answer, refresh_token: str) -> TokenPair:
        body = answer.body or {}
        access = body.get("access_token")
        if isinstance(access, str) and access.isascii() and access:
            renewed = body.get("refresh_token") or refresh_token  # none given: the old one stays
            life = timedelta(seconds=_seconds(body.get("expires_in")))
            return TokenPair(access, str(renewed), self._clock() + life)
        code = answer.code or 0
        if code == REFUSED_REFRESH_TOKEN:
            raise _Refused(str(code))
        if code in NEEDS_PERSON:
            raise SendNeedsPerson("token service refuses the app", str(code))
        raise SendLater("token service gave no token", str(code or f"http_{answer.status}"))


class _Refused(Exception):
    """The token service does not take this refresh token (any more)."""


def _seconds(value: object) -> int:
    """Return the life of a token; the platform writes it as text."""
    text = str(value)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else USUAL_LIFE
