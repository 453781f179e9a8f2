"""A digest as citizens read it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from zoneinfo import ZoneInfo

from bot.core.announcements.announcement import Announcement
from bot.core.announcements.digest import MOST, DigestWords, Gathered
from bot.core.announcements.pages import Pages
from bot.settings import Settings
from bot.wiring.desk import build_wording

NOW = datetime(2026, 11, 22, 0, 0, tzinfo=timezone.utc)
MADE = Announcement(
    1, "outage", "Cúp điện ngày 24/11", "Từ 8 giờ.", "Điện lực", NOW, code="AB3CD4E"
)
WORDS = DigestWords(
    build_wording(Settings()), ZoneInfo("Asia/Ho_Chi_Minh"), Pages("https://long-an.example")
)


def test_each_notice_is_told_with_issuer_day_code_and_page() -> None:
    text = WORDS.reply([Gathered(MADE)]).text

    assert "1. Cúp điện ngày 24/11\nĐiện lực, 22/11/2026, mã AB3CD4E" in text
    assert "https://long-an.example/n/AB3CD4E" in text
    assert "nhắn DỪNG" in text


def test_what_was_put_right_is_told_as_it_is_now() -> None:
    right = replace(MADE, id=2, title="Cúp điện ngày 25/11", code="ZY9XW8V", corrects=1)

    text = WORDS.reply([Gathered(MADE, right)]).text

    assert "1. ĐÍNH CHÍNH: Cúp điện ngày 25/11" in text
    assert "Cúp điện ngày 24/11" not in text
    assert "thay cho tin mã AB3CD4E" in text
    assert "https://long-an.example/n/ZY9XW8V" in text
    assert "/n/AB3CD4E" not in text


def test_what_does_not_fit_is_counted() -> None:
    text = WORDS.reply([Gathered(replace(MADE, id=number)) for number in range(MOST + 3)]).text

    assert f"{MOST}. " in text
    assert f"{MOST + 1}. " not in text
    assert "Và 3 tin khác: https://long-an.example/thong-bao" in text
