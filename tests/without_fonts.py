"""A machine without any font that has Vietnamese letters."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.drawing import fonts


@contextmanager
def without_fonts(monkeypatch: pytest.MonkeyPatch, *, carried: bool = False) -> Iterator[None]:
    """Hide the machine's fonts, and those packages carry unless ``carried``."""
    with monkeypatch.context() as hidden:
        hidden.setattr(fonts, "_FONTS", ("no-such-font{}.ttf",))
        if not carried:
            hidden.setattr(fonts, "_CARRIED", Path("no-such-folder"))
        _forget()
        try:
            yield
        finally:
            _forget()


def _forget() -> None:
    fonts.font.cache_clear()
    fonts.font_file.cache_clear()
