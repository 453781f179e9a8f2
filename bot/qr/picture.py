"""Opens a photo as grey pixels of a workable size; runs only in the helper process."""

from __future__ import annotations

import io

from PIL import Image, ImageChops, ImageFile

from bot.core.errors import PhotoTooLarge, PhotoWrongType
from bot.qr.header import Header, check_size

WORKING_SIDE = 2_400  # pixels; larger brings nothing but time
_REDUCED_SIDE = 2_100  # what a larger one becomes
_DRAFT_SIDE = 1_800  # a JPEG reduced while decoding may end a little below the working side

# Phones on bad lines send photos with the last rows missing; the code is often in the rest.
ImageFile.LOAD_TRUNCATED_IMAGES = True


def open_grey(data: bytes, header: Header, *, full: bool = False) -> list[Image.Image]:
    """Return the first frame in mode ``L``: once, or on white and on black if transparent.

    A picture larger than the working side is reduced, unless ``full``. Raises PhotoWrongType for
    bytes that cannot be decoded and PhotoTooLarge when they lied about their size.
    """
    try:
        with Image.open(io.BytesIO(data), formats=[header.format]) as image:
            check_size(header.format, *image.size)
            if header.format == "JPEG" and not full:
                _draft(image)
            greys = _greys(image)
    except Image.DecompressionBombError as error:  # a frame larger than the declared picture
        raise PhotoTooLarge("a frame has too many pixels") from error
    except (OSError, SyntaxError, ValueError, KeyError, IndexError, EOFError) as error:
        # What Pillow's decoders raise for broken files; the text may quote the file.
        raise PhotoWrongType("cannot be decoded") from error
    return greys if full else [_reduced(grey) for grey in greys]


def _draft(image: Image.Image) -> None:
    """Have the JPEG decoder skip colour and reduce by 2, 4 or 8 while decoding."""
    scale = 1
    while scale < 8 and max(image.size) >= _DRAFT_SIDE * scale * 2:
        scale *= 2
    image.draft("L", (image.width // scale, image.height // scale))


def _greys(image: Image.Image) -> list[Image.Image]:
    if image.mode.startswith("I") or image.mode == "F":
        return [_stretched(image)]
    if "A" in image.mode or "transparency" in image.info:
        return _on_white_and_black(image.convert("LA"))
    return [image.convert("L")]


def _stretched(image: Image.Image) -> Image.Image:
    """Spread 16 bits (or 32) over 8; a plain conversion would cut everything above 255."""
    deep = image.convert("F")
    low, high = deep.getextrema()
    scale = 255.0 / max(1.0, float(high) - float(low))  # type: ignore[arg-type]
    return deep.point(lambda value: value * scale - low * scale).convert("L")  # type: ignore


def _on_white_and_black(image: Image.Image) -> list[Image.Image]:
    grey, alpha = image.split()
    on_black = ImageChops.multiply(grey, alpha)
    on_white = ImageChops.add(on_black, ImageChops.invert(alpha))
    return [on_white, on_black]


def _reduced(grey: Image.Image) -> Image.Image:
    if max(grey.size) <= WORKING_SIDE:
        return grey
    scale = _REDUCED_SIDE / max(grey.size)
    size = (max(1, round(grey.width * scale)), max(1, round(grey.height * scale)))
    return grey.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
