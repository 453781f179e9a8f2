"""Messages in doubt: listed without anybody's words, decided once, by whoever may."""

from __future__ import annotations

import re

import pytest

from bot.core.notices.draft import Draft
from bot.core.staff.roles import Role
from tests.adapters.console_parts import Browser
from tests.adapters.notice_pages import Pages
from tests.adapters.test_console_sending import begun, people
from tests.contract.store_builders import lease_deliveries, talk


def doubtful(console: Pages, minh: Browser, count: int) -> Draft:
    people(console, count)
    draft = begun(console, console.logged_in("lan", [Role.AUTHOR]), minh)
    for row in lease_deliveries(console.store, limit=count, now=console.now):
        console.store.deliveries.unsure(row, "timeout", console.now)
    return draft


def page_of(draft: Draft) -> str:
    return f"/console/unsure/{draft.announcement_id}"


def states(console: Pages, draft: Draft) -> dict[str, int]:
    return dict(console.store.deliveries.counts(draft.announcement_id))


def rows_on(page: str) -> list[str]:
    return re.findall(r"/rows/(\d+)\"><input.*?value=\"arrived\"", page)


def test_they_are_listed_by_notice_and_page_by_page(console: Pages, minh: Browser) -> None:
    draft = doubtful(console, minh, 60)

    listing = minh.get("/console/unsure").text
    assert "60 tin" in listing
    assert page_of(draft) in listing
    first = minh.get(page_of(draft)).text
    following = re.search(r'href="([^"]+)">Trang sau', first)
    assert following
    second = minh.get(following[1].replace("&amp;", "&")).text

    assert (len(rows_on(first)), len(rows_on(second))) == (50, 10)
    assert "không nhận được câu trả lời của Zalo (mã timeout)" in first


def test_one_is_decided_and_a_second_click_does_nothing(console: Pages, minh: Browser) -> None:
    draft = doubtful(console, minh, 2)
    one, two = rows_on(minh.get(page_of(draft)).text)
    again = f"{page_of(draft)}/rows/{one}"

    assert minh.submit(page_of(draft), again, choice="again").status_code == 303
    answer = minh.submit(page_of(draft), again, choice="again")
    assert "Không còn tin nào để quyết định" in minh.get(answer.headers["Location"]).text
    minh.submit(page_of(draft), f"{page_of(draft)}/rows/{two}", choice="arrived")

    assert states(console, draft) == {"queued": 1, "sent": 1}
    assert len(lease_deliveries(console.store, now=console.now)) == 1
    assert console.store.audit.verify() is None


def test_all_of_a_notice_are_decided_at_once(console: Pages, minh: Browser) -> None:
    draft = doubtful(console, minh, 5)
    at = console.now.isoformat()

    minh.submit(page_of(draft), f"{page_of(draft)}/all", choice="again", at=at)

    assert states(console, draft) == {"queued": 5}


def test_what_came_later_than_the_page_is_left(console: Pages, minh: Browser) -> None:
    draft = doubtful(console, minh, 1)
    before = "2026-11-21T00:00:00+00:00"

    minh.submit(page_of(draft), f"{page_of(draft)}/all", choice="again", at=before)

    assert states(console, draft) == {"unsure": 1}


@pytest.mark.parametrize(
    "fields",
    [{"choice": "again"}, {"choice": "x", "at": "2026-11-22T00:00:00+00:00"}, {"at": "now"}],
)
def test_a_form_that_makes_no_sense_decides_nothing(
    console: Pages, minh: Browser, fields: dict[str, str]
) -> None:
    draft = doubtful(console, minh, 1)
    assert minh.submit(page_of(draft), f"{page_of(draft)}/all", **fields).status_code == 400
    assert states(console, draft) == {"unsure": 1}


def test_answers_of_talks_show_nobody_and_no_words(console: Pages, minh: Browser) -> None:
    talk(console.store, "Dạ, hồ sơ của chị Hoa ạ.", sender="zalo-999888", now=console.now)
    (row,) = lease_deliveries(console.store, now=console.now)
    console.store.deliveries.unsure(row, "timeout", console.now)

    page = minh.get("/console/unsure/0").text

    assert "Tin trả lời và tin hồ sơ" in page
    assert "câu trả lời" in page
    assert "Hoa" not in page
    assert "999888" not in page
    assert "Gửi lại</button>" not in page
    minh.submit("/console/unsure/0", f"/console/unsure/0/rows/{row.id}", choice="again")
    assert console.store.unsure.count() == 1


def test_a_title_is_text(console: Pages, minh: Browser) -> None:
    people(console, 1)
    lan = console.logged_in("lan", [Role.AUTHOR])
    title = "Mưa lớn ở xã Một <b onclick=x>"
    begun(console, lan, minh, title=title)
    for row in lease_deliveries(console.store, now=console.now):
        console.store.deliveries.unsure(row, "<i>x</i>", console.now)

    page = minh.get("/console/unsure").text

    assert "<b onclick" not in page
    assert "&lt;b onclick=x&gt;" in page


def test_nothing_in_doubt_is_said_plainly(console: Pages, minh: Browser) -> None:
    assert "Không có tin nào cần quyết định" in minh.get("/console/unsure").text
    assert minh.get("/console/unsure/77").status_code == 200
    assert minh.get(f"/console/unsure/{2**63}").status_code == 404


def test_administrators_alone_have_no_business_here(console: Pages) -> None:
    admin = console.logged_in("hoa", [Role.ADMIN])
    assert admin.get("/console/unsure").status_code == 403
