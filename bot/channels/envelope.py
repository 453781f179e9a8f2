"""Reading a webhook body that anybody may have written: every value is checked before use."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

MAX_BODY = 256 * 1024  # bytes; the largest real event is a few kilobytes
MAX_ID = 128
MAX_URL = 2048


class Malformed(Exception):
    """The body is not what the platform sends; ``reason`` is one word of ours, never theirs."""

    @property
    def reason(self) -> str:
        """Return which part is wrong, for counters and logs."""
        return str(self).replace(" ", "_")


def read_body(body: bytes) -> dict[str, Any]:
    """Return the JSON object in ``body`` with every number as the text that stands there.

    Ids are beyond 2^53 and the signature covers the timestamp as written, so no number is ever
    parsed. Raises Malformed.
    """
    if len(body) > MAX_BODY:
        raise Malformed("too large")
    try:
        data = json.loads(body.decode("utf-8"), parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError) as error:
        raise Malformed("not JSON") from error
    if not isinstance(data, dict):
        raise Malformed("not an object")
    return data


def part(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return the object ``data[name]``. Raises Malformed if it is missing or no object."""
    value = data.get(name)
    if not isinstance(value, dict):
        raise Malformed(name)
    return value


def text(data: Mapping[str, Any], name: str) -> str:
    """Return the text ``data[name]``, empty if missing, fit for a database. Raises Malformed."""
    value = data.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Malformed(name)
    # Half of a surrogate pair and NUL are legal in JSON and refused by databases.
    return value.encode("utf-8", "replace").decode().replace("\x00", "")


def identifier(data: Mapping[str, Any], name: str) -> str:
    """Return the id ``data[name]``. Raises Malformed unless it is short printable ASCII."""
    value = text(data, name)
    if not value or len(value) > MAX_ID or not value.isascii() or not value.isprintable():
        raise Malformed(name)
    return value


def web_address(data: Mapping[str, Any], name: str) -> str | None:
    """Return the http(s) address ``data[name]``, or None if there is no usable one."""
    value = data.get(name)
    if not isinstance(value, str) or len(value) > MAX_URL or not value.isascii():
        return None
    return value if value.startswith(("https://", "http://")) else None


def degrees(data: Mapping[str, Any], name: str, limit: float) -> float | None:
    """Return the angle ``data[name]`` in degrees, or None if it is not within ±``limit``."""
    try:
        value = float(data.get(name, ""))
    except (TypeError, ValueError):
        return None
    return value if math.isfinite(value) and abs(value) <= limit else None


def sent_at(data: Mapping[str, Any], now: datetime) -> datetime:
    """Return when the event happened (UTC), never later than ``now``; ``now`` if unreadable."""
    try:
        moment = datetime.fromtimestamp(float(data.get("timestamp", "")) / 1000, timezone.utc)
    except (TypeError, ValueError, OverflowError, OSError):
        return now
    return min(moment, now)
