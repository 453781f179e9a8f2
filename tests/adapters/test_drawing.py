"""The timeline picture: a real PNG in every state, late told by more than colour."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
from PIL import Image, ImageDraw

from bot.core.dossiers.days import WorkCalendar
from bot.core.dossiers.facts import facts
from bot.core.dossiers.statuses import STATUSES
from bot.drawing.timeline import draw_timeline
from tests.builders import NOW, TODAY, ZONE, a_dossier
from tests.without_fonts import without_fonts

RED = (198, 40, 40)
LATE = {"promised_on": date(2026, 11, 18)}


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what the pen writes."""
    texts: list[str] = []
    write = ImageDraw.ImageDraw.text

    def noting(pen: Any, place: Any, text: str, **more: Any) -> None:
        texts.append(text)
        write(pen, place, text, **more)

    monkeypatch.setattr(ImageDraw.ImageDraw, "text", noting)
    return texts


def drawn(**more: Any) -> Image.Image:
    timeline = facts(a_dossier(**more), NOW, ZONE, WorkCalendar())["timeline"]
    return Image.open(io.BytesIO(draw_timeline(timeline, "H39.21-261102-0042", "Cập nhật")))


def reddish(image: Image.Image) -> int:
    colours = image.convert("RGB").getcolors(image.width * image.height) or []
    return sum(
        count
        for count, rgb in colours
        if all(abs(a - b) < 12 for a, b in zip(rgb, RED, strict=True))
    )


@pytest.mark.parametrize("number", [*STATUSES, None])
@pytest.mark.parametrize(
    "days",
    [
        {},
        LATE,
        {"promised_on": TODAY},
        {"promised_on": None, "received_on": None},
        {"finished_on": date(2026, 11, 12), "returned_on": date(2026, 11, 13)},
    ],
)
def test_every_state_makes_a_small_png(number: int | None, days: dict[str, Any]) -> None:
    image = drawn(status=number, status_label="Chờ liên thông thuế", **days)

    assert image.format == "PNG"
    assert image.width == 720


def test_late_is_another_colour_and_words(written: list[str]) -> None:
    assert reddish(drawn(**LATE)) > 2000
    assert {"!", "đã quá hẹn", "TRỄ HẸN 2 ngày làm việc", "18/11/2026"} <= set(written)


def test_what_is_not_late_has_none_of_it(written: list[str]) -> None:
    assert reddish(drawn()) == 0
    assert {"Hôm nay 20/11/2026", "Hẹn trả", "25/11/2026", "Còn 3 ngày làm việc"} <= set(written)
    assert "!" not in written


def test_today_is_not_marked_once_all_is_over(written: list[str]) -> None:
    drawn(status=10, returned_on=date(2026, 11, 13))

    assert not any(text.startswith("Hôm nay") for text in written)


def test_a_label_without_end_is_cut(written: list[str]) -> None:
    drawn(status=None, status_label="Chờ\nký duyệt " * 40)

    assert any(text.endswith("…") for text in written)


def test_without_a_known_font_the_words_lose_their_marks(
    written: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with without_fonts(monkeypatch):
        drawn(**LATE)

    assert "TRE HEN 2 ngay lam viec" in written


def test_the_same_way_makes_the_same_picture() -> None:
    assert drawn().tobytes() == drawn().tobytes()
