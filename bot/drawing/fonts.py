"""Fonts with Vietnamese letters as machines have them, and a way without."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TypeAlias

from PIL import ImageFont

_FONTS = ("DejaVuSans{}.ttf", "NotoSans{}.ttf", "LiberationSans{}.ttf", "arial{}.ttf")
_SUFFIXES = {False: ("", "-Regular"), True: ("-Bold", "bd")}

Font: TypeAlias = ImageFont.FreeTypeFont | ImageFont.ImageFont


def font(size: int, bold: bool = False) -> Font:
    """Return a font of ``size`` pixels, Pillow's own when the machine has none we know."""
    return _named(size, bold) or ImageFont.load_default(size)


def writable(text: str) -> str:
    """Return ``text`` as one line, without marks when no font here has Vietnamese letters."""
    line = " ".join(text.split())
    if _named(16, False):
        return line
    plain = unicodedata.normalize("NFD", line).translate({0x111: "d", 0x110: "D"})
    return "".join(char for char in plain if not unicodedata.combining(char))


@lru_cache(maxsize=64)
def _named(size: int, bold: bool) -> ImageFont.FreeTypeFont | None:
    for name in _FONTS:
        for suffix in _SUFFIXES[bold]:
            try:
                return ImageFont.truetype(name.format(suffix), size)
            except OSError:
                continue
    return None
