"""Finds the square corner patterns of QR codes one by one, where the decoder wants all three.

Only to tell a citizen what was wrong with a photo: nothing is decoded from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageFilter

LONG_SIDE = 1_000  # pixels searched at most; a pattern of two pixels a module is still seen

_ROW_STEP = 2  # rows; a pattern is at least fourteen high
_RUNS = re.compile(rb"\x00+|\xff+")
_RATIO = (1, 1, 3, 1, 1)  # dark, light, dark, light, dark, in modules
_SLACK = 0.6  # modules by which a run may be off, besides one pixel
_MIN_MODULE, _MAX_MODULE = 1.2, 26.0  # pixels
_HITS = 0.2  # rows a module that must agree; a pattern turned by 45 degrees has few


@dataclass(frozen=True)
class Finder:
    """A corner pattern: its middle and its module, in pixels of the picture searched."""

    x: float
    y: float
    module: float


def find_finders(grey: Image.Image) -> list[Finder]:
    """Return the corner patterns in a picture of mode ``L``, turned anyhow, dark on light."""
    scale = max(1.0, max(grey.size) / LONG_SIDE)
    small = grey.reduce(round(scale)) if scale >= 1.5 else grey
    back = grey.width / small.width
    groups: list[list[Finder]] = []
    for hit in _hits(_black_and_white(small), small.width):
        near = next((group for group in groups if _same(group[-1], hit)), None)
        if near is None:
            groups.append([hit])
        else:
            near.append(hit)
    return [
        Finder(hit.x * back, hit.y * back, hit.module * back)
        for hit in (group[len(group) // 2] for group in groups if _firm(group))
    ]


def _black_and_white(grey: Image.Image) -> bytes:
    """Call dark what is darker than its wide neighbourhood."""
    around = grey.filter(ImageFilter.BoxBlur(max(12, max(grey.size) // 28)))
    lighter = ImageChops.subtract(grey, around, 1.0, 128)
    return lighter.point([0] * 116 + [255] * 140).tobytes()


def _hits(pixels: bytes, width: int) -> Iterator[Finder]:
    for y in range(0, len(pixels) // width, _ROW_STEP):
        row = pixels[y * width : (y + 1) * width]
        for x, module in _across(row):
            column = pixels[round(x) :: width]
            down = _around(column, y)
            if down is None or not 0.55 < down[1] / module < 1.8:
                continue
            if _aslant(pixels, width, round(x), round(down[0]), module):
                yield Finder(x, down[0], (module + down[1]) / 2)


def _aslant(pixels: bytes, width: int, x: int, y: int, module: float) -> bool:
    """Whether the diagonal shows the pattern too: letters in two directions rarely do."""
    back = min(x, y, round(9 * module))
    on = min(width - x, round(9 * module))
    start = (y - back) * width + x - back
    diagonal = pixels[start : (y + on) * width : width + 1]
    return _around(diagonal, back) is not None


def _across(row: bytes) -> Iterator[tuple[float, float]]:
    """Yield middle and module of each run of five in the ratio of a corner pattern."""
    ends = [match.end() for match in _RUNS.finditer(row)]
    first = 1 if row[0] else 0
    edges = [0, *ends]
    for at in range(first, len(edges) - 5, 2):
        middle = edges[at + 3] - edges[at + 2]
        if middle < 3 or middle * 4 < edges[at + 5] - edges[at] or not at:
            continue
        module = _module([edges[at + i + 1] - edges[at + i] for i in range(5)])
        if module:
            yield (edges[at + 2] + edges[at + 3]) / 2, module


def _around(line: bytes, at: int) -> tuple[float, float] | None:
    """Return middle and module of the corner pattern whose dark core covers ``at``."""
    if at >= len(line) or line[at]:
        return None
    right = [at]
    for colour in (b"\xff", b"\x00", b"\xff"):
        right.append(line.find(colour, right[-1]))
        if right[-1] < 0:
            return None
    left = [at + 1]
    for colour in (b"\xff", b"\x00", b"\xff"):
        left.append(line.rfind(colour, 0, left[-1]) + 1)
        if not left[-1]:
            return None
    edges = [left[3], left[2], left[1], right[1], right[2], right[3]]
    module = _module([after - before for before, after in zip(edges, edges[1:], strict=False)])
    return ((left[1] + right[1]) / 2, module) if module else None


def _module(runs: list[int]) -> float:
    """Return the module of five runs, or 0.0 if they are no corner pattern's."""
    module = sum(runs) / 7
    if not _MIN_MODULE <= module <= _MAX_MODULE:
        return 0.0
    slack = module * _SLACK + 0.5
    fits = all(
        abs(run - wanted * module) <= slack for run, wanted in zip(runs, _RATIO, strict=True)
    )
    return module if fits else 0.0


def _firm(group: list[Finder]) -> bool:
    return len(group) >= max(2, _HITS * group[0].module)


def _same(one: Finder, other: Finder) -> bool:
    reach = 3.5 * max(one.module, other.module)
    return abs(one.x - other.x) < reach and abs(one.y - other.y) < reach
