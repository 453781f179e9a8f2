"""The account's access token: kept fresh, by one process at a time, never lost.

https://developers.zalo.me/docs/official-account/bat-dau/xac-thuc-va-uy-quyen-cho-ung-dung-new

A refresh token works once and each use gives a new pair, so a pair that is not kept is the end:
a person must then grant access again. Hence: lock, read again, see that the store can be
written, refresh, save, and only then use. Workers are killed and restarted at any moment, so
they leave these steps to a small process of its own (``apart``), which outlives them. What
remains: that process itself being killed between the answer and the save, or an answer lost on
the way. The platform offers no way to ask for it again; the store then knows when the refresh
began, and staff are told.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import requests

from bot.channels.http import CONNECT_TIMEOUT, READ_TIMEOUT, Answer, AnswerLost, NotSent, call
from bot.channels.zalo.codes import TOKEN_CODES
from bot.core.errors import (
    Reach,
    SecretUnreadable,
    SendError,
    SendLater,
    SendNeedsPerson,
    SendWait,
    StoreUnavailable,
)

log = logging.getLogger(__name__)

CHANNEL = "zalo"
TOKEN_PATH = "/v4/oa/access_token"  # noqa: S105 - a path, not a password
AHEAD = timedelta(hours=5)  # of 25 h
EARLY_PAUSE = timedelta(minutes=10)
SILENCE_PAUSE = timedelta(seconds=30)
USUAL_LIFE = 90000  # seconds
_PATIENCE = (*(1.0,) * 30, *(10.0,) * 27)  # seconds between tries to keep a new pair
REFUSED_REFRESH_TOKEN = -14014
GRANT_STEPS = (
    "1. run `flask --app server zalo login` (--account ID where there are several)  2. open the "
    "address it shows as an administrator of the account and press Allow  3. paste the address "
    "the browser ends at"
)


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
        """Return the pair kept last, or None. Raises SecretUnreadable."""

    def save(self, channel: str, account: str, pair: Pair, now: datetime) -> None:
        """Keep ``pair``; durable when it returns."""

    def begin(self, channel: str, account: str, now: datetime) -> datetime | None:
        """Note that a refresh begins; return when one began that never ended.

        Fails if the store could not keep the new pair.
        """

    def give_up(self, channel: str, account: str) -> None:
        """Note that the refresh ended without a new pair."""

    def lock(self, channel: str, account: str) -> AbstractContextManager[object]:
        """Hold the account's lock; ``load`` and ``save`` may be called meanwhile."""


class ZaloTokens:
    """Gives access tokens of one account.

    ``first_refresh_token`` starts an account that has no pair yet, and is tried again when the
    kept one is refused: that is how an operator puts a new grant in.
    ``apart`` replaces a refused access token in another process, which keeps the new pair in the
    store; without it, it is done here. ``alarms`` says whether a dead end is logged here.
    With ``rest`` (called with seconds) a pair that cannot be kept at once is tried again for five
    minutes: for a process that ends and would take the only copy with it.
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
        apart: Callable[[str], None] | None = None,
        alarms: bool = True,
        rest: Callable[[float], object] | None = None,
    ) -> None:
        self._rest = rest
        self._apart = apart
        self._alarms = alarms
        self._turn = threading.Lock()
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
        self._alarm = ""  # the code of the last alarm: one line for each change
        self._next_early: datetime | None = None

    def close(self) -> None:
        """Close the connections kept open to the token service."""
        self._session.close()

    def access(self) -> str:
        """Return an access token that is still valid; refreshes it with 5 hours left.

        Raises SendLater when the token service is silent and SendNeedsPerson when access must
        be granted anew. As long as the present token is valid an early refresh may fail.
        """
        pair = self._load()
        now = self._clock()
        if pair is None or pair.expires_at <= now:
            return self._replace(pair.access_token if pair else "")
        if pair.expires_at - now <= AHEAD and self._early_is_due(now):
            return self._replace_early(pair.access_token)
        return pair.access_token

    def renew(self, refused: str) -> str:
        """Return another access token than ``refused``, as ``access`` does."""
        return self._replace(refused)

    def grant(self, code: str, verifier: str) -> Pair:
        """Exchange the code of the consent page for a pair and keep it.

        Raises SendLater or SendNeedsPerson, whose reason and advice may be shown.
        """
        form = {"code": code, "grant_type": "authorization_code", "code_verifier": verifier}
        with self._store.lock(CHANNEL, self._account):
            self._begin()
            try:
                return self._keep(self._exchange(form))
            except _Refused as error:
                raise _needs_person(REFUSED_REFRESH_TOKEN) from error

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

    def _load(self) -> Pair | None:
        try:
            return self._store.load(CHANNEL, self._account)
        except SecretUnreadable as error:
            self._raise_alarm("token_key", str(error))
            reason = "kept tokens cannot be opened"
            raise SendNeedsPerson(reason, "token_key", str(error)) from error

    def _replace(self, old: str) -> str:
        return self._replace_apart(old, self._apart) if self._apart else self._replace_here(old)

    def _replace_apart(self, old: str, apart: Callable[[str], None]) -> str:
        with self._turn:  # one other process is enough for all threads of this one
            pair = self._load()
            if not self._serves(pair, old):
                self._run_apart(old, apart)
                pair = self._load()
        if pair is None or not self._serves(pair, old):
            raise self._silent("token renewal ended without a pair", "renewal")
        self._alarm = ""
        return pair.access_token

    def _run_apart(self, old: str, apart: Callable[[str], None]) -> None:
        try:
            apart(old)
        except SendNeedsPerson as error:
            self._raise_alarm(error.code, error.advice)
            raise
        except SendLater as error:
            raise self._silent(error.reason, error.code.removeprefix("token_")) from error

    def _serves(self, pair: Pair | None, old: str) -> bool:
        return bool(pair and pair.access_token != old and pair.expires_at > self._clock())

    def _replace_here(self, old: str) -> str:
        with self._store.lock(CHANNEL, self._account):
            self._save_leftover()
            pair = self._load()
            if pair and self._serves(pair, old):
                return pair.access_token  # another process was faster
            return self._refresh(pair).access_token

    def _refresh(self, pair: Pair | None) -> Pair:
        problem = SendNeedsPerson("no refresh token", "no_refresh_token", GRANT_STEPS)
        known = dict.fromkeys((pair.refresh_token if pair else "", self._first))
        for refresh_token in filter(None, known):
            if refresh_token in self._refused:
                problem = _needs_person(REFUSED_REFRESH_TOKEN)
                continue
            self._begin()
            try:
                form = {"refresh_token": refresh_token, "grant_type": "refresh_token"}
                return self._keep(self._exchange(form))
            except _Refused:
                self._refused.add(refresh_token)
                problem = _needs_person(REFUSED_REFRESH_TOKEN)
            except SendNeedsPerson as error:
                problem = error
                break
        self._raise_alarm(problem.code, problem.advice)
        raise problem

    def _begin(self) -> None:
        unended = self._store.begin(CHANNEL, self._account, self._clock())
        if unended:
            log.warning("event=zalo_token_refresh_unended begun_at=%s", unended.isoformat())

    def _raise_alarm(self, code: str, advice: str) -> None:
        if self._alarms and self._alarm != code:
            log.error(
                "event=zalo_token_needs_grant account=%s code=%s steps=%r",
                self._account,
                code,
                advice,
            )
        self._alarm = code

    def _keep(self, pair: TokenPair) -> TokenPair:
        # If saving fails (disk full), the only copy is this one: the next call tries again.
        self._unsaved = pair
        self._save_patiently()
        self._alarm = ""
        log.info("event=zalo_token_refreshed expires_at=%s", pair.expires_at.isoformat())
        return pair

    def _save_patiently(self) -> None:
        for pause in _PATIENCE:
            try:
                return self._save_leftover()
            except StoreUnavailable:
                log.error("event=zalo_token_not_kept account=%s", self._account)
                if self._rest is None:
                    raise
                self._rest(pause)
        self._save_leftover()

    def _save_leftover(self) -> None:
        if self._unsaved:
            self._store.save(CHANNEL, self._account, self._unsaved, self._clock())
            self._unsaved = None

    def _exchange(self, form: Mapping[str, str]) -> TokenPair:
        headers = {"secret_key": self._app_secret}
        content = {"app_id": self._app_id, **form}
        try:
            answer = call(
                self._session, "POST", self._url, headers, data=content, timeout=self._timeouts
            )
        except NotSent as error:
            self._store.give_up(CHANNEL, self._account)
            raise self._silent("token service not reached", str(error)) from error
        except AnswerLost as error:  # the citizen's message was not sent either way
            raise self._silent("token service silent", str(error)) from error
        return self._read(answer, form.get("refresh_token", ""))

    def _read(self, answer: Answer, refresh_token: str) -> TokenPair:
        body = answer.body or {}
        access = body.get("access_token")
        if isinstance(access, str) and access.isascii() and access:
            renewed = body.get("refresh_token") or refresh_token  # none given: the old one stays
            life = timedelta(seconds=_seconds(body.get("expires_in")))
            return TokenPair(access, str(renewed), self._clock() + life)
        if answer.code:  # a plain no: nothing was exchanged
            self._store.give_up(CHANNEL, self._account)
        if answer.code == REFUSED_REFRESH_TOKEN:
            raise _Refused
        if answer.code is not None and answer.code in TOKEN_CODES:
            raise _needs_person(answer.code)
        code = str(answer.code or f"http_{answer.status}")
        raise self._silent("token service gave no token", code)

    def _silent(self, reason: str, code: str) -> SendWait:
        """Return the error that makes the account wait: without a token nothing can go out."""
        now = self._clock()
        return SendWait(reason, f"token_{code}", now + SILENCE_PAUSE, now, Reach.ACCOUNT)


def _needs_person(code: int) -> SendNeedsPerson:
    row = TOKEN_CODES[code]
    advice = GRANT_STEPS if code == REFUSED_REFRESH_TOKEN else row.advice
    return SendNeedsPerson(row.reason, str(code), advice)


class _Refused(Exception):
    """The token service does not take this refresh token (any more)."""


def _seconds(value: object) -> int:
    """Return the life of a token; the platform writes it as text."""
    text = str(value)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else USUAL_LIFE
