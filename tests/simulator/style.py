"""How webhooks are written and posted; every form has been met or was reported."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SIGNATURES = ("app_id", "oa_id", "bare", "wrong", "missing")
PROBLEMS = ("connect", "slow", "status")


@dataclass
class Style:
    """Knobs of the outgoing side. All are the documented way by default.

    ``duplicates`` posts each event again at once, ``reorder`` holds back that many events and
    posts them newest first, ``delay`` posts seconds later (by the simulator's clock).
    """

    ascii_json: bool = False
    numeric_timestamp: bool = False
    sorted_keys: bool = False
    signature: str = "app_id"
    bad_signature: bool = False
    duplicates: int = 0
    reorder: int = 0
    delay: float = 0.0
    hash_only: bool = False
    first_num_retry: bool = False
    retry: bool = True
    retry_on: tuple[str, ...] = PROBLEMS
    disables: bool = True
    echoes: bool = True
    receipts: bool = False
    seen: bool = False
    bot_wrapped: bool = False

    @property
    def kind_of_signature(self) -> str:
        """Return which of ``SIGNATURES`` is written."""
        return "wrong" if self.bad_signature else self.signature

    def bytes_of(self, event: Mapping[str, Any]) -> bytes:
        """Write an event as JSON."""
        separators = (",", ":")
        text = json.dumps(
            event, ensure_ascii=self.ascii_json, separators=separators, sort_keys=self.sorted_keys
        )
        return text.encode()

    def change(self, changes: Mapping[str, Any]) -> None:
        """Set knobs by name. Raises ValueError for a knob or a value that does not exist."""
        for name, value in changes.items():
            present = vars(self).get(name)
            if isinstance(present, tuple) and isinstance(value, list):
                value = tuple(value)
            if isinstance(present, float) and type(value) is int:
                value = float(value)
            if present is None or type(value) is not type(present):
                raise ValueError(f"no such knob: {name} = {value!r}")
            if name == "signature" and value not in SIGNATURES:
                raise ValueError(f"no such signature: {value!r}")
            setattr(self, name, value)
