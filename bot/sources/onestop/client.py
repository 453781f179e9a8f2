"""Asks a one-stop system: with a token, within a time, twice at most, and not while it is down."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote

from bot.core.dossiers.codes import DossierCode
from bot.sources.onestop.breaker import Breaker, State
from bot.sources.onestop.faults import BUSY, Fault, bad_answer
from bot.sources.onestop.mapping import FieldNames, Question
from bot.sources.onestop.tokens import Tokens
from bot.sources.onestop.transport import Apart, Call

log = logging.getLogger(__name__)

_TRIES = 2
_PAUSE = (0.05, 0.25)  # seconds before the second try, by chance, so that not all come together
_LEAST = 0.3  # seconds that must be left for a second try
_EXPIRED = ("http_401", "http_403")


class Client:
    """Puts the questions of a mapping to the system. All of them only read, so may be repeated."""

    def __init__(
        self,
        name: str,
        url: str,
        names: FieldNames,
        send: Callable[[Call, float], Any],
        tokens: Tokens,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name = name
        self._url = url.rstrip("/")
        self._names = names
        self._send = send
        self._tokens = tokens
        self._clock = clock
        self._apart: Apart[Any] = Apart()
        self._lock = threading.Lock()
        self._breaker = Breaker()

    @property
    def state(self) -> State:
        """Return whether the system is being asked at the moment."""
        return self._breaker.state(self._clock())

    @property
    def takes_lists(self) -> bool:
        """Whether the system can be asked for several dossiers at once."""
        return self._names.ask_many is not None

    def ask(self, code: DossierCode, seconds: float) -> Any:
        """Return the answer about one dossier as it came. Raises Fault."""
        return self._guarded(self._call(self._names.ask, code.value), seconds)

    def ask_many(self, codes: Sequence[DossierCode], seconds: float) -> Any:
        """Return the answer about several dossiers. Raises Fault."""
        question = self._names.ask_many
        if question is None:
            raise bad_answer("no_list")
        return self._guarded(self._call(question, [code.value for code in codes]), seconds)

    def note(self, fault: Fault) -> None:
        """Write one line about a fault: its name, nothing of the answer."""
        log.warning("event=source_fault source=%s fault=%s", self._name, fault.code)

    def _call(self, question: Question, asked: str | list[str]) -> Call:
        path = question.path
        if isinstance(asked, str):
            path = path.replace("{code}", quote(asked, safe=""))
        fields: dict[str, Any] = dict(question.fixed)
        if question.code:
            fields[question.code] = asked
        if question.method == "POST":
            return Call("POST", self._url + path, json=fields)
        if isinstance(asked, list):
            fields[question.code] = ",".join(asked)
        return Call("GET", self._url + path, query=fields)

    def _guarded(self, call: Call, seconds: float) -> Any:
        with self._lock:
            if not self._breaker.allows(self._clock()):
                raise Fault("resting")
            self._breaker = self._breaker.asking(self._clock())
        try:
            answer = self._apart.run(
                partial(self._tries, call, time.monotonic() + seconds), seconds
            )
        except Fault as fault:
            self.note(fault)
            if fault.code != BUSY:
                self._settle(fault)
            raise
        self._settle(None)
        return answer

    def _settle(self, fault: Fault | None) -> None:
        with self._lock:
            before, now = self._breaker, self._clock()
            if fault is None or fault.alive:
                self._breaker = before.answered()
            else:
                self._breaker = before.failed(now, slow=fault.slow)
            after = self._breaker
        if before.until is None and after.until is not None:
            log.error("event=source_silent source=%s", self._name)
        elif before.until is not None and after.until is None:
            log.info("event=source_back source=%s", self._name)

    def _tries(self, call: Call, end: float) -> Any:
        for number in range(1, _TRIES + 1):
            try:
                return self._with_token(call, end)
            except Fault as fault:
                if not fault.again or number == _TRIES or end - time.monotonic() < _LEAST:
                    raise
                time.sleep(secrets.SystemRandom().uniform(*_PAUSE))
        raise AssertionError("every try returns or raises")

    def _with_token(self, call: Call, end: float) -> Any:
        token = self._tokens.current(end)
        try:
            return self._send(_with(call, token), end)
        except Fault as fault:
            if fault.code not in _EXPIRED or not token:
                raise
        return self._send(_with(call, self._tokens.renew(token, end)), end)


def _with(call: Call, token: str) -> Call:
    return Call(call.method, call.url, call.query, call.json, bearer=token)
