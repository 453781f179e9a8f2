"""Files of notices: told by their bytes, named without tricks, pictures drawn anew."""

from __future__ import annotations

import io
import random
import struct
import zlib

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from bot.core.notices.files import (
    LONGEST_NAME,
    MOST_DOCUMENT,
    MOST_PICTURE,
    FileRefused,
    check_document,
    check_picture,
    display_name,
    document_name,
    kind_of,
)
from bot.drawing.notice_picture import LARGEST_SIDE, MOST_PIXELS, redrawn


def a_picture(kind="JPEG", size=(64, 48), mode="RGB", **options):
    file = io.BytesIO()
    Image.new(mode, size, 120).save(file, kind, **options)
    return file.getvalue()


def noise(size, kind, **options):
    pixels = random.Random(5).randbytes(size[0] * size[1] * 3)
    file = io.BytesIO()
    Image.frombytes("RGB", size, pixels).save(file, kind, **options)
    return file.getvalue()


def chunk(name, body):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def a_bomb(width, height):
    """A PNG of a few hundred bytes that would fill the memory."""
    rows = zlib.compress(bytes(2_000_000), 9)
    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    parts = (chunk(b"IHDR", head), chunk(b"IDAT", rows), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def refused(work, data):
    with pytest.raises(FileRefused) as error:
        work(data)
    return error.value.code


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Công văn 12.pdf", "Công văn 12.pdf"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\system.ini", "system.ini"),
        ("C:\\Users\\Lan\\Bản tin.pdf", "Bản tin.pdf"),
        ("/etc/..", ""),
        ("..", ""),
        (".htaccess", "htaccess"),
        ("a\x00b\r\nSet-Cookie: x=1.pdf", "ab Set-Cookie: x=1.pdf"),
        ("bao\u202efdp.exe", "baofdp.exe"),
        ("\u2066a\u2069\u200b\ufeff.pdf", "a.pdf"),
        ("a\u2028b\u2029c.pdf", "a b c.pdf"),
        ("Co\u0302ng va\u0306n.pdf", "Công văn.pdf"),
        ("\ud800.pdf", "pdf"),
        ("  nhiều   khoảng\ttrắng .pdf ", "nhiều khoảng trắng .pdf"),
        ("<script>alert(1)</script>.pdf", "script>.pdf"),
    ],
)
def test_a_name_is_only_something_to_read(name, shown):
    assert display_name(name) == shown


@pytest.mark.parametrize("ending", ["", ".pdf", ".jpeg", "." + "x" * 300])
def test_a_long_name_keeps_its_ending_and_gets_short(ending):
    name = display_name("ă" * 500 + ending)
    assert len(name) == LONGEST_NAME
    if len(ending) < 6:
        assert name.endswith(ending)


@pytest.mark.parametrize("name", ["trang.html", "x.pdf.exe", "", "a" * 300, ".svg", "b.PDF"])
def test_a_document_is_always_called_one(name):
    shown = document_name(name, "van-ban")
    assert shown.lower().endswith(".pdf")
    assert len(shown) <= LONGEST_NAME


@pytest.mark.parametrize(
    "data",
    [
        b"<!doctype html><script>alert(1)</script>%PDF-1.7",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"\n%PDF-1.7",
        b"%pdf-1.7",
        b"PK\x03\x04",
        b"MZ\x90\x00",
        b"GIF89a",
        b"",
    ],
)
def test_what_is_no_document_by_its_bytes_is_none(data):
    assert refused(check_document, data) == "document_kind"
    assert refused(check_picture, data) == "picture_kind"


def test_a_document_may_be_ten_megabytes_and_a_picture_one():
    whole = b"%PDF-1.7" + bytes(MOST_DOCUMENT - 8)
    assert check_document(whole) == "application/pdf"
    assert refused(check_document, whole + b"x") == "document_large"
    assert refused(redrawn, b"\xff\xd8\xff" + bytes(MOST_PICTURE)) == "picture_large"
    assert refused(redrawn, whole[:1000]) == "picture_kind"


def test_nothing_but_pixels_is_left_of_a_picture():
    exif = Image.Exif()
    exif[0x010E] = "Nhà ông Ba"
    text = PngInfo()
    text.add_text("Comment", "Nhà ông Ba")
    text.add_itxt("XML:com.adobe.xmp", "Nhà ông Ba")
    icc = b"Nha ong Ba" * 20
    tail = b"<script>alert(1)</script>Nha ong Ba"
    given = {
        "image/jpeg": a_picture("JPEG", exif=exif, icc_profile=icc, comment=b"Nha ong Ba") + tail,
        "image/png": a_picture("PNG", pnginfo=text, icc_profile=icc, exif=exif) + tail,
    }
    for kind, data in given.items():
        drawn, is_kind = redrawn(data)
        assert is_kind == kind == kind_of(drawn)
        for trace in (b"Nha ong Ba", "Nhà".encode(), b"Exif", b"script", b"iCCP", b"tEXt"):
            assert trace not in drawn
        with Image.open(io.BytesIO(drawn)) as image:
            assert image.size == (64, 48)
            assert not image.getexif()
            assert not set(image.info) - {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_a_picture_taken_on_its_side_stands_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    drawn, _ = redrawn(a_picture("JPEG", size=(80, 40), exif=exif))
    with Image.open(io.BytesIO(drawn)) as image:
        assert image.size == (40, 80)


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("JPEG", "L"), ("JPEG", "CMYK"), ("PNG", "P"), ("PNG", "LA"), ("PNG", "RGBA"), ("PNG", "1"),
     ("PNG", "I;16")],
)  # fmt: skip
def test_pictures_of_every_mode_are_drawn(kind, mode):
    drawn, _ = redrawn(a_picture(kind, mode=mode))
    with Image.open(io.BytesIO(drawn)) as image:
        assert image.mode in ("RGB", "RGBA")


def test_a_bomb_is_refused_before_it_is_opened(monkeypatch):
    opened = []
    monkeypatch.setattr(Image.Image, "convert", lambda *_: opened.append(1))
    for width, height in ((30_000, 30_000), (10_000, 10_000), (60_000, 1_000), (4_000, 3_001)):
        data = a_bomb(width, height)
        assert len(data) < 10_000
        assert width * height > MOST_PIXELS
        assert refused(redrawn, data) == "picture_pixels"
    assert opened == []


def test_text_that_unpacks_to_very_much_is_refused_or_dropped():
    big = zlib.compress(bytes(80_000_000), 9)
    good = a_picture("PNG")
    evil = good[:33] + chunk(b"zTXt", b"Comment\0\0" + big) + good[33:]
    assert len(evil) < MOST_PICTURE
    assert refused(redrawn, evil) == "picture_broken"


@pytest.mark.parametrize("cut", range(10, 300, 23))
def test_a_broken_picture_is_refused(cut):
    for kind in ("JPEG", "PNG"):
        data = a_picture(kind)
        assert refused(redrawn, data[: min(cut, len(data) - 30)]) == "picture_broken"


def test_a_tiny_picture_is_refused():
    assert refused(redrawn, a_picture("PNG", size=(19, 400))) == "picture_small"


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_what_is_drawn_weighs_and_measures_little_enough(kind):
    size = (560, 560) if kind == "PNG" else (1_500, 700)
    given = noise(size, kind, **({} if kind == "PNG" else {"quality": 70}))
    assert len(given) <= MOST_PICTURE
    assert len(redrawn(given)[0]) <= MOST_PICTURE
    drawn, _ = redrawn(a_picture(kind, size=(3_000, 1_000)))
    with Image.open(io.BytesIO(drawn)) as image:
        assert max(image.size) == LARGEST_SIDE
