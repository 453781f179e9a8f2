"""Facts of the province the desk speaks for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Province:
    """Names, prefixes and ways to reach people. ``demo`` marks invented data."""

    name: str
    desk_name: str
    prefixes: tuple[str, ...]
    hotline: str
    portal_url: str
    petition_url: str
    demo: bool = True
    national_hotline: str = ""
