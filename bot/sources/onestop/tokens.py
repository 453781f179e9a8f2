"""The token we show: a fixed one, or one fetched in our name and kept while it lasts."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.sources.onestop.faults import Fault
from bot.sources.onestop.transport import Call

_MARGIN = 30.0  # seconds before its end a token is replaced
_DEFAULT_LIFE = 300.0


class Tokens(Protocol):
    """Where a token comes from. Both methods raise Fault."""

    def current(self, end: float) -> str:
        """Return the token to use now; "" when none is wanted."""

    def renew(self, refused: str, end: float) -> str:
        """Return another token than the refused one."""


@dataclass(frozen=True)
class FixedToken:
    """A token from the settings, or none."""

    token: str = field(default="", repr=False)

    def current(self, end: float) -> str:
        """Return the token."""
        return self.token

    def renew(self, refused: str, end: float) -> str:
        """Raise Fault: somebody has to enter another token."""
        raise Fault("token_refused")


class ClientToken:
    """The client-credentials grant of OAuth 2.0; one thread fetches, the others wait for it."""

    def __init__(
        self,
        url: str,
        client: tuple[str, str],
        send: Callable[[Call, float], Any],
        clock: Callable[[], float],
    ) -> None:
        self._url = url
        self._client = client
        self._send = send
        self._clock = clock
        self._lock = threading.Lock()
        self._token = ""
        self._until = 0.0

    def current(self, end: float) -> str:
        """Return the kept token, or a new one when it is about to end."""
        return self._unless(lambda: bool(self._token) and self._clock() < self._until, end)

    def renew(self, refused: str, end: float) -> str:
        """Return a token other than the refused one."""
        return self._unless(lambda: bool(self._token) and self._token != refused, end)

    def _unless(self, good: Callable[[], bool], end: float) -> str:
        if not self._lock.acquire(timeout=max(0.0, end - time.monotonic())):
            raise Fault("timeout", slow=True)
        try:
            if not good():
                self._fetch(end)
            return self._token
        finally:
            self._lock.release()

    def _fetch(self, end: float) -> None:
        form = {"grant_type": "client_credentials"}
        try:
            answer = self._send(Call("POST", self._url, form=form, basic=self._client), end)
        except Fault as fault:  # whatever it says, it is no answer about a dossier
            raise Fault(f"token_{fault.code}", again=fault.again, slow=fault.slow) from fault
        token, life = self._read(answer)
        self._token = token
        self._until = self._clock() + max(life - _MARGIN, life / 2)

    @staticmethod
    def _read(answer: Any) -> tuple[str, float]:
        token = answer.get("access_token") if isinstance(answer, dict) else None
        life = answer.get("expires_in") if isinstance(answer, dict) else None
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise Fault("token_shape")
        if life is None or isinstance(life, bool):
            return token, _DEFAULT_LIFE
        try:
            return token, max(1.0, float(life))
        except (TypeError, ValueError) as error:
            raise Fault("token_shape") from error
