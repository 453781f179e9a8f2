"""One call to a platform, and the one place where network failures are judged."""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError, SSLError

CONNECT_TIMEOUT, READ_TIMEOUT = 5.0, 15.0  # seconds

_NEVER_SENT = (
    requests.exceptions.ConnectTimeout,
    requests.exceptions.ProxyError,
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidHeader,
)


class NotSent(Exception):
    """The request did not leave this machine; the platform knows nothing of it."""


class AnswerLost(Exception):
    """The request went out, or may have; what the platform did with it is not known."""


@dataclass(frozen=True)
class Answer:
    """An HTTP answer; ``body`` is None unless it is a JSON object."""

    status: int
    body: Mapping[str, Any] | None
    headers: Mapping[str, str]

    @property
    def code(self) -> int | None:
        """Return the platform's ``error`` code, or None if the answer carries none."""
        value = None if self.body is None else self.body.get("error")
        if isinstance(value, bool):
            return None
        try:
            return int(value) if isinstance(value, (int, str)) else None
        except ValueError:
            return None


def call(
    session: requests.Session, method: str, url: str, headers: Mapping[str, str], **content: Any
) -> Answer:
    """Make one call with ``params=``, ``json=``, ``data=`` or ``files=``.

    Raises NotSent or AnswerLost, never a library error. Redirects are not followed: they would
    carry the token to another host.
    """
    timeout = content.pop("timeout", (CONNECT_TIMEOUT, READ_TIMEOUT))
    try:
        response = session.request(
            method, url, headers=dict(headers), timeout=timeout, allow_redirects=False, **content
        )
        return Answer(response.status_code, _json_object(response.content), response.headers)
    except (requests.RequestException, UnicodeError) as error:
        kind = type(error).__name__
        raise (NotSent(kind) if _never_sent(error) else AnswerLost(kind)) from error


def _never_sent(error: Exception) -> bool:
    if isinstance(error, _NEVER_SENT) or isinstance(error, UnicodeError):
        return True
    inner = getattr(error.args[0] if error.args else None, "reason", None)
    if isinstance(inner, SSLError):  # only a refused certificate is surely before the request
        return bool(inner.args) and isinstance(inner.args[0], ssl.SSLCertVerificationError)
    return isinstance(inner, (NewConnectionError, ConnectTimeoutError))


def _json_object(content: bytes) -> Mapping[str, Any] | None:
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None
