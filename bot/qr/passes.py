"""The ways one grey picture is prepared before decoding, in order of what each adds per time.

The order comes from 300 drawn photos apart from those of ``tests/benchmarks/photos.py``: the
plain picture reads 82 %, the first three passes 90 %, all of them 95 %, close-ups 97 %. The
median, the dearest, comes last: it reads four of five codes that dirt has hidden so far.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import zxingcpp
from PIL import Image, ImageChops, ImageFilter, ImageOps

_LOCAL = zxingcpp.Binarizer.LocalAverage
_GLOBAL = zxingcpp.Binarizer.GlobalHistogram
_FIXED = zxingcpp.Binarizer.FixedThreshold  # everything under 128 is dark

_MAX_ENLARGED = 7_500_000  # pixels; more would eat the whole time budget in one call
_MAX_CLOSE_UP = 900  # pixels a side

Prepare = Callable[[Image.Image], "Image.Image | None"]
Box = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass(frozen=True)
class Pass:
    """One try: ``prepare`` gives a picture (None: not at this size) for the ``binarizer``."""

    name: str
    prepare: Prepare
    binarizer: zxingcpp.Binarizer


def close_up(grey: Image.Image, box: Box) -> Image.Image | None:
    """Return the part around a code that was seen but not read, contrasty and enlarged."""
    left, top, right, bottom = box
    side = max(right - left, bottom - top)
    margin = side * 0.15 + 6
    part = grey.crop(
        (
            round(max(0, left - margin)),
            round(max(0, top - margin)),
            round(min(grey.width, right + margin)),
            round(min(grey.height, bottom + margin)),
        )
    )
    if min(part.size) < 30 or max(part.size) > _MAX_CLOSE_UP:
        return None
    return _enlarged(ImageOps.autocontrast(part, cutoff=1), min(3, _MAX_CLOSE_UP / side))


def _enlarged(grey: Image.Image, scale: float) -> Image.Image | None:
    width, height = round(grey.width * scale), round(grey.height * scale)
    if width * height > _MAX_ENLARGED:
        return None
    return grey.resize((width, height), Image.Resampling.BICUBIC)


def _plain(grey: Image.Image) -> Image.Image:
    return grey


def _gamma(grey: Image.Image) -> Image.Image:
    """Brighten the dark half: photos taken in a dim corridor."""
    return grey.point([round(255 * (value / 255) ** 0.5) for value in range(256)])


def _sharp(radius: float, strength: float) -> Prepare:
    """Push each pixel away from its neighbourhood: undoes much of a blurred lens or a shake."""
    return lambda grey: Image.blend(grey.filter(ImageFilter.BoxBlur(radius)), grey, strength)


def _smooth(radius: float) -> Prepare:
    """Average the grain of dark photos away."""
    return lambda grey: grey.filter(ImageFilter.GaussianBlur(radius))


def _median(grey: Image.Image) -> Image.Image:
    """Wipe off specks, scratches and thin folds."""
    return grey.filter(ImageFilter.MedianFilter(3))


def _minus_blur(radius: float) -> Prepare:
    """Keep only what differs from its neighbourhood: glare, shadows and lamps drop out."""
    return lambda grey: ImageChops.subtract(
        grey, grey.filter(ImageFilter.BoxBlur(radius)), 1.0, 128
    )


def _half(then: Prepare) -> Prepare:
    """Work on half the size: four times as fast, and grain averages out."""
    return lambda grey: then(grey.reduce(2))


def _enlarge(scale: float, then: Prepare) -> Prepare:
    def prepare(grey: Image.Image) -> Image.Image | None:
        large = _enlarged(grey, scale)
        return None if large is None else then(large)

    return prepare


MAIN = (
    Pass("plain", _plain, _LOCAL),
    Pass("half sharp", _half(_sharp(1.5, 4.0)), _FIXED),
    Pass("sharp", _sharp(4, 2.5), _FIXED),
    Pass("histogram", _plain, _GLOBAL),
    Pass("half less sharp", _half(_sharp(1.5, 2.5)), _FIXED),
    Pass("gamma", _gamma, _LOCAL),
    Pass("very sharp", _sharp(1.5, 4.0), _FIXED),
    Pass("half minus blur", _half(_minus_blur(5)), _FIXED),
    Pass("half minus wide blur", _half(_minus_blur(20)), _FIXED),
    Pass("median", _median, _LOCAL),
)

# Tried on close-ups of codes that were seen but not read.
CLOSE = (
    Pass("close very sharp", _sharp(6, 4.0), _FIXED),
    Pass("close smooth", _smooth(4), _LOCAL),
    Pass("close minus blur", _minus_blur(8), _LOCAL),
    Pass("close sharp", _sharp(14, 4.0), _LOCAL),
)

# Tried when everything else read nothing.
LAST = (
    Pass("minus blur", _minus_blur(5), _FIXED),
    Pass("larger sharp", _enlarge(1.5, _sharp(4, 2.5)), _FIXED),
    Pass("larger very sharp", _enlarge(1.5, _sharp(1.5, 4.0)), _FIXED),
    Pass("larger", _enlarge(1.5, _plain), _LOCAL),
    Pass("double sharp", _enlarge(2.0, _sharp(4, 4.0)), _FIXED),
)

# Tried on a reduced copy of a picture larger than chat platforms send.
GLANCE = (Pass("glance", _plain, _LOCAL),)

# Tried after a code was found, to see whether a second lies beside it: of 16 second codes that
# the first pass missed these two found 7, and no other two as cheap as many.
SECOND_LOOK = (MAIN[5], MAIN[3])
