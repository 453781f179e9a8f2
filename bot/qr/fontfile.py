"""Finds font files with Vietnamese letters, for files that carry their fonts with them."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from PIL import ImageFont

_FONTS = ("DejaVuSans{}.ttf", "NotoSans{}.ttf", "LiberationSans{}.ttf", "arial{}.ttf")
_SUFFIXES = {False: ("", "-Regular"), True: ("-Bold", "bd")}
_CARRIED = Path("mpl-data", "fonts", "ttf")  # inside a package that is always installed with Rasa


class NoFont(Exception):
    """This machine has no font with Vietnamese letters."""


@lru_cache(maxsize=2)
def font_file(bold: bool) -> Path:
    """Return a font file of the machine, else one that a package carries. Raises NoFont."""
    for name in _FONTS:
        for suffix in _SUFFIXES[bold]:
            try:
                path = ImageFont.truetype(name.format(suffix), 12).path
            except OSError:
                continue
            return Path(str(path))
    return _carried(bold)


def _carried(bold: bool) -> Path:
    """Return the font of matplotlib's data; the package itself is not loaded."""
    spec = find_spec("matplotlib")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / _CARRIED / f"DejaVuSans{'-Bold' if bold else ''}.ttf"
        if path.is_file():
            return path
    raise NoFont("no font with Vietnamese letters: install DejaVu Sans (fonts-dejavu-core)")
