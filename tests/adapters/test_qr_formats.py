"""Every format phones and apps save photos in, whichever way the camera was held."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing

import pillow_heif
import pytest
from PIL import Image

from bot.core.errors import PhotoTooLarge, PhotoWrongType
from bot.qr.draw import draw_image
from bot.qr.header import Header, read_header
from bot.qr.read import read_photo
from bot.qr.reader import PhotoReader
from tests import receipts

CODE, OTHER_CODE = "H53.16-260916-0012", "H53.16-260917-0099"

pillow_heif.register_heif_opener()


@pytest.fixture(scope="module")
def reader() -> Iterator[PhotoReader]:
    with closing(PhotoReader(patience=20)) as reader:
        yield reader


def _file(image: Image.Image, name: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, name, **options)
    return buffer.getvalue()


def _heif(width: int = 400, height: int = 300) -> bytes:
    return _file(Image.new("RGB", (width, height)), "HEIF", quality=20)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
@pytest.mark.parametrize("name", ["HEIF", "AVIF"])
def test_heic_and_avif_are_read(reader: PhotoReader, name: str, mode: str) -> None:
    image = draw_image(CODE, 6).convert(mode)

    reading = reader.read(_file(image, name, quality=70))

    assert [code.value for code in reading.codes] == [CODE]
    assert (reading.width, reading.height) == image.size


@pytest.mark.parametrize("name", ["GIF", "PNG", "WEBP", "AVIF", "HEIF"])
def test_of_an_animated_picture_only_the_first_frame_is_read(
    reader: PhotoReader, name: str
) -> None:
    first, second = draw_image(CODE, 6).convert("RGB"), draw_image(OTHER_CODE, 6).convert("RGB")
    data = _file(first, name, save_all=True, append_images=[second] * 5)

    assert [code.value for code in reader.read(data).codes] == [CODE]


@pytest.mark.parametrize("held", range(1, 9))
def test_it_does_not_matter_how_the_camera_was_held(held: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = held
    turned = Image.new("L", (700, 500), 230)
    turned.paste(draw_image(CODE, 6), (60, 40))
    undo = [None, 0, 1, 3, 5, 4, 6, 2][held - 1]
    if undo is not None:
        turned = turned.transpose(Image.Transpose(undo))

    for name in ("JPEG", "WEBP", "HEIF"):
        reading = read_photo(_file(turned.convert("RGB"), name, exif=exif.tobytes()), 10)
        assert [code.value for code in reading.codes] == [CODE]


@pytest.mark.parametrize("progressive", [True, False])
def test_a_jpeg_with_exif_and_a_colour_profile_is_read(progressive: bool) -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0131] = "Maker", "Model" * 200, "Program"
    data = _file(
        draw_image(CODE, 6).convert("RGB"),
        "JPEG",
        exif=exif.tobytes(),
        icc_profile=bytes(300_000),
        progressive=progressive,
    )

    assert [code.value for code in read_photo(data, 10).codes] == [CODE]


def test_a_large_scan_is_read_at_a_glance_and_at_full_size() -> None:
    large, fine = Image.new("L", (2_600, 2_600), 255), Image.new("L", (3_000, 3_000), 255)
    large.paste(draw_image(CODE, 8), (900, 900))
    fine.paste(draw_image(CODE, 2), (900, 900))  # lost when the picture is reduced

    for image in (large, fine):
        for data in (receipts.as_png(image), receipts.as_jpeg(image, 90)):
            assert [code.value for code in read_photo(data, 10).codes] == [CODE]


def test_the_sizes_of_heic_and_avif_are_read_before_anything_is_decoded() -> None:
    assert read_header(_heif()) == Header("HEIF", 400, 300)
    avif = _file(Image.new("RGB", (321, 123)), "AVIF", quality=20)
    assert read_header(avif) == Header("AVIF", 321, 123)


@pytest.mark.parametrize("size", [(4_200, 6_100), (12_001, 30), (1 << 31, 1 << 31)])
def test_heic_with_too_many_pixels_is_refused_unopened(size: tuple[int, int]) -> None:
    data = bytearray(_heif())
    at = data.index(b"ispe") + 8
    data[at : at + 8] = size[0].to_bytes(4, "big") + size[1].to_bytes(4, "big")

    with pytest.raises(PhotoTooLarge):
        read_header(bytes(data))


@pytest.mark.parametrize(
    "data",
    [
        b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(64),
        b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64),
        b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0\0\0\x08free" * 300_000,
        b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0\0\0\x01meta" + bytes(7),
        b"\0\0\0\x18ftypavif\0\0\0\0mif1avif" + b"\0\0\0\x0cmeta\0\0\0\0",
        b"\xff\xd8\xff" + b"\xff" * 3_000_000,
        b"\xff\xd8\xff" + b"\xff\xe0\0\x02" * 1_000_000,
    ],
    ids=["film", "empty", "boxes", "short", "no sizes", "padding", "segments"],
)
def test_headers_made_to_lead_nowhere_are_left_soon(data: bytes) -> None:
    with pytest.raises(PhotoWrongType):
        read_header(data)


def test_a_heic_nobody_can_decode_is_the_wrong_type(reader: PhotoReader) -> None:
    data = _file(draw_image(CODE, 6).convert("RGB"), "HEIF")

    with pytest.raises(PhotoWrongType):
        reader.read(data.replace(b"hvcC", b"free"))


def test_the_heic_library_is_loaded_by_the_first_heic_only() -> None:
    program = (
        "import io, sys; from bot.qr.helper import _answer\n"
        "_answer(sys.stdin.buffer.read(int(sys.argv[1])))\n"
        "before = 'pillow_heif' in sys.modules\n"
        "_answer(sys.stdin.buffer.read())\n"
        "print(before, 'pillow_heif' in sys.modules, 'numpy' in sys.modules)"
    )
    png, heif = receipts.a_code_picture(CODE), _heif()

    told = subprocess.run(
        [sys.executable, "-c", program, str(len(png))],
        input=png + heif,
        capture_output=True,
        check=True,
    ).stdout

    assert told.split() == [b"False", b"True", b"False"]
