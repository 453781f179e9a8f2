"""Notices begun for the usual occasions: complete, and never sent with a blank."""

from __future__ import annotations

import re
from datetime import datetime, timezone

import pytest

from bot.core.notices.checks import OPENING, Words, blocking, check
from bot.core.notices.notice import HTTPS, Audience, Notice, Urgency
from bot.core.notices.templates import BLANK, blanks, pieces, read_templates
from bot.wiring.desk import read_words

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=timezone.utc)
LISTS = read_words("notices/templates")
CHECKS = read_words("notices/checks")
TOPICS = ("epidemic", "disaster", "outage", "traffic", "security", "policy", "recruitment",
          "public_service", "schedule")  # fmt: skip
FACTS = {"desk": "Bàn một cửa", "hotline": "0272 000 1022", "portal": "https://dvc.gov.vn"}
TEMPLATES = read_templates(LISTS, FACTS, TOPICS)
WORDS = Words.from_lists(CHECKS, dict.fromkeys(TOPICS, ()), lambda text: "xã" in text)
FILLED = {"giờ": "7 giờ", "ngày": "ngày 23/11", "xã": "xã Bến Lức"}


def by_slug(slug):
    return next(each for each in TEMPLATES if each.slug == slug)


def filled_in(text):
    """What a person would write into the blanks."""

    def word(match):
        return next((value for name, value in FILLED.items() if name in match[0]), "một hai")

    return BLANK.sub(word, text)


def codes(notice):
    return [finding.code for finding in blocking(check(notice, WORDS, {}, NOW))]


def test_every_usual_kind_has_its_occasion():
    slugs = [each.slug for each in TEMPLATES]
    assert len(set(slugs)) == len(slugs)
    assert {each.topic for each in TEMPLATES} == set(TOPICS)
    wanted = {"storm", "tide", "epidemic", "power", "water", "traffic", "scam", "policy"}
    assert wanted | {"military", "enrolment", "downtime", "reception", "holiday"} <= set(slugs)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda each: each.slug)
def test_an_occasion_is_complete_but_for_its_blanks(template):
    notice = template.begin("Tỉnh thử")

    assert all((template.name, template.when, template.hints))
    assert blanks(notice.title), "what, where and when are for a person to say"
    assert len(notice.title) <= 200
    assert 150 <= len(notice.body) <= 900
    assert all((notice.issuer, notice.hotline))
    assert not re.search(r"[{}]", f"{notice.title}{notice.body}{notice.issuer}{notice.url}")
    assert notice.audience == Audience(topics=(template.topic,))
    assert not notice.url or HTTPS.fullmatch(notice.url)
    assert all(len(line) <= 200 for line in notice.body.split("\n"))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda each: each.slug)
def test_a_blank_left_in_cannot_be_submitted_and_filled_in_it_can(template):
    begun = template.begin("Tỉnh thử")
    assert "blank_left" in codes(begun)
    texts = {name: filled_in(getattr(begun, name)) for name in ("title", "body", "issuer")}
    done = Notice(
        **texts,
        topic=begun.topic,
        audience=begun.audience,
        number="12/TB",
        document_date="22/11/2026",
        hotline=filled_in(begun.hotline),
        url=begun.url,
    )

    assert codes(done) == []
    late = [finding.code for finding in check(done, WORDS, {}, NOW)]
    assert not {"no_area_first", "no_time_first"} & set(late), f"first {OPENING} letters"


@pytest.mark.parametrize("name", ["title", "body", "issuer", "number", "document_date", "hotline"])
@pytest.mark.parametrize("blank", ["«tên xã»", "***", "****", "«chưa đóng", "«»"])
def test_a_blank_anywhere_blocks(name, blank):
    values = {"topic": "x", "title": "a", "body": "b", "issuer": "c", "number": "1"}
    notice = Notice(**{**values, name: f"ở {blank}"}, audience=Audience(topics=("x",)))

    found = next(each for each in check(notice, WORDS, {}, NOW) if each.code == "blank_left")
    assert found.blocks
    assert str(found.data["blank"]) in blank
    assert CHECKS["messages"]["blank_left"].format(**found.data)


def test_stars_and_marks_of_ordinary_text_are_no_blanks():
    assert blanks("Gọi *101# hoặc **in đậm**", "“Bão số 5” < 10 km >> xem") == ()


def test_facts_of_the_province_are_filled_in_and_missing_ones_are_blanks():
    assert FACTS["hotline"] in by_slug("downtime").body
    assert by_slug("downtime").issuer == FACTS["desk"]
    assert by_slug("downtime").url == FACTS["portal"]
    poor = {each.slug: each for each in read_templates(LISTS, {"desk": "Bàn"}, ("disaster",))}
    assert poor["downtime"].hotline == "«số đường dây nóng»"
    assert poor["downtime"].url == ""
    assert poor["downtime"].begin("x").audience.is_empty


def test_danger_at_any_hour_is_for_storms_alone():
    urgent = {each.slug for each in TEMPLATES if each.urgency is not Urgency.BULK}
    assert urgent == {"storm"}


def test_a_text_in_pieces_is_the_text():
    for template in TEMPLATES:
        assert "".join(piece for piece, _ in pieces(template.body)) == template.body
        marked = [piece for piece, is_blank in pieces(template.body) if is_blank]
        assert tuple(marked) == blanks(template.body)
