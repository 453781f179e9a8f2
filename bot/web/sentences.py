"""Sentences and labels of the web chat, read once from ``messages.vi.yml``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).with_name("messages.vi.yml")


@lru_cache(maxsize=1)
def sentences() -> Mapping[str, Any]:
    """Return the whole file: ``errors``, ``labels``, ``page`` and ``starters``."""
    loaded: Mapping[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return loaded


def error_sentence(code: str) -> str:
    """Return what a citizen reads for an error code; a general sentence for an unknown one."""
    errors: Mapping[str, str] = sentences()["errors"]
    return errors.get(code, errors["internal"])


def intent_label(intent: str) -> str | None:
    """Return the readable name of a tapped choice, or None for an intent without one."""
    label: str | None = sentences()["labels"].get(intent)
    return label
