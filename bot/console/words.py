"""Sentences and labels of the console, read once from ``words.vi.yml``, and figures in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).with_name("words.vi.yml")


@lru_cache(maxsize=1)
def words() -> Mapping[str, Any]:
    """Return the whole file."""
    loaded: Mapping[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return loaded


def problem(code: str, **facts: object) -> str:
    """Return the sentence for what went wrong; a general one for an unknown code."""
    problems: Mapping[str, str] = words()["problems"]
    return problems.get(code, problems["internal"]).format(**facts)


def number(count: int) -> str:
    """Return a whole number as it is written here.

    >>> number(1234567)
    '1.234.567'
    """
    return f"{count:,}".replace(",", ".")


def day(moment: datetime, zone: tzinfo) -> str:
    """Return the weekday and the date."""
    local = moment.astimezone(zone)
    return f"{words()['weekdays'][local.weekday()]}, {local:%d/%m/%Y}"


def clock_time(moment: datetime, now: datetime, zone: tzinfo) -> str:
    """Return the time, and which day it was or will be."""
    local = moment.astimezone(zone)
    days = (local.date() - now.astimezone(zone).date()).days
    named: Mapping[int, str] = words()["days"]
    return f"{local:%H:%M} {named.get(days, f'{local:%d/%m/%Y}')}"
