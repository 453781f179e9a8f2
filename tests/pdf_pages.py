"""Paints the squares of a PDF of ours, as a printer would; enough to read its codes again."""

from __future__ import annotations

import io
import re
import zlib

from PIL import Image, ImageDraw

_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_SQUARE = re.compile(rb"([\d.-]+) ([\d.-]+) ([\d.-]+) ([\d.-]+) re f")
_BOX = re.compile(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]")


def painted(data: bytes, dots: int = 200) -> list[bytes]:
    """Return the pages as PNG files at ``dots`` an inch; letters and lines are left out."""
    box = _BOX.search(data)
    assert box is not None
    size = (float(box[1]), float(box[2]))
    pages = []
    for match in _STREAM.finditer(data):
        try:
            content = zlib.decompress(match[1])
        except zlib.error:
            continue
        if squares := [tuple(map(float, found)) for found in _SQUARE.findall(content)]:
            pages.append(_page(squares, size, dots / 72))
    return pages


def _page(squares: list[tuple[float, ...]], size: tuple[float, float], scale: float) -> bytes:
    fine = 3  # painted larger and made smaller: edges fall between dots as in print
    image = Image.new("L", (round(size[0] * scale * fine), round(size[1] * scale * fine)), 255)
    pen = ImageDraw.Draw(image)
    for x, y, width, height in squares:
        left, top = x * scale * fine, (size[1] - max(y, y + height)) * scale * fine
        right, bottom = left + width * scale * fine, top + abs(height) * scale * fine
        pen.rectangle((round(left), round(top), round(right) - 1, round(bottom) - 1), fill=0)
    buffer = io.BytesIO()
    image.resize((image.width // fine, image.height // fine)).save(buffer, "PNG")
    return buffer.getvalue()
