"""Photos are read in the helper process: every kind of code, every kind of picture."""

from __future__ import annotations

import io
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image

from bot.core.errors import PhotoUnavailable
from bot.core.photos.payload import Payload, PayloadKind
from bot.qr.draw import draw_image
from bot.qr.read import read_photo
from bot.qr.reader import PhotoReader
from tests import receipts

CODE, OTHER_CODE = "H53.16-260916-0012", "000.00.19.H39-210915-0001"
SIGNED = f"https://motcua.tayninh.gov.vn/q/{CODE}.k1.Zm9vYmFyMTIzNDU2Nzg5MA"
IDENTITY = "080095001234|301234567|NGUYỄN VĂN AN|17051995|Nam|Ấp 3, xã Bến Lức|10052021"


@pytest.fixture(scope="module")
def reader() -> Iterator[PhotoReader]:
    with closing(PhotoReader(patience=20)) as reader:
        yield reader


@pytest.mark.parametrize("payload", [CODE, SIGNED, OTHER_CODE])
def test_an_undamaged_receipt_is_read(reader: PhotoReader, payload: str) -> None:
    reading = reader.read(receipts.a_receipt(CODE, payload))

    assert [code.value for code in reading.codes] == [payload if payload == OTHER_CODE else CODE]
    assert not reading.blurred_code_seen
    assert (reading.width, reading.height) == (1654, 2339)


def test_two_receipts_in_one_photo_give_two_codes(reader: PhotoReader) -> None:
    reading = reader.read(receipts.a_code_picture(CODE, OTHER_CODE))

    assert {code.value for code in reading.codes} == {CODE, OTHER_CODE}


def test_the_same_code_twice_is_one_code(reader: PhotoReader) -> None:
    reading = reader.read(receipts.a_code_picture(CODE, SIGNED))

    assert [code.value for code in reading.codes] == [CODE]


def test_a_page_without_a_code_gives_nothing(reader: PhotoReader) -> None:
    reading = reader.read(receipts.a_page_without_code())

    assert reading.payloads == ()
    assert not reading.blurred_code_seen


def test_a_blurred_code_is_seen_though_not_read(reader: PhotoReader) -> None:
    reading = reader.read(receipts.a_blurred_receipt())

    assert reading.payloads == ()
    assert reading.blurred_code_seen


@pytest.mark.parametrize(
    ("payload", "wanted"),
    [
        ("https://dichvucong.gov.vn/", Payload(PayloadKind.LINK, host="dichvucong.gov.vn")),
        ("HS4808012345678|4e67|17/05/1995|1|", Payload(PayloadKind.HEALTH_CARD)),
        ("00020101021238540010A000000727", Payload(PayloadKind.PAYMENT)),
        ("WIFI:S:UBND;T:WPA;P:x;;", Payload(PayloadKind.OTHER)),
        ("1.001193", Payload(PayloadKind.PROCEDURE, procedure="1.001193")),
    ],
)
def test_other_codes_are_told_apart(reader: PhotoReader, payload: str, wanted: Payload) -> None:
    assert reader.read(receipts.a_code_picture(payload)).payloads == (wanted,)


def test_an_identity_card_leaves_no_trace(
    reader: PhotoReader, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    reading = reader.read(receipts.a_code_picture(IDENTITY))

    assert reading.payloads == (Payload(PayloadKind.IDENTITY_CARD),)
    for word in IDENTITY.split("|"):
        assert word not in repr(reading)
        assert word not in caplog.text


def _as(name: str, mode: str = "L") -> bytes:
    buffer = io.BytesIO()
    draw_image(CODE, 6).convert(mode).save(buffer, name)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        _as("PNG", "1"),
        _as("PNG", "P"),
        _as("PNG", "LA"),
        _as("PNG", "I;16"),
        _as("JPEG", "CMYK"),
        _as("WEBP", "RGB"),
        _as("GIF", "P"),
        _as("BMP", "RGB"),
    ],
    ids=["1 bit", "palette", "grey alpha", "16 bit", "cmyk", "webp", "gif", "bmp"],
)
def test_every_format_and_mode_is_read(reader: PhotoReader, data: bytes) -> None:
    assert [code.value for code in reader.read(data).codes] == [CODE]


@pytest.mark.parametrize("ink", [0, 255], ids=["black on nothing", "white on nothing"])
def test_a_transparent_picture_is_read_on_white_and_on_black(
    reader: PhotoReader, ink: int
) -> None:
    mask = draw_image(CODE, 6).point(lambda value: 255 - value)
    image = Image.new("LA", mask.size, (ink, 0))
    image.putalpha(mask)

    assert [code.value for code in reader.read(receipts.as_png(image)).codes] == [CODE]


def test_only_the_first_frame_is_read(reader: PhotoReader) -> None:
    first, second = draw_image(CODE, 6), draw_image("H53.16-260917-0099", 6)
    buffer = io.BytesIO()
    first.save(buffer, "GIF", save_all=True, append_images=[second])

    assert [code.value for code in reader.read(buffer.getvalue()).codes] == [CODE]


def test_a_large_photo_is_reduced_and_read(reader: PhotoReader) -> None:
    page = draw_image(CODE, 6).resize((5_600, 5_600), Image.Resampling.NEAREST)

    reading = reader.read(receipts.as_jpeg(page, 60))

    assert [code.value for code in reading.codes] == [CODE]
    assert (reading.width, reading.height) == (5_600, 5_600)


def test_no_pass_starts_after_the_budget() -> None:
    ticks = iter(range(100))

    reading = read_photo(receipts.a_code_picture(CODE), budget=0.5, clock=lambda: next(ticks))

    assert reading.payloads == ()


def test_hard_photos_are_never_read_wrongly(reader: PhotoReader) -> None:
    photos = [receipts.hard_photo(seed) for seed in range(6)]

    readings = [reader.read(photo.data) for photo in photos]

    for photo, reading in zip(photos, readings, strict=True):
        assert {code.value for code in reading.codes} <= set(photo.codes)
    assert any(reading.codes for reading in readings)


def test_several_threads_share_one_helper(reader: PhotoReader) -> None:
    codes = [f"H53.16-260916-{number:04}" for number in range(12)]

    with ThreadPoolExecutor(4) as pool:
        readings = list(pool.map(lambda code: reader.read(receipts.a_code_picture(code)), codes))

    assert [reading.codes[0].value for reading in readings] == codes


def test_a_killed_helper_is_replaced(reader: PhotoReader) -> None:
    reader.read(receipts.a_code_picture(CODE))
    killed = reader.helper_pid
    assert killed is not None

    os.kill(killed, signal.SIGKILL)
    os.waitid(os.P_PID, killed, os.WEXITED | os.WNOWAIT)

    assert reader.read(receipts.a_code_picture(CODE)).codes
    assert reader.helper_pid != killed


def test_a_picture_that_takes_too_long_costs_only_itself() -> None:
    with closing(PhotoReader(patience=0.001)) as hasty:
        hasty.start()
        first = hasty.helper_pid

        with pytest.raises(PhotoUnavailable):
            hasty.read(receipts.a_receipt())

        assert hasty.helper_pid not in {first, None}


def test_a_closed_reader_reads_nothing() -> None:
    reader = PhotoReader()
    reader.close()

    with pytest.raises(PhotoUnavailable):
        reader.read(receipts.a_code_picture(CODE))


def test_the_helper_sees_no_settings_and_may_write_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MOTCUA_SECRET_KEY", "not-for-helpers")

    with closing(PhotoReader(patience=20)) as reader:
        reader.read(receipts.a_code_picture(CODE))
        folder = Path(f"/proc/{reader.helper_pid}")
        environment, limits = (folder / "environ").read_bytes(), (folder / "limits").read_text()

    assert b"not-for-helpers" not in environment
    assert any(
        line.split()[3:5] == ["0", "0"] for line in limits.splitlines() if "file size" in line
    )
    assert str(768 * 1024 * 1024) in limits


def test_the_helper_loads_neither_rasa_nor_numpy() -> None:
    program = "import bot.qr.helper, sys; print(*{name.split('.')[0] for name in sys.modules})"

    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.split()

    assert "zxingcpp" in loaded
    assert not {"rasa", "rasa_sdk", "tensorflow", "sklearn", "numpy", "sqlalchemy"} & set(loaded)
