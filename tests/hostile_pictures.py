"""Pictures made to break whoever opens them; every one follows from its number.

Whole files of each format are damaged the ways a fuzzer damages them, and some are built to
cost more than they weigh: many pixels, frames or scans in few bytes.
"""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Callable
from functools import cache

import pillow_heif
from PIL import Image

from bot.qr.draw import draw_image

CODE = "H53.16-260916-0012"

_EXTREMES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_INTERESTING = (
    *(b"\xff\xc0", b"\xff\xc2", b"\xff\xda", b"\xff\xd8", b"\xff\xe1", b"IHDR", b"IDAT"),
    *(b"PLTE", b"tRNS", b"acTL", b"VP8 ", b"VP8L", b"VP8X", b"ANMF", b"ALPH", b"\x21\xf9\x04"),
    *(b"ispe", b"iloc", b"iprp", b"hvcC", b"av1C", b"pitm", b"grid", b"irot", b"mdat"),
)


def hostile_picture(number: int) -> tuple[str, bytes]:
    """Return what was done, as ``format:damage``, and the file."""
    rng = random.Random(f"hostile {number}")
    if number % 25 == 0:
        name = rng.choice(list(_BOMBS))
        return f"bomb:{name}", _BOMBS[name](rng)
    kind = rng.choice(list(whole_pictures()))
    data, done = whole_pictures()[kind], []
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        name = rng.choice(list(_DAMAGES))
        data = _DAMAGES[name](rng, data)
        done.append(name)
    return f"{kind.split()[0]}:{'+'.join(done)}", data


@cache
def whole_pictures() -> dict[str, bytes]:
    """Return an undamaged file of every format and of every way to write it."""
    pillow_heif.register_heif_opener()
    grey = draw_image(CODE, 6)
    colour, flat = grey.convert("RGB"), grey.convert("P")
    exif, icc = _turned(), bytes(512)
    frames = [grey.rotate(9 * turn) for turn in range(1, 12)]
    many = {"save_all": True, "append_images": frames}
    return {
        "jpeg plain": _file(grey, "JPEG", quality=60),
        "jpeg colour": _file(colour, "JPEG", quality=80, exif=exif, icc_profile=icc),
        "jpeg progressive": _file(colour, "JPEG", progressive=True),
        "jpeg cmyk": _file(colour.convert("CMYK"), "JPEG"),
        "png grey": _file(grey, "PNG"),
        "png palette": _file(flat, "PNG", transparency=0),
        "png alpha": _file(colour.convert("RGBA"), "PNG", icc_profile=icc, exif=exif),
        "png deep": _file(grey.convert("I;16"), "PNG"),
        "png animated": _file(grey, "PNG", **many),
        "webp lossy": _file(colour, "WEBP", quality=50, exif=exif),
        "webp lossless": _file(colour, "WEBP", lossless=True, icc_profile=icc),
        "webp animated": _file(colour, "WEBP", **many),
        "gif plain": _file(flat, "GIF"),
        "gif animated": _file(flat, "GIF", **many),
        "bmp colour": _file(colour, "BMP"),
        "heif colour": _file(colour, "HEIF", quality=60, exif=exif),
        "heif grey": _file(grey, "HEIF", quality=40),
        "avif colour": _file(colour, "AVIF", quality=60, speed=10, exif=exif),
        "avif animated": _file(colour, "AVIF", quality=30, speed=10, **many),
    }


def _turned() -> bytes:
    """Return EXIF that says the camera was held upright."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif.tobytes()


def _file(image: Image.Image, name: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, name, **options)
    return buffer.getvalue()


def _place(rng: random.Random, data: bytes) -> int:
    """Return an offset; every third near the start, where the headers are."""
    return rng.randrange(max(1, min(len(data), 200) if rng.random() < 0.3 else len(data)))


def _cut(rng: random.Random, data: bytes) -> bytes:
    return data[: _place(rng, data) + 1]


def _flip(rng: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice((1, 3, 20, 200))):
        changed[_place(rng, data)] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _overwrite(rng: random.Random, data: bytes) -> bytes:
    at = _place(rng, data)
    return data[:at] + rng.randbytes(rng.choice((1, 4, 64))) + data[at + 4 :]


def _number(rng: random.Random, data: bytes) -> bytes:
    """Put an extreme number where a length or a size may stand."""
    at, value = _place(rng, data), rng.choice(_EXTREMES)
    form = rng.choice((">I", "<I", ">H", "<H", "B"))
    value &= (1 << 8 * struct.calcsize(form)) - 1
    return data[:at] + struct.pack(form, value) + data[at + struct.calcsize(form) :]


def _number_behind_a_name(rng: random.Random, data: bytes) -> bytes:
    """Change what follows or precedes one of the names parsers look for."""
    names = [name for name in _INTERESTING if name in data]
    if not names:
        return _number(rng, data)
    at = data.index(rng.choice(names)) + rng.choice((-4, 2, 4, 5, 8, 12))
    if at < 0:
        return data
    return data[:at] + struct.pack(">I", rng.choice(_EXTREMES)) + data[at + 4 :]


def _repeat(rng: random.Random, data: bytes) -> bytes:
    at, length = _place(rng, data), rng.choice((8, 100, 2_000))
    return data[:at] + data[at : at + length] * rng.choice((2, 20, 200)) + data[at + length :]


def _remove(rng: random.Random, data: bytes) -> bytes:
    at = _place(rng, data)
    return data[:at] + data[at + rng.choice((1, 2, 8, 300)) :]


def _graft(rng: random.Random, data: bytes) -> bytes:
    """Begin as one file and go on as another."""
    other = rng.choice(list(whole_pictures().values()))
    return data[: _place(rng, data)] + other[_place(rng, other) :]


def _lie(rng: random.Random, data: bytes) -> bytes:
    """Wear the first bytes of another format."""
    other = rng.choice(list(whole_pictures().values()))
    length = rng.choice((3, 8, 12, 32))
    return other[:length] + data[length:]


def _junk(rng: random.Random, data: bytes) -> bytes:
    """Insert a JPEG or PNG block of nonsense behind the header."""
    body = rng.randbytes(rng.choice((0, 5, 500, 60_000)))
    if data[:2] == b"\xff\xd8":
        head = rng.choice(
            (b"Exif\0\0", b"ICC_PROFILE\0\x01\x01", b"http://ns.adobe.com/xap/1.0/\0")
        )
        marker = rng.choice((0xE0, 0xE1, 0xE2, 0xED, 0xEE, 0xFE))
        size = min(65_535, len(head) + len(body) + 2)
        return data[:2] + struct.pack(">BBH", 0xFF, marker, size) + head + body + data[2:]
    if data[:4] == b"\x89PNG":
        name = rng.choice((b"iCCP", b"eXIf", b"zTXt", b"iTXt", b"tEXt", b"gAMA", b"tRNS", b"fcTL"))
        return data[:33] + _chunk(name, b"x\0\0" + zlib.compress(body)) + data[33:]
    return data + body


def _chunk(name: bytes, body: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(name + body))
    return struct.pack(">I", len(body)) + name + body + check


def _png_of_zeros(rng: random.Random) -> bytes:
    """Seventeen million pixels in some ten thousand bytes, or more than allowed."""
    width, height = rng.choice(
        ((4_100, 4_100), (11_999, 1_400), (1_400, 11_999), (30_000, 30_000))
    )
    depth, kind = rng.choice(((8, 0), (8, 6), (16, 6), (1, 3), (16, 0)))
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, rng.choice((0, 1)))
    press = zlib.compressobj(9)
    pixels = b"".join(press.compress(bytes(1 << 20)) for _ in range(rng.choice((1, 20, 140))))
    palette = _chunk(b"PLTE", bytes(6)) if kind == 3 else b""
    blocks = palette + _chunk(b"IDAT", pixels + press.flush())
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + blocks + _chunk(b"IEND", b"")


def _png_of_text(rng: random.Random) -> bytes:
    """Text and profiles that swell a thousandfold when unpacked."""
    good = whole_pictures()["png grey"]
    swollen = zlib.compress(bytes(rng.choice((1, 30, 90)) << 20), 9)
    name, head = rng.choice(((b"zTXt", b"a\0\0"), (b"iCCP", b"a\0\0"), (b"iTXt", b"a\0\1\0\0\0")))
    return good[:33] + _chunk(name, head + swollen) * rng.choice((1, 8)) + good[33:]


def _gif_of_frames(rng: random.Random) -> bytes:
    """Thousands of frames, or one frame far larger than the screen it is on."""
    head = b"GIF89a" + struct.pack("<HH", *rng.choice(((100, 100), (4_000, 4_000))))
    size = rng.choice(((100, 100), (65_535, 65_535), (4_000, 4_000)))
    frame = b"," + struct.pack("<HHHH", 0, 0, *size) + b"\x00\x02\x02\x4c\x01\x00"
    return head + b"\x80\0\0" + b"\0\0\0\xff\xff\xff" + frame * rng.choice((1, 20_000)) + b";"


def _jpeg_of_scans(rng: random.Random) -> bytes:
    """A progressive JPEG whose last scans are repeated a thousand times."""
    data = whole_pictures()["jpeg progressive"]
    at = data.rindex(b"\xff\xda")
    return data[:at] + data[at:-2] * rng.choice((100, 3_000)) + data[-2:]


def _jpeg_of_padding(rng: random.Random) -> bytes:
    filler = rng.choice((b"\xff", b"\xff\xe0\0\x02", b"\xff\x01"))
    return b"\xff\xd8\xff" + filler * rng.choice((100_000, 2_500_000))


def _jpeg_of_size(rng: random.Random) -> bytes:
    """Seven thousand pixels a side declared, hardly any there."""
    data, side = bytearray(whole_pictures()["jpeg plain"]), rng.choice((7_000, 12_000, 65_000))
    at = data.index(b"\xff\xc0")
    struct.pack_into(">HH", data, at + 5, side, side)
    return bytes(data)


def _webp_of_canvas(rng: random.Random) -> bytes:
    """A canvas of the largest size with small frames on it."""
    data, side = bytearray(whole_pictures()["webp animated"]), rng.choice((4_000, 16_000))
    data[24:30] = (side - 1).to_bytes(3, "little") * 2
    return bytes(data)


def _heif_of_boxes(rng: random.Random) -> bytes:
    """Millions of empty boxes, or boxes in boxes, or sizes that lie."""
    data = whole_pictures()["heif colour"]
    at = data.index(b"meta") - 4
    way = rng.randrange(3)
    if way == 0:
        return data[:at] + b"\0\0\0\x08free" * 1_000_000 + data[at:]
    if way == 1:
        return data[:at] + b"\0\0\xff\xffmeta\0\0\0\0" * 5_000 + data[at:]
    spoilt, size = bytearray(data), rng.choice(((4_999, 4_999), (20, 60_000), (1 << 31, 1)))
    struct.pack_into(">II", spoilt, data.index(b"ispe") + 8, *size)
    return bytes(spoilt)


def _carpet(rng: random.Random) -> bytes:
    """A carpet of the smallest corner patterns: each pair of three may be a code."""
    tile = Image.new("L", (8, 8), 255)
    tile.paste(0, (0, 0, 7, 7))
    tile.paste(255, (1, 1, 6, 6))
    tile.paste(0, (2, 2, 5, 5))
    side = rng.choice((200, 800, 2_080))
    carpet = Image.new("L", (side, side), 255)
    for left in range(0, side, 8):
        for top in range(0, side, 8):
            carpet.paste(tile, (left, top))
    return _file(carpet.convert("1"), "PNG")


def _noise(rng: random.Random) -> bytes:
    side = rng.choice((64, 300, 900))
    return _file(Image.frombytes("L", (side, side), rng.randbytes(side * side)), "PNG")


_DAMAGES: dict[str, Callable[[random.Random, bytes], bytes]] = {
    "cut": _cut,
    "flip": _flip,
    "overwrite": _overwrite,
    "number": _number,
    "field": _number_behind_a_name,
    "repeat": _repeat,
    "remove": _remove,
    "graft": _graft,
    "lie": _lie,
    "junk": _junk,
}
_BOMBS: dict[str, Callable[[random.Random], bytes]] = {
    "png zeros": _png_of_zeros,
    "png text": _png_of_text,
    "gif frames": _gif_of_frames,
    "jpeg scans": _jpeg_of_scans,
    "jpeg padding": _jpeg_of_padding,
    "jpeg size": _jpeg_of_size,
    "webp canvas": _webp_of_canvas,
    "heif boxes": _heif_of_boxes,
    "carpet": _carpet,
    "noise": _noise,
}
