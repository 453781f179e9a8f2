"""One call to a one-stop system: bounded in time, size and depth, with every failure named."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Generic, TypeVar

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, NewConnectionError, SSLError

from bot.sources.onestop.faults import BUSY, Fault, bad_answer

MAX_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 16
_PIECE = 64 * 1024
_SEATS = 8  # calls at the same time; one more is refused at once
_Result = TypeVar("_Result")
_NO_COOKIES = DefaultCookiePolicy(allowed_domains=[])


@dataclass(frozen=True)
class Tls:
    """Paths: our certificate and its key for mutual TLS, and the authority theirs is signed by."""

    cert: str = ""
    key: str = ""
    authority: str = ""


@dataclass(frozen=True)
class Call:
    """One question as it goes out."""

    method: str
    url: str
    query: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    form: Mapping[str, str] | None = None
    basic: tuple[str, str] | None = None
    bearer: str = field(default="", repr=False)


class Transport:
    """Makes calls. Redirects are not followed: they would carry the token to another host."""

    def __init__(self, tls: Tls | None = None) -> None:
        tls = tls or Tls()
        self._session = requests.Session()
        self._session.mount("https://", HTTPAdapter(pool_maxsize=_SEATS))
        self._session.mount("http://", HTTPAdapter(pool_maxsize=_SEATS))
        self._session.cookies.set_policy(_NO_COOKIES)
        self._tls: dict[str, Any] = {"verify": tls.authority or True}
        if tls.cert:
            self._tls["cert"] = (tls.cert, tls.key) if tls.key else tls.cert

    def send(self, call: Call, end: float) -> Any:
        """Return the JSON of the answer. ``end`` is the moment (monotonic) it must be there.

        Raises Fault, never an error of the library.
        """
        left = end - time.monotonic()
        if left <= 0:
            raise Fault("timeout", slow=True)
        try:
            return self._send(call, left, end)
        except requests.Timeout as error:
            raise Fault("timeout", slow=True) from error
        except (requests.RequestException, HTTPError, OSError, UnicodeError) as error:
            raise _silence(error) from error

    def close(self) -> None:
        """Give the connections back."""
        self._session.close()

    def _send(self, call: Call, left: float, end: float) -> Any:
        with self._session.request(
            call.method,
            call.url,
            params=dict(call.query),
            json=call.json,
            data=dict(call.form) if call.form is not None else None,
            auth=_Signed(call),
            headers={"Accept": "application/json", "Accept-Encoding": "identity"},
            timeout=left,
            allow_redirects=False,
            stream=True,
            **self._tls,
        ) as answer:
            _check_status(answer)
            return parse_json(_body(answer, end))


class _Signed(requests.auth.AuthBase):
    """Puts our proof on a request, and nothing else: no password of this machine's files."""

    def __init__(self, call: Call) -> None:
        self._call = call

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._call.basic:
            return requests.auth.HTTPBasicAuth(*self._call.basic)(request)
        if self._call.bearer:
            request.headers["Authorization"] = f"Bearer {self._call.bearer}"
        return request


class Apart(Generic[_Result]):
    """Runs work in threads of its own, so that nothing keeps the caller beyond its time.

    A resolver that hangs or a host that sends one byte a second knows no time-out of a socket.
    """

    def __init__(self, seats: int = _SEATS) -> None:
        self._seats = threading.BoundedSemaphore(seats)

    def run(self, work: Callable[[], _Result], seconds: float) -> _Result:
        """Return what ``work`` returns. Raises Fault when it takes longer or too much runs."""
        if not self._seats.acquire(blocking=False):
            raise Fault(BUSY)
        results: list[_Result] = []
        failures: list[Exception] = []
        done = threading.Event()

        def call() -> None:
            try:
                results.append(work())
            except Exception as error:  # handed to the caller below
                failures.append(error)
            finally:
                self._seats.release()
                done.set()

        try:
            threading.Thread(target=call, name="onestop", daemon=True).start()
        except RuntimeError as error:  # the machine has no thread left
            self._seats.release()
            raise Fault(BUSY) from error
        if not done.wait(seconds):
            raise Fault("timeout", slow=True)
        if failures:
            raise failures[0]
        return results[0]


def parse_json(body: bytes) -> Any:
    """Return the value of a JSON text that is not nested without end. Raises Fault."""
    try:
        value = json.loads(body.decode("utf-8-sig"), parse_constant=_no_constant)
    except RecursionError as error:
        raise bad_answer("too_deep") from error
    except ValueError as error:
        raise Fault("not_json", again=True) from error
    if _depth_over(value, MAX_DEPTH):
        raise bad_answer("too_deep")
    return value


def _no_constant(name: str) -> Any:
    raise ValueError("not a number of JSON")


def _depth_over(value: Any, most: int) -> bool:
    level = [value]
    for _ in range(most):
        level = [inner for item in level for inner in _children(item)]
        if not level:
            return False
    return True


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _check_status(answer: requests.Response) -> None:
    status = answer.status_code
    if status == 200:
        return
    # A question it does not like concerns one dossier; the rest says that the system is not well.
    own = status in (400, 404, 409, 410, 422)
    raise Fault(f"http_{status}", again=status in (500, 502, 503, 504), alive=own)


def _body(answer: requests.Response, end: float) -> bytes:
    if answer.headers.get("Content-Encoding", "identity").lower() not in ("", "identity"):
        raise bad_answer("encoded")
    body = bytearray()
    while piece := answer.raw.read1(_PIECE, decode_content=False):
        body += piece
        if len(body) > MAX_BYTES:
            raise bad_answer("too_large")
        if time.monotonic() > end:
            raise Fault("timeout", slow=True)
    return bytes(body)


def _silence(error: Exception) -> Fault:
    """Return the fault behind an error of the library; most are worth a second try."""
    inner = getattr(error.args[0] if error.args else None, "reason", None)
    for cause in (error, inner):
        if isinstance(cause, (requests.exceptions.SSLError, SSLError, ssl.SSLError)):
            return Fault("tls")
        if isinstance(cause, NewConnectionError):
            return Fault("refused", again=True)
    if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema)):
        return Fault("address")
    return Fault("broken", again=True)
