"""Why nothing could be read in a photo, so that the citizen can be told what to do better.

All thresholds are here. They come from drawn photos apart from those the benchmark shows.
"""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageChops, ImageFilter

from bot.core.photos.payload import Trouble
from bot.qr.finders import Finder, find_finders
from bot.qr.passes import Box

_SAMPLE_SIDE = 1_100  # pixels; larger pictures are reduced before they are judged

# Grey levels of 255.
_DARK_PAPER = 60  # the brightest twentieth of a photo by night
_LIT = 170  # paper in fair light
_BURNT = 250  # where a lamp wiped everything out
_GLARE_SHARE = (0.004, 0.35)  # of what is lit; more is white paper, not glare

_SMALL_BOX = 60  # pixels; a slip's code has 29 modules or more
_SMALL_MODULE = 1.9  # pixels
_CODE_MODULES = 27  # modules from a corner pattern to where the code may still go on
_SOFT_EDGE = 0.30  # of the contrast: what the sharpest edges differ from their neighbours
_SHARPEST = 0.9995  # the share of pixels that are no sharpest edges
_BUSY = 12  # grey levels a tile with print differs from its blurred self
_FAR_SHARE = 0.11  # of all tiles; less print than this is paper photographed from afar
_TILE = 16  # pixels


def why(grey: Image.Image, boxes: Sequence[Box]) -> Trouble:
    """Return what is wrong with a photo in which nothing was read.

    ``boxes`` are where the decoder saw codes without being able to read them.
    """
    levels = grey.histogram()
    if _level(levels, 0.95) < _DARK_PAPER:
        return Trouble.DARK
    if _has_glare(levels):
        return Trouble.GLARE
    sides = [side for side in map(_side, boxes) if side >= 12]  # smaller is noise
    if sides and max(sides) < _SMALL_BOX:
        return Trouble.SMALL
    return _by_corners(grey, find_finders(grey), seen=bool(sides))


def _by_corners(grey: Image.Image, corners: list[Finder], *, seen: bool) -> Trouble:
    if len(corners) >= 3 and max(corner.module for corner in corners) < _SMALL_MODULE:
        return Trouble.SMALL
    if len(corners) in {1, 2} and any(_at_edge(corner, grey) for corner in corners):
        return Trouble.CUT_OFF
    if seen or corners:
        return Trouble.BLURRED
    return _by_texture(grey.reduce(max(1, -(-max(grey.size) // _SAMPLE_SIDE))))


def _by_texture(small: Image.Image) -> Trouble:
    """Judge a photo without a trace of a code by how sharp it is and how much print it shows."""
    if _sharpness(small) < _SOFT_EDGE:
        return Trouble.BLURRED
    return Trouble.SMALL if _printed_share(small) < _FAR_SHARE else Trouble.NO_CODE


def _has_glare(levels: Sequence[int]) -> bool:
    lit, burnt = sum(levels[_LIT:]), sum(levels[_BURNT:])
    return bool(lit) and _GLARE_SHARE[0] <= burnt / lit <= _GLARE_SHARE[1]


def _side(box: Box) -> float:
    left, top, right, bottom = box
    return max(right - left, bottom - top)


def _at_edge(corner: Finder, grey: Image.Image) -> bool:
    """Whether the code of this corner pattern may run out of the picture."""
    reach = corner.module * _CODE_MODULES
    return min(corner.x, corner.y, grey.width - corner.x, grey.height - corner.y) < reach


def _sharpness(small: Image.Image) -> float:
    """Return how much of the contrast the sharpest edges take within a pixel, about 0 to 0.8."""
    levels = small.histogram()
    contrast = _level(levels, 0.99) - _level(levels, 0.01)
    edges = ImageChops.difference(small, small.filter(ImageFilter.BoxBlur(1))).histogram()
    return _level(edges, _SHARPEST) / max(1, contrast)


def _printed_share(small: Image.Image) -> float:
    """Return the share of the picture's tiles that have print on them."""
    detail = ImageChops.difference(small, small.filter(ImageFilter.BoxBlur(4)))
    tiles = detail.reduce(_TILE).histogram()
    return sum(tiles[_BUSY:]) / sum(tiles)


def _level(levels: Sequence[int], share: float) -> int:
    """Return the grey level below which a share of all pixels lies."""
    wanted, seen = sum(levels) * share, 0
    for level, count in enumerate(levels):
        seen += count
        if seen >= wanted:
            return level
    return 255
