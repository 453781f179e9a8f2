"""The editor: what citizens would see on each channel while one writes, templates, who gets it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest

from bot.console.notice_words import notice_words
from bot.core.dossiers.statuses import STATUSES
from bot.core.notices.checks import MOST_TEXT, Words, check
from bot.core.notices.notice import Notice
from bot.core.staff.roles import Role
from bot.wiring.desk import read_words
from tests.adapters.console_parts import Browser
from tests.adapters.editor_parts import NEW, PREVIEW, SHOWN, EditorPages, send
from tests.adapters.notice_pages import do, path

LINK = "https://tayninh.gov.vn/tin"


@pytest.fixture
def console(tmp_path: Path) -> Iterator[EditorPages]:
    made = EditorPages(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def lan(console: EditorPages) -> Browser:
    return console.logged_in("lan", [Role.AUTHOR])


def tab(page: str, channel: str) -> str:
    """What the preview shows of one channel."""
    found = re.search(
        rf'id="shown-{channel}".*?(?=<input class="hush" type="radio"|\Z)', page, re.S
    )
    assert found, channel
    return found[0]


def test_the_preview_is_a_piece_of_a_page_and_keeps_nothing(
    console: EditorPages, lan: Browser
) -> None:
    answer = lan.submit(NEW, PREVIEW, **{**SHOWN, "title": "Mưa & <b>gió</b> ở xã Một"})

    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert "Mưa &amp; &lt;b&gt;gió&lt;/b&gt; ở xã Một" in answer.text
    assert "Nguồn: Đài Khí tượng, số 12/TB ngày 22/11/2026" in answer.text
    assert console.store.drafts.page() == []


def test_the_preview_is_what_the_page_shows(console: EditorPages, lan: Browser) -> None:
    piece = lan.submit(NEW, PREVIEW, **SHOWN).text
    page = lan.submit(NEW, NEW, **SHOWN, only_preview="1").text

    assert "bubble" in piece
    assert piece.strip() in page


def test_each_channel_shows_what_it_would(console: EditorPages, lan: Browser) -> None:
    page = lan.submit(NEW, PREVIEW, **{**SHOWN, "url": LINK}).text

    letters = [int(found) for found in re.findall(r"(\d+)(?: / 2\.000)? ký tự,", page)]
    web, zalo, bot = (tab(page, name) for name in ("web", "zalo", "zalo_bot"))
    for each in (web, zalo):
        assert '<div class="tap">Xem trang chính thức' in each
    assert "/ 2.000 ký tự, 1/5 nút, 1 tin nhắn" in zalo
    assert "ký tự, 1 nút, 1 tin nhắn" in web
    assert "/ 2.000" not in web
    assert 'class="tap"' not in bot
    assert f"Xem trang chính thức: {LINK}" in bot
    assert " nút" not in bot
    assert letters[0] == letters[1] < letters[2]


def test_only_the_chosen_channels_are_shown(console: EditorPages, lan: Browser) -> None:
    page = lan.submit(NEW, PREVIEW, **SHOWN, channels="zalo").text

    assert 'name="channel_shown"' not in page
    assert "/ 2.000 ký tự, 0/5 nút, 1 tin nhắn" in page


def test_a_message_beyond_one_bubble_is_shown_in_two_and_warned_of(
    console: EditorPages, lan: Browser
) -> None:
    page = lan.submit(NEW, PREVIEW, **{**SHOWN, "body": "Bà con chú ý. " * 160}).text

    zalo, web = tab(page, "zalo"), tab(page, "web")
    assert zalo.count('<div class="bubble">') == 2
    assert "2 tin nhắn" in zalo
    assert "Quá dài cho một tin nhắn trên Zalo." in zalo
    assert web.count('<div class="bubble">') == 1
    assert "Quá dài" not in web
    assert f"kênh này nhận tối đa {MOST_TEXT['zalo']} ký tự" in page


def test_a_form_in_doubt_has_no_preview(console: EditorPages, lan: Browser) -> None:
    answer = lan.submit(NEW, PREVIEW, **{**SHOWN, "areas": "xã Lạ"})

    assert answer.status_code == 422
    assert "bubble" not in answer.text


def test_the_preview_of_a_draft_is_its_own(console: EditorPages, lan: Browser) -> None:
    assert send(lan, **SHOWN).status_code == 303
    draft = console.draft()

    answer = lan.submit(path(draft, "edit"), f"{PREVIEW}?draft={draft.id}", **SHOWN)

    assert f"Mã tin: {draft.code}" in answer.text
    assert lan.submit(NEW, f"{PREVIEW}?draft=999", **SHOWN).status_code == 404


def test_the_preview_is_for_authors_with_a_form_of_ours(
    console: EditorPages, lan: Browser
) -> None:
    assert lan.client.post(PREVIEW, data=SHOWN).status_code == 400
    minh = console.logged_in("minh", [Role.APPROVER, Role.OPERATOR, Role.ADMIN])
    assert minh.submit("/console/account", PREVIEW, **SHOWN).status_code == 403
    stranger = console.browser()
    assert stranger.submit("/console/login", PREVIEW, **SHOWN).status_code == 303


@pytest.mark.parametrize("who", ["stranger", "author"])
def test_too_much_is_refused_before_it_is_read(
    console: EditorPages, lan: Browser, who: str
) -> None:
    browser = lan if who == "author" else console.browser()
    much = {"body": "x" * 300_000}

    assert browser.client.post(PREVIEW, data=much).status_code == 413
    answer = browser.client.post(NEW, data={**much, "other": "x" * 26 * 2**20})
    assert answer.status_code == 413
    if who == "stranger":
        assert browser.client.post(NEW, data=much).status_code == 413


def test_a_template_fills_the_form_and_its_blanks_forbid_to_submit(
    console: EditorPages, lan: Browser
) -> None:
    page = lan.get(f"{NEW}?template=storm").text
    assert 'value="urgent" checked' in page
    assert "Bão số «số» gây mưa to" in page
    assert "<mark>«số»</mark>" in page
    assert "Đặt giờ hết hiệu lực" in page
    assert "Còn chỗ chưa điền: «số»" in page

    fields = {**SHOWN, "title": "Mưa ở «tên xã»", "template": "storm"}
    assert send(lan, **fields).status_code == 303
    answer = do(lan, console.draft(), "submit")

    assert answer.status_code == 422
    assert "Còn chỗ chưa điền: «tên xã»" in answer.text


def test_templates_are_offered_to_begin_with(console: EditorPages, lan: Browser) -> None:
    assert "template=storm" in lan.get(NEW).text
    for nothing in ("none", "../x", ""):
        page = lan.get(f"{NEW}?template={nothing}")
        assert page.status_code == 200
        assert 'value="bulk" checked' in page.text


def test_dossier_states_are_an_audience_of_their_own(console: EditorPages, lan: Browser) -> None:
    fields = {**SHOWN, "followers": "", "states": "5"}
    assert send(lan, **fields).status_code == 303

    audience = console.draft().notice.audience
    assert audience.topics == ()
    assert audience.dossier_states == (5,)
    assert console.draft().notice.topic == "flood"
    page = lan.get(path(console.draft(), "edit")).text
    assert 'name="states" value="5" checked' in page
    assert 'name="followers" value="1">' in page


def test_several_states_are_kept_and_others_are_not_known(
    console: EditorPages, lan: Browser
) -> None:
    given = {**SHOWN, "states": ["9", "6", "11", "0", "²", "-1", "x"]}
    assert lan.submit(NEW, NEW, **given).status_code == 303
    assert console.draft().notice.audience.dossier_states == (6, 9)


def test_a_form_without_the_boxes_keeps_what_was_chosen(
    console: EditorPages, lan: Browser
) -> None:
    send(lan, **{**SHOWN, "states": "5"})
    draft = console.draft()
    fields = {**SHOWN, "seen": str(draft.version), "body": "Khác."}
    del fields["audience_shown"]
    assert send(lan, path(draft, "edit"), **fields).status_code == 303

    assert console.draft().notice.audience == draft.notice.audience


def test_nobody_meant_cannot_be_submitted(console: EditorPages, lan: Browser) -> None:
    send(lan, **{**SHOWN, "followers": ""})
    assert console.draft().notice.audience.is_empty

    answer = do(lan, console.draft(), "submit")

    assert answer.status_code == 422
    assert "Chưa chọn người nhận." in answer.text


@pytest.mark.parametrize("channel", ["zalo", "zalo-123", "zalo_bot"])
def test_every_account_of_a_platform_has_its_limit(channel: str) -> None:
    checks = Words.from_lists(read_words("notices/checks"), {}, lambda text: True)
    now = datetime(2026, 11, 22, tzinfo=timezone.utc)

    for length, is_long in ((2000, False), (2001, True)):
        found = check(Notice("x", "a", "b", "c"), checks, {channel: length}, now)
        assert ("too_long" in {each.code for each in found}) == is_long


def test_every_state_has_a_name() -> None:
    assert set(notice_words()["dossier_states"]) == set(STATUSES)
