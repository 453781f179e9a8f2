"""Draws a receipt like form 01 (the slip a citizen takes home) for demos and tests.

The words are in ``receipt.vi.txt``: a line opens with ``=`` (two bold columns), ``-`` (two plain
columns), ``#`` (title), ``*`` (bold, centred), or nothing (text); ``~`` before that marks what
only a sample says.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path
from string import Template

from PIL import Image, ImageDraw

from bot.drawing.fonts import Font, font, writable
from bot.qr.draw import draw_image

WIDTH, HEIGHT = 1654, 2339  # A4 at 200 dots an inch
_MARGIN, _TEXT, _TITLE = 130, 34, 44
_CODE_SIDE = 200  # pixels: one inch, as offices print it
_BLANK = "." * 40
_WORDS = Path(__file__).with_name("receipt.vi.txt")


@dataclass(frozen=True)
class Receipt:
    """What stands on the slip; ``payload`` is what the QR holds (the code itself by default)."""

    code: str
    payload: str = ""
    agency: str = _BLANK
    matter: str = _BLANK
    received: str = _BLANK
    promised: str = _BLANK
    owner: str = _BLANK
    sample: bool = True  # says so at its foot


def receipt_lines(receipt: Receipt) -> list[str]:
    """Return the slip line by line, each with its mark, see above."""
    values = {name: str(value) or _BLANK for name, value in vars(receipt).items()}
    lines = Template(_WORDS.read_text("utf-8")).substitute(values).splitlines()
    return [line.removeprefix("~ ") for line in lines if receipt.sample or line[:1] != "~"]


@dataclass
class _Page:
    image: Image.Image = field(default_factory=lambda: Image.new("L", (WIDTH, HEIGHT), 255))
    y: int = _MARGIN

    @property
    def pen(self) -> ImageDraw.ImageDraw:
        return ImageDraw.Draw(self.image)

    def centred(self, text: str, x: float, size: int, bold: bool, width: int) -> None:
        """Write ``text`` around ``x``, smaller where it would pass ``width``."""
        while size > 16 and self.pen.textlength(writable(text), font=font(size, bold)) > width:
            size -= 2
        self.pen.text((x, self.y), writable(text), font=font(size, bold), fill=0, anchor="ma")

    def flowing(self, text: str) -> None:
        plain = font(_TEXT)
        line = ""
        for word in writable(text).split():
            longer = f"{line} {word}".strip()
            if line and self.pen.textlength(longer, font=plain) > WIDTH - 2 * _MARGIN:
                self._line(line, plain)
                longer = word
            line = longer
        self._line(line, plain)

    def _line(self, text: str, face: Font) -> None:
        self.pen.text((_MARGIN, self.y), text, font=face, fill=0)
        self.y += round(_TEXT * 1.7)


def draw_receipt(receipt: Receipt) -> Image.Image:
    """Return the slip as a grey A4 page at 200 dots an inch."""
    page = _Page()
    for line in receipt_lines(receipt):
        _write(page, line, receipt)
    return page.image


def draw_receipt_png(receipt: Receipt) -> bytes:
    """Return the slip as a PNG file."""
    buffer = io.BytesIO()
    draw_receipt(receipt).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _write(page: _Page, line: str, receipt: Receipt) -> None:
    mark, _, rest = line.partition(" ")
    if mark in {"=", "-"}:
        left, _, right = rest.partition(" | ")
        for text, x in ((left, WIDTH * 0.28), (right, WIDTH * 0.72)):
            page.centred(text, x, 30, mark == "=", WIDTH // 2 - _MARGIN)
        page.y += 50
    elif mark == "#":
        page.centred(rest, WIDTH / 2, _TITLE, True, WIDTH - 2 * _MARGIN)
        page.y += 80
        _paste_code(page, receipt.payload or receipt.code)
    elif mark == "*":
        page.centred(rest, WIDTH / 2, _TEXT, True, WIDTH - 2 * _MARGIN)
        page.y += 60
    elif line:
        page.flowing(line)
    else:
        page.y += 40


def _paste_code(page: _Page, payload: str) -> None:
    """Put the QR on the line, whole pixels a module so that it stays crisp."""
    box = max(2, round(_CODE_SIDE / draw_image(payload, 1).width))
    code = draw_image(payload, box)
    page.image.paste(code, ((WIDTH - code.width) // 2, page.y))
    page.y += code.height + 20
