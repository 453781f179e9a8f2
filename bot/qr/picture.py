"""Opens a photo as grey pixels of workable sizes; runs only in the helper process."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image, ImageChops, ImageFile

from bot.core.errors import PhotoTooLarge, PhotoWrongType
from bot.qr.header import Header, check_size

CHAT_SIDE = 2_048  # pixels; what chat platforms send is not larger
WORKING_SIDE = 2_400  # pixels; larger brings nothing but time
_REDUCED_SIDE = 2_100  # what a larger one becomes
_DRAFT_SIDE = 1_800  # a JPEG reduced while decoding may end a little below the working side
_GLANCE_SIDE = 1_400  # what a picture larger than chat platforms send is first looked at

# What decoders raise for broken files; the text may quote the file.
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    KeyError,
    IndexError,
    EOFError,
    RuntimeError,
    struct.error,
)


class Pixels:
    """The first frame of one photo in mode ``L`` at the sizes asked for, decoded when asked.

    Each is a list: once, or on white and on black if transparent. All raise PhotoWrongType for
    bytes that cannot be decoded and PhotoTooLarge when they lied about their size.
    """

    def __init__(self, data: bytes, header: Header) -> None:
        self._data = data
        self._header = header
        self._side = max(header.width, header.height)
        self._whole: list[Image.Image] | None = None

    def glance(self) -> list[Image.Image]:
        """Return a picture larger than chat platforms send at half its size or less, else []."""
        shrink = 1
        while self._side > CHAT_SIDE and self._side // shrink > _GLANCE_SIDE:
            shrink *= 2
        return self._shrunk(shrink) if shrink > 1 else []

    def working(self) -> list[Image.Image]:
        """Return what all passes work on, reduced if larger than the working side."""
        shrink = 1
        while shrink < 8 and self._side >= _DRAFT_SIDE * shrink * 2:
            shrink *= 2
        drafted = self._shrunk(shrink) if self._header.format == "JPEG" else self.full()
        return [_reduced(grey) for grey in drafted]

    def full(self) -> list[Image.Image]:
        """Return every pixel there is."""
        if self._whole is None:
            self._whole = _opened(self._data, self._header, 1)
        return self._whole

    def _shrunk(self, shrink: int) -> list[Image.Image]:
        if self._header.format == "JPEG":  # its decoder shrinks cheaper than we can
            return _opened(self._data, self._header, shrink)
        return [grey.reduce(shrink) for grey in self.full()]


def _opened(data: bytes, header: Header, shrink: int) -> list[Image.Image]:
    if header.format == "HEIF":
        _learn_heif()
    try:
        with _cut_off_too(), Image.open(io.BytesIO(data), formats=[header.format]) as image:
            check_size(header.format, *image.size)
            if header.format == "JPEG":  # have the decoder skip colour and shrink on the way
                image.draft("L", (image.width // shrink, image.height // shrink))
            return _greys(image)
    except Image.DecompressionBombError as error:  # a frame larger than the declared picture
        raise PhotoTooLarge("a frame has too many pixels") from error
    except _BROKEN as error:
        raise PhotoWrongType("cannot be decoded") from error


@contextmanager
def _cut_off_too() -> Iterator[None]:
    """Decode what is there: phones on bad lines send photos with the last rows missing.

    The code is often in the rest. Elsewhere a picture that is cut off stays a broken one.
    """
    before = ImageFile.LOAD_TRUNCATED_IMAGES
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before


def _learn_heif() -> None:
    """Let Pillow open HEIC; the library is loaded when the first such photo comes."""
    import pillow_heif

    pillow_heif.options.THUMBNAILS = False
    pillow_heif.options.DECODE_THREADS = 2
    pillow_heif.register_heif_opener()


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
