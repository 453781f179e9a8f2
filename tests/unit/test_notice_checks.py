"""Is a notice fit to be sent: order, source, hotline, length."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from bot.core.announcements.announcement import Topic
from bot.core.notices import checks
from bot.core.notices.checks import OPENING, Words, blocking, check
from bot.core.notices.notice import Audience, Notice, Urgency
from bot.core.notices.words import NoticeWords
from bot.wiring.desk import read_words
from bot.wording import TemplateWording

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=timezone.utc)
LISTS = read_words("notices/checks")
WORDS = Words.from_lists(
    LISTS, {"disaster": ("bão", "lũ"), "policy": ()}, lambda text: "xã bến lức" in text
)


def a_notice(**changes):
    values = {
        "topic": "disaster",
        "title": "Mưa lớn ở xã Bến Lức chiều nay",
        "body": "Bà con kê cao đồ đạc.",
        "issuer": "Đài Khí tượng",
        "number": "12/TB",
        "document_date": "22/11/2026",
        "hotline": "114",
        "audience": Audience(topics=("disaster",)),
    }
    return Notice(**{**values, **changes})


def codes(notice, lengths=None):
    return [finding.code for finding in check(notice, WORDS, lengths or {}, NOW)]


def test_a_good_notice_has_nothing_to_remark():
    assert codes(a_notice()) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"title": "Thông báo"}, "no_area_first"),
        ({"title": "Mưa lớn chiều nay"}, "no_area_first"),
        ({"title": "Mưa lớn ở xã Bến Lức"}, "no_time_first"),
        ({"title": "Xã Bến Lức chiều nay"}, "no_phenomenon_first"),
        ({"body": "", "title": "Lũ ở xã Bến Lức lúc 15h30"}, "no_body"),
        ({"issuer": " "}, "no_issuer"),
        ({"number": "", "document_date": ""}, "no_source"),
        ({"document_date": ""}, "no_document_date"),
        ({"hotline": ""}, "no_hotline"),
        ({"url": "http://a.gov.vn"}, "not_https"),
        ({"url": "https://dichvucong.gov.vn@evil.example/x"}, "not_https"),
        ({"url": "https://evil.example\\.gov.vn"}, "not_https"),
        ({"url": "https://a.gov.vn/x\\y"}, "not_https"),
        ({"url": "https://[x"}, "not_https"),
        ({"url": "https://a.gov.vn:٤٤٣/x"}, "not_https"),
        ({"url": "https://gov.vn.example.org/x"}, "not_official"),
        ({"audience": Audience()}, "no_audience"),
        ({"audience": Audience(everyone=True)}, "emergency_only"),
        ({"body": "a\n===\nb"}, "cut_line"),
        ({"expires_at": NOW}, "expires_first"),
        ({"send_at": NOW - timedelta(hours=1)}, "send_at_past"),
        ({"urgency": Urgency.URGENT}, "no_expiry"),
    ],
)
def test_what_is_wrong_is_found(change, code):
    assert code in codes(a_notice(**change))


def test_what_stands_too_late_is_not_first():
    late = a_notice(title="Thông báo", body="x" * OPENING + " bão ở xã Bến Lức chiều nay")

    assert {"no_phenomenon_first", "no_area_first", "no_time_first"} <= set(codes(late))


@pytest.mark.parametrize(
    "moment", ["15 giờ", "15h", "7:30", "ngày 3", "3/12", "thứ hai", "Đêm nay"]
)
def test_moments_are_known_however_they_are_written(moment):
    assert codes(a_notice(title=f"Bão, xã Bến Lức, {moment}")) == []


def test_an_urgent_notice_without_a_number_to_call_is_not_submitted():
    found = check(a_notice(urgency=Urgency.URGENT, hotline=""), WORDS, {}, NOW)

    assert [finding.code for finding in blocking(found)] == ["no_hotline"]
    assert found[0].blocks


def test_length_is_counted_as_citizens_get_it():
    class Topics:
        def find(self, text):
            return Topic("disaster", "Thiên tai", ())

    words = NoticeWords(TemplateWording(), Topics(), lambda announcement_id: "")
    long = a_notice(body="x" * 1750)
    lengths = words.lengths(long, ["zalo", "web"], NOW)

    assert lengths["zalo"] > 1750
    assert codes(long, lengths) == []
    longer = a_notice(body="x" * 1990)
    assert codes(longer, words.lengths(longer, ["zalo", "web"], NOW)) == ["too_long"]


def test_every_finding_has_its_words():
    said = set(re.findall(r'Finding\("(\w+)"', Path(checks.__file__).read_text(encoding="utf-8")))

    assert said | {"no_title", "no_body", "no_issuer"} == set(LISTS["messages"])


def test_every_refusal_has_its_words():
    folder = Path(checks.__file__).parents[2]
    text = "".join(path.read_text(encoding="utf-8") for path in folder.rglob("*.py"))

    said = set(re.findall(r'NoticeRefused\("(\w+)"', text))

    assert said <= set(read_words("notices/refusals"))


def test_the_message_reads_well_to_everybody_it_may_reach():
    class Topics:
        def find(self, text):
            return Topic("disaster", "Thiên tai", ())

    words = NoticeWords(TemplateWording(), Topics(), lambda announcement_id: "ACD3467")
    shown = words.preview(a_notice(url="https://a.gov.vn/12"), NOW, "HKL4679")
    everyone = words.preview(
        a_notice(audience=Audience(everyone=True), urgency=Urgency.EMERGENCY), NOW
    )
    erratum = words.preview(a_notice(audience=Audience(corrects=1)), NOW)

    assert "Nguồn: Đài Khí tượng, số 12/TB ngày 22/11/2026" in shown.text
    assert "Mã tin: HKL4679" in shown.text
    assert "đã chọn chủ đề Thiên tai" in shown.text
    assert [button.url for button in shown.buttons] == ["https://a.gov.vn/12"]
    assert everyone.text.startswith("‼ KHẨN: ")
    assert "chủ đề" not in everyone.text
    assert erratum.text.startswith("ĐÍNH CHÍNH: ")
    assert "đã nhận tin ACD3467" in erratum.text
