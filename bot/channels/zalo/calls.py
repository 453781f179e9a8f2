"""Every call to the platform goes through here: token, network, codes, call rate."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import requests

from bot.channels.http import Answer, AnswerLost, NotSent, call
from bot.channels.zalo import codes
from bot.core.errors import (
    Reach,
    SendError,
    SendLater,
    SendUnsure,
    SendWait,
    StoreUnavailable,
)

log = logging.getLogger(__name__)

OUTAGE_PAUSE = timedelta(seconds=5)


class AccessTokens(Protocol):
    """Where calls get their access token from."""

    def access(self) -> str:
        """Return a token believed to be valid. Raises SendLater or SendNeedsPerson."""

    def renew(self, refused: str) -> str:
        """Return another token than ``refused``. Raises SendLater or SendNeedsPerson."""


@dataclass(frozen=True)
class Rate:
    """The call rate as the platform last stated it."""

    limit: int
    remain: int


# Hears (limit, remain, when the call began); the limit is None where the answer named none.
Stated = Callable[["int | None", int, datetime], None]


@dataclass(frozen=True)
class Call:
    """One call. ``repeatable`` says that doing it twice harms nobody.

    ``query`` becomes the one parameter ``data`` of JSON; ``plain`` is for the template host.
    """

    method: str
    path: str
    json: Mapping[str, Any] | None = None
    query: Mapping[str, Any] | None = None
    plain: Mapping[str, Any] | None = None
    files: Mapping[str, Any] | None = None
    repeatable: bool = False
    business: bool = False
    template: bool = False

    @property
    def table(self) -> Mapping[int, codes.Code]:
        """Return what codes mean on the host of this call."""
        if self.business:
            return codes.TEMPLATES
        return codes.TEMPLATES_BY_USER if self.template else codes.TABLE

    def content(self) -> dict[str, Any]:
        """Return the call's content in the words of the HTTP library."""
        params = self.plain
        if self.query is not None:
            params = {"data": json.dumps(self.query, ensure_ascii=False, separators=(",", ":"))}
        named = {"params": params, "json": self.json, "files": self.files}
        return {name: value for name, value in named.items() if value is not None}


class Caller:
    """Makes calls for one account. ``timeouts`` are seconds for connecting and the answer."""

    def __init__(
        self,
        tokens: AccessTokens,
        api_url: str,
        business_url: str,
        timeouts: tuple[float, float],
        clock: Callable[[], datetime],
        stated: Stated | None = None,
    ) -> None:
        self._stated = stated
        self._tokens = tokens
        self._api_url = api_url.rstrip("/")
        self._business_url = business_url.rstrip("/")
        self._timeouts = timeouts
        self._clock = clock
        self._session = requests.Session()
        self.rate: Rate | None = None

    def close(self) -> None:
        """Close the connections kept open."""
        self._session.close()

    def make(self, wanted: Call) -> Any:
        """Make a call and return its ``data``.

        A refused token is replaced and the call made once more: an answer with a code means
        that nothing was done. Raises SendError; SendUnsure only if the call may have been
        carried out and is not ``repeatable``.
        """
        used = self._tokens.access()
        answer = self._ask(used, wanted)
        if self._token_is_refused(answer, wanted):
            used = self._tokens.renew(used)
            answer = self._ask(used, wanted)
            if self._token_is_refused(answer, wanted) and self._tokens.access() != used:
                # replaced by somebody else between our two steps: no reason for an alarm
                raise SendLater("token replaced meanwhile", str(answer.code), 5.0)
        if answer.code == 0:
            return (answer.body or {}).get("data")
        raise self._error(answer, wanted)

    def _token_is_refused(self, answer: Answer, wanted: Call) -> bool:
        return answer.code is not None and codes.needs_refresh(answer.code, wanted.table)

    def _ask(self, token: str, wanted: Call) -> Answer:
        base = self._business_url if wanted.business else self._api_url
        headers = {"access_token": token}
        began = self._clock()
        try:
            answer = call(
                self._session,
                wanted.method,
                base + wanted.path,
                headers,
                timeout=self._timeouts,
                **wanted.content(),
            )
        except NotSent as error:
            raise self._not_reached(str(error)) from error
        except AnswerLost as error:
            raise _lost("answer lost", str(error), wanted) from error
        self._note_rate(answer, began)
        return answer

    def _not_reached(self, code: str) -> SendWait:
        """Return the error that makes everything wait: no message would get any further."""
        now = self._clock()
        return SendWait("platform not reached", code, now + OUTAGE_PAUSE, now, Reach.ACCOUNT)

    def _note_rate(self, answer: Answer, began: datetime) -> None:
        limit = answer.headers.get("X-RateLimit-Limit", "")
        remain = answer.headers.get("X-RateLimit-Remain", "")
        if answer.code == codes.RATE_REACHED:
            self._tell(None, 0, began)
        elif limit.isdecimal() and remain.isdecimal() and int(limit):
            self.rate = Rate(int(limit), int(remain))
            self._tell(self.rate.limit, self.rate.remain, began)

    def _tell(self, limit: int | None, remain: int, began: datetime) -> None:
        if self._stated is None:
            return
        try:
            self._stated(limit, remain, began)
        except StoreUnavailable:  # the message left: its fate must not hang on this
            log.warning("event=zalo_rate_not_kept")

    def _error(self, answer: Answer, wanted: Call) -> SendError:
        if answer.code is not None:
            return codes.error_for(answer.code, self._clock(), wanted.table)
        error = codes.error_for_status(answer.status)
        return _lost(error.reason, error.code, wanted) if isinstance(error, SendUnsure) else error


def _lost(reason: str, code: str, wanted: Call) -> SendError:
    return SendLater(reason, code) if wanted.repeatable else SendUnsure(reason, code)
