"""Sentences and labels of the pages of notices, read once from ``notices.vi.yml``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).with_name("notices.vi.yml")


@lru_cache(maxsize=1)
def notice_words() -> Mapping[str, Any]:
    """Return the whole file."""
    loaded: Mapping[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return loaded
