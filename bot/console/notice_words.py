"""Sentences and labels of the pages of notices, read once from ``notices.vi.yml``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).with_name("notices.vi.yml")


_CORRECTED = "corrected by "


@lru_cache(maxsize=1)
def notice_words() -> Mapping[str, Any]:
    """Return the whole file."""
    loaded: Mapping[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return loaded


def note_in_words(note: str) -> str:
    """Return a note of the history or a reason for staff: what a person wrote stays as it is."""
    notes: Mapping[str, str] = notice_words()["notes"]
    return notes.get("corrected" if note.startswith(_CORRECTED) else note, note)
