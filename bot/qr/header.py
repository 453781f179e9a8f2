"""Format and size of a picture from its first bytes, before any image library opens it."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.core.errors import PhotoTooLarge, PhotoWrongType

MAX_BYTES = 12 * 1024 * 1024
MIN_SIDE, MAX_SIDE = 20, 12_000  # pixels
MAX_PIXELS = 17_000_000  # a phone's 16 megapixels, decoded in full
MAX_JPEG_PIXELS = 50_000_000  # a JPEG can be decoded at a half, a quarter or an eighth
MAX_HEIF_PIXELS = 25_000_000  # what telephones that save HEIC take unless told otherwise

_MOST = {"JPEG": MAX_JPEG_PIXELS, "HEIF": MAX_HEIF_PIXELS}

_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})  # markers without a length
_MAX_STEPS = 2_000  # segments or boxes looked at; a file of millions is made to keep us busy

_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"})
# Where in a HEIF file the sizes are: boxes in boxes; "meta" has four bytes before its own.
_WAY_TO_SIZES = (b"meta", b"iprp", b"ipco")


@dataclass(frozen=True)
class Header:
    """``format`` as Pillow names it; ``width`` and ``height`` in pixels as declared."""

    format: str
    width: int
    height: int


def read_header(data: bytes) -> Header:
    """Return format and size of a picture we are willing to open.

    Raises PhotoTooLarge for too many bytes or pixels, and PhotoWrongType for anything that is
    not a JPEG, PNG, WEBP, GIF, BMP, HEIF or AVIF of at least 20 pixels a side.
    """
    if len(data) > MAX_BYTES:
        raise PhotoTooLarge(f"more than {MAX_BYTES} bytes")
    name, measure = _format_of(data)
    try:
        width, height = measure(data)
    except (struct.error, IndexError) as error:
        raise PhotoWrongType(f"{name} without a size") from error
    check_size(name, width, height)
    return Header(name, width, height)


def check_size(name: str, width: int, height: int) -> None:
    """Raise PhotoTooLarge or PhotoWrongType when a picture has too many or too few pixels."""
    if min(width, height) < MIN_SIDE:
        raise PhotoWrongType(f"{name} under {MIN_SIDE} pixels a side")
    most = _MOST.get(name, MAX_PIXELS)
    if max(width, height) > MAX_SIDE or width * height > most:
        raise PhotoTooLarge(f"{name} of {width}x{height} pixels")


def _format_of(data: bytes) -> tuple[str, Callable[[bytes], tuple[int, int]]]:
    if data[:3] == b"\xff\xd8\xff":
        return "JPEG", _jpeg_size
    if data[:8] == b"\x89PNG\r\n\x1a\n" and data[12:16] == b"IHDR":
        return "PNG", _png_size
    if data[:6] in {b"GIF87a", b"GIF89a"}:
        return "GIF", _gif_size
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP", _webp_size
    if data[:2] == b"BM" and data[6:10] == bytes(4):
        return "BMP", _bmp_size
    brands = _brands(data)
    if brands & _AVIF_BRANDS:
        return "AVIF", _heif_size
    if brands & _HEIF_BRANDS:
        return "HEIF", _heif_size
    raise PhotoWrongType("not a picture format we read")


def _brands(data: bytes) -> set[bytes]:
    """Return what a file of the family of HEIF, AVIF and MP4 says it is, else nothing."""
    if data[4:8] != b"ftyp":
        return set()
    end = min(len(data), int.from_bytes(data[:4], "big"), 256)
    return {data[8:12], *(data[at : at + 4] for at in range(16, end, 4))}


def _jpeg_size(data: bytes) -> tuple[int, int]:
    """Walk the segments to the first frame header."""
    at = 2
    for _ in range(_MAX_STEPS):
        if data[at] != 0xFF:
            raise PhotoWrongType("JPEG with broken segments")
        marker = data[at + 1]
        if marker == 0xFF:  # padding
            at += 1
        elif marker in _JPEG_ALONE:
            at += 2
        elif marker in _JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return width, height
        elif marker in {0xD9, 0xDA}:  # the picture itself, or its end, before a frame header
            raise PhotoWrongType("JPEG without a size")
        else:
            at += 2 + max(2, struct.unpack_from(">H", data, at + 2)[0])
    raise PhotoWrongType("JPEG with too many segments")


def _png_size(data: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from(">II", data, 16)
    return width, height


def _gif_size(data: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from("<HH", data, 6)
    return width, height


def _webp_size(data: bytes) -> tuple[int, int]:
    kind = data[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if kind == b"VP8L":
        bits = struct.unpack_from("<I", data, 21)[0]
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    raise PhotoWrongType("WEBP without a size")


def _bmp_size(data: bytes) -> tuple[int, int]:
    if struct.unpack_from("<I", data, 14)[0] == 12:  # the oldest header
        width, height = struct.unpack_from("<HH", data, 18)
    else:
        width, height = struct.unpack_from("<ii", data, 18)
    return abs(width), abs(height)  # a negative height means top row first


def _heif_size(data: bytes) -> tuple[int, int]:
    """Return the largest of all declared sizes: a picture's, its tiles' or its thumbnails'."""
    start, end = 0, len(data)
    for wanted in _WAY_TO_SIZES:
        found = next((box for box in _boxes(data, start, end) if box[0] == wanted), None)
        if found is None:
            raise PhotoWrongType("HEIF without a size")
        start, end = found[1] + (4 if wanted == b"meta" else 0), found[2]
    sizes = [
        struct.unpack_from(">II", data, at + 4)
        for name, at, _ in _boxes(data, start, end)
        if name == b"ispe"
    ]
    if not sizes:
        raise PhotoWrongType("HEIF without a size")
    width, height = max(sizes, key=lambda size: size[0] * size[1])
    return width, height


def _boxes(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield name, start and end of the contents of each box between two places."""
    for _ in range(_MAX_STEPS):
        if at + 8 > end:
            return
        size, name = struct.unpack_from(">I4s", data, at)
        head = 8
        if size == 1:  # a long size follows
            size, head = struct.unpack_from(">Q", data, at + 8)[0], 16
        last = end if size == 0 else min(end, at + size)
        if last < at + head:
            return
        yield name, at + head, last
        at = last
