"""When nothing can be read the bot knows why, and says what to do better."""

from __future__ import annotations

from contextlib import closing

import pytest
from PIL import Image

from bot.core.conversation.payloads import parse_payload
from bot.core.photos.payload import Trouble
from bot.qr.draw import draw_image
from bot.qr.finders import find_finders
from bot.qr.frames import reading_as_json
from bot.qr.header import read_header
from bot.qr.picture import Pixels
from bot.qr.read import read_photo
from bot.qr.reader import PhotoReader
from bot.qr.trouble import why
from tests import receipts
from tests.builders import WORDING
from tests.photo_kinds import spoilt_photo

CODE = "H53.16-260916-0012"
TROUBLES = [trouble for trouble in Trouble if trouble]


@pytest.mark.parametrize("trouble", TROUBLES)
def test_the_reason_is_told_in_most_photos(trouble: Trouble) -> None:
    photos = [spoilt_photo(trouble, seed).data for seed in range(500, 504)]

    told = [why(Pixels(data, read_header(data)).working()[0], ()) for data in photos]

    assert told.count(trouble) >= 3


def test_what_was_read_is_no_trouble() -> None:
    assert read_photo(receipts.a_code_picture(CODE), 5).trouble is Trouble.NONE
    assert read_photo(receipts.a_code_picture("WIFI:S:UBND;;"), 5).trouble is Trouble.NONE


def test_the_reason_comes_back_from_the_helper() -> None:
    with closing(PhotoReader(patience=20)) as reader:
        assert reader.read(receipts.a_blurred_receipt()).trouble is Trouble.BLURRED
        assert reader.read(receipts.a_page_without_code()).trouble is Trouble.NO_CODE


@pytest.mark.parametrize("turn", [0, 20, 45, 70])
def test_all_three_corners_of_a_code_are_found(turn: int) -> None:
    page = Image.new("L", (700, 700), 220)
    code = draw_image(CODE, 8)
    page.paste(code, (150, 150))
    page = page.rotate(turn, Image.Resampling.BICUBIC, fillcolor=220)

    corners = find_finders(page)

    assert len(corners) == 3
    assert all(6 < corner.module < 12 for corner in corners)


def test_half_a_code_has_only_some_of_its_corners() -> None:
    code = draw_image(CODE, 8)
    half = code.crop((0, 0, code.width // 2, code.height))

    assert len(find_finders(half)) == 2
    assert why(half, ()) is Trouble.CUT_OFF


@pytest.mark.parametrize("level", [0, 128, 255])
@pytest.mark.parametrize("size", [(20, 20), (20, 4_000), (900, 900)])
def test_a_picture_of_nothing_is_judged_too(level: int, size: tuple[int, int]) -> None:
    wanted = Trouble.DARK if level == 0 else Trouble.BLURRED

    assert why(Image.new("L", size, level), ()) is wanted


@pytest.mark.parametrize("trouble", TROUBLES)
def test_every_reason_has_advice_and_offers_typing(trouble: Trouble) -> None:
    (reply,) = WORDING.replies(f"photos/{trouble.value}")

    assert reply.text.startswith("Dạ")
    assert "gõ mã hồ sơ" in reply.text
    asked = [parse_payload(button.payload) for button in reply.buttons if button.payload]
    assert [payload.intent for payload in asked if payload] == ["lookup_dossier", "ask_qr_help"]


def test_advice_differs_by_reason() -> None:
    told = {WORDING.replies(f"photos/{trouble.value}")[0].text for trouble in TROUBLES}

    assert len(told) == len(TROUBLES)


def test_the_way_back_carries_no_text_of_a_code() -> None:
    secret = "javascript:alert(document.cookie)"

    assert b"javascript" not in reading_as_json(read_photo(receipts.a_code_picture(secret), 5))
