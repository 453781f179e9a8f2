"""Pictures of notices, drawn anew: nothing but pixels is left of what was uploaded."""

from __future__ import annotations

import io
import struct

from PIL import Image, ImageOps

from bot.core.notices.files import JPEG, MOST_PICTURE, FileRefused, check_picture

MOST_PIXELS = 12_000_000  # some 50 MB while it is decoded
LEAST_SIDE = 20  # pixels
LARGEST_SIDE = 1_600  # pixels; telephones show no more
_SMALLER = (LARGEST_SIDE, 1_200, 900, 600)  # pixels, until it weighs little enough
_QUALITY = 85
# What decoders raise for broken files; the text may quote the file.
_BROKEN = (
    *(OSError, SyntaxError, ValueError, KeyError, IndexError, EOFError, RuntimeError),
    *(OverflowError, struct.error),
)
_BOMB = (Image.DecompressionBombError, Image.DecompressionBombWarning)


def redrawn(data: bytes) -> tuple[bytes, str]:
    """Return a picture without metadata, upright, at most 1600 pixels a side, and its type.

    Raises FileRefused: too many bytes, no JPEG or PNG, too many or too few pixels, or broken.
    """
    kind = check_picture(data)
    try:
        pixels = _pixels(data, "JPEG" if kind == JPEG else "PNG")
    except _BOMB as error:  # a declared size that Pillow itself does not even look at
        raise FileRefused("picture_pixels") from error
    except _BROKEN as error:
        raise FileRefused("picture_broken") from error
    for side in _SMALLER:
        pixels.thumbnail((side, side))
        drawn = _written(pixels, kind)
        if len(drawn) <= MOST_PICTURE:
            return drawn, kind
    raise FileRefused("picture_large")


def _pixels(data: bytes, name: str) -> Image.Image:
    """Decode, after a look at the size the file declares."""
    with Image.open(io.BytesIO(data), formats=[name]) as image:
        if image.width * image.height > MOST_PIXELS:
            raise FileRefused("picture_pixels")
        if min(image.size) < LEAST_SIDE:
            raise FileRefused("picture_small")
        if name == "JPEG":
            image.draft("RGB", (LARGEST_SIDE, LARGEST_SIDE))
        upright = ImageOps.exif_transpose(image)
        clear = name == "PNG" and ("A" in image.mode or "transparency" in image.info)
        return upright.convert("RGBA" if clear else "RGB")


def _written(pixels: Image.Image, kind: str) -> bytes:
    bare = Image.new(pixels.mode, pixels.size)  # has no metadata that could be written along
    bare.paste(pixels)
    file = io.BytesIO()
    if kind == JPEG:
        bare.save(file, "JPEG", quality=_QUALITY, optimize=True)
    else:
        bare.save(file, "PNG", optimize=True)
    return file.getvalue()
