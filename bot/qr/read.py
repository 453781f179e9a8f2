"""Reads the QR codes in one photo within a time budget; runs only in the helper process."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import zxingcpp
from PIL import Image

from bot.core.photos.payload import Payload, PhotoReading, Trouble, read_payload
from bot.qr.header import read_header
from bot.qr.passes import CLOSE, GLANCE, LAST, MAIN, SECOND_LOOK, Box, Pass, close_up
from bot.qr.picture import WORKING_SIDE, Pixels
from bot.qr.trouble import why

BUDGET = 0.30  # seconds of all passes, checked between them; one cannot be interrupted
_MAX_CLOSE_UPS = 3


@dataclass
class _Search:
    """What the passes have brought so far, and whether there is time for more."""

    budget: float
    clock: Callable[[], float]
    end: float = 0.0
    payloads: dict[Payload, None] = field(default_factory=dict)  # as an ordered set
    broken: list[Box] = field(default_factory=list)  # where codes were seen but not read
    done: set[str] = field(default_factory=set)

    def begin(self) -> None:
        """Let the passes have their time from now on: decoding HEIC alone may take as long."""
        self.end = self.clock() + self.budget

    @property
    def late(self) -> bool:
        return self.clock() > self.end

    @property
    def has_code(self) -> bool:
        return any(payload.codes for payload in self.payloads)

    def until_code(self, steps: Iterable[Pass], greys: Iterable[Image.Image]) -> None:
        """Run the steps on all pictures until there is a dossier code or no time left."""
        for step in steps:
            for grey in greys:
                if self.has_code or self.late:
                    return
                self.look(step, grey)

    def again(self, steps: Iterable[Pass], grey: Image.Image) -> None:
        """Look whether a second code lies beside the one that was found."""
        for step in steps:
            if step.name not in self.done and not self.late:
                self.look(step, grey)

    def look(self, step: Pass, grey: Image.Image) -> None:
        """Run one step, whatever was found before."""
        self.done.add(step.name)
        picture = step.prepare(grey)
        if picture is None:
            return
        for code in zxingcpp.read_barcodes(
            picture,
            formats=zxingcpp.BarcodeFormat.QRCode,
            binarizer=step.binarizer,
            text_mode=zxingcpp.TextMode.Plain,
            try_rotate=False,
            return_errors=True,
        ):
            if code.valid:
                self.payloads.setdefault(read_payload(code.text))
            else:
                self.broken.append(_box(code.position, grey.width / picture.width))


def read_photo(
    data: bytes, budget: float = BUDGET, clock: Callable[[], float] = time.perf_counter
) -> PhotoReading:
    """Return what the QR codes in a photo mean.

    Raises PhotoTooLarge or PhotoWrongType for what is not opened.
    """
    search = _Search(budget, clock)
    header = read_header(data)
    pixels = Pixels(data, header)
    trouble = _search(search, pixels, max(header.width, header.height))
    return PhotoReading(
        payloads=tuple(search.payloads),
        blurred_code_seen=bool(search.broken) and not search.payloads,
        width=header.width,
        height=header.height,
        trouble=trouble,
    )


def _search(search: _Search, pixels: Pixels, side: int) -> Trouble:
    """Run the passes until a dossier code is found; say what is wrong if nothing at all is."""
    small = pixels.glance()
    greys = [] if small else pixels.working()
    search.begin()
    search.until_code(GLANCE, small)
    if search.has_code:
        search.again(SECOND_LOOK, small[0])
        return Trouble.NONE
    search.broken.clear()  # places in the small picture
    greys = greys or pixels.working()
    search.until_code(MAIN, greys)
    if search.has_code:
        search.again(SECOND_LOOK, greys[0])
    elif not search.payloads:
        _look_closer(search, pixels, side, greys)
    return Trouble.NONE if search.payloads else why(greys[0], _apart(search.broken))


def _look_closer(search: _Search, pixels: Pixels, side: int, greys: list[Image.Image]) -> None:
    """Spend what is left of the budget where nothing at all was read."""
    for box in _apart(search.broken)[:_MAX_CLOSE_UPS]:
        part = close_up(greys[0], box)
        if part is not None:
            search.until_code(CLOSE, [part])
    if side > WORKING_SIDE and not (search.has_code or search.late):
        search.until_code(MAIN[:1], pixels.full())
    search.until_code(LAST, greys)


def _box(position: zxingcpp.Position, scale: float) -> Box:
    corners = (
        position.top_left,
        position.top_right,
        position.bottom_right,
        position.bottom_left,
    )
    xs, ys = [corner.x * scale for corner in corners], [corner.y * scale for corner in corners]
    return min(xs), min(ys), max(xs), max(ys)


def _apart(boxes: list[Box]) -> list[Box]:
    """Return the boxes without those whose middle lies in an earlier one."""
    kept: list[Box] = []
    for box in boxes:
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        if not any(left < x < right and top < y < bottom for left, top, right, bottom in kept):
            kept.append(box)
    return kept
