"""Fonts with Vietnamese letters: the machine's, else one that an installed package carries."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TypeAlias

from PIL import ImageFont

_FONTS = ("DejaVuSans{}.ttf", "NotoSans{}.ttf", "LiberationSans{}.ttf", "arial{}.ttf")
_SUFFIXES = {False: ("", "-Regular"), True: ("-Bold", "bd")}
_CARRIED = Path("mpl-data", "fonts", "ttf")  # inside a package that is always installed with Rasa

Font: TypeAlias = ImageFont.FreeTypeFont | ImageFont.ImageFont


class NoFont(Exception):
    """There is no font with Vietnamese letters here."""


@lru_cache(maxsize=2)
def font_file(bold: bool) -> Path:
    """Return a font file, for documents that carry their fonts with them. Raises NoFont."""
    for name in _FONTS:
        for suffix in _SUFFIXES[bold]:
            try:
                path = ImageFont.truetype(name.format(suffix), 12).path
            except OSError:
                continue
            return Path(str(path))
    return _carried(bold)


@lru_cache(maxsize=64)
def font(size: int, bold: bool = False) -> Font:
    """Return a font of ``size`` pixels, Pillow's own when there is none with our letters."""
    try:
        return ImageFont.truetype(str(font_file(bold)), size)
    except (NoFont, OSError):
        return ImageFont.load_default(size)


def writable(text: str) -> str:
    """Return ``text`` as one line, without marks when no font here has Vietnamese letters."""
    line = " ".join(text.split())
    try:
        font_file(False)
    except NoFont:
        plain = unicodedata.normalize("NFD", line).translate({0x111: "d", 0x110: "D"})
        return "".join(char for char in plain if not unicodedata.combining(char))
    return line


def _carried(bold: bool) -> Path:
    """Return the font of matplotlib's data; the package itself is not loaded."""
    spec = find_spec("matplotlib")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / _CARRIED / f"DejaVuSans{'-Bold' if bold else ''}.ttf"
        if path.is_file():
            return path
    raise NoFont("no font with Vietnamese letters: install DejaVu Sans (fonts-dejavu-core)")
