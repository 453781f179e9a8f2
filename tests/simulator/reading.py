"""Reading JSON anybody may have written, without ever failing on it.

The rules judge the shape. When a rule is switched off, what it would have refused must still
be readable by everything after it.
"""

from __future__ import annotations

import re
from typing import Any

_ID = re.compile(r"[0-9]{1,20}")


def obj(value: Any, *names: str) -> dict[str, Any]:
    """Return the object at ``value[names[0]][names[1]]…``, or an empty one."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """Return ``value`` if it is a list, else an empty list."""
    return value if isinstance(value, list) else []


def words(value: Any) -> str:
    """Return ``value`` if it is a text, else an empty one."""
    return value if isinstance(value, str) else ""


def is_id(value: Any) -> bool:
    """Tell whether ``value`` is an id: a text of digits, never a number."""
    return isinstance(value, str) and bool(_ID.fullmatch(value))


def is_address(value: Any) -> bool:
    """Tell whether ``value`` is an http(s) address."""
    return isinstance(value, str) and value.startswith(("http://", "https://"))


def is_text(value: Any, most: int, least: int = 1) -> bool:
    """Tell whether ``value`` is a text of ``least`` to ``most`` characters."""
    return isinstance(value, str) and least <= len(value) <= most


def whole(value: Any, otherwise: int) -> int:
    """Return ``value`` if it is a whole number, else ``otherwise``."""
    return value if type(value) is int else otherwise
