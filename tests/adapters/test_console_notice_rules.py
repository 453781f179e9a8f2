"""What the pages of notices refuse, say in words, and note."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from bot.console.notice_words import note_in_words, notice_words
from bot.core.notices.draft import Draft
from bot.core.notices.states import State
from bot.core.notices.stopping import Errors
from bot.core.staff.people import By
from bot.core.staff.roles import Role
from bot.store.schema import audit
from bot.store.schema_drafts import notice_drafts
from tests.adapters.console_parts import Browser
from tests.adapters.notice_pages import FILLED, Pages, do, path, submitted, written
from tests.contract.notice_builders import step
from tests.contract.store_builders import follow, lease_deliveries

NEW = "/console/notices/new"
EMERGENCY = {"urgency": "emergency", "everyone": "1"}


def sent(console: Pages, lan: Browser, minh: Browser, **changes: str) -> Draft:
    """A notice that has reached somebody and is still being sent."""
    for name in ("a", "b"):
        follow(console.store, name, "flood", sent_at=console.now, now=console.now)
    draft = submitted(console, lan, **changes)
    assert do(minh, draft, "approve").status_code == 303
    if draft.notice.is_emergency:
        tam = console.logged_in("tam", [Role.APPROVER])
        assert do(tam, console.draft(), "approve").status_code == 303
    assert do(lan, console.draft(), "schedule").status_code == 303
    step(console.store, console.now)
    (row,) = lease_deliveries(console.store, now=console.now, limit=1)
    console.store.deliveries.sent(row, "m1", console.now)
    return console.draft()


def exports(console: Pages) -> list[tuple[str, str]]:
    query = audit.select().where(audit.c.action == "notice_exported")
    with console.store._db.read() as connection:
        return [(row.actor, row.subject) for row in connection.execute(query)]


def test_the_correction_of_an_emergency_stays_one(
    console: Pages, lan: Browser, minh: Browser
) -> None:
    first = sent(console, lan, minh, **EMERGENCY)
    assert do(lan, first, "erratum").status_code == 303
    erratum = console.draft()

    fields = {**FILLED, "urgency": "urgent", "seen": str(erratum.version)}
    answer = lan.submit(path(erratum, "edit"), path(erratum, "edit"), **fields)

    assert answer.status_code == 409
    assert "Đính chính tin khẩn cấp cũng cần hai người duyệt." in answer.text
    assert console.draft() == erratum


@pytest.mark.parametrize("length", [200, 201])
def test_a_title_is_refused_rather_than_cut(console: Pages, lan: Browser, length: int) -> None:
    answer = lan.submit(NEW, NEW, **{**FILLED, "title": "x" * length})

    assert answer.status_code == (303 if length == 200 else 422)
    assert ("Tiêu đề dài 201 ký tự; ô này nhận tối đa 200 ký tự." in answer.text) == (length > 200)
    assert len(console.store.drafts.page()) == (1 if length == 200 else 0)


def test_a_line_end_of_a_browser_counts_once(console: Pages, lan: Browser) -> None:
    body = "\r\n".join(["x" * 349] * 10)  # 3499 letters, 9 more as the browser sends them

    assert written(console, lan, body=body).notice.body == body.replace("\r\n", "\n")


@pytest.mark.parametrize("state", ["submitted", "returned", "approved"])
def test_the_approver_sees_the_remarks_too(
    console: Pages, lan: Browser, minh: Browser, state: str
) -> None:
    draft = submitted(console, lan, url="https://example.org/x")
    if state != "submitted":
        act = "approve" if state == "approved" else "return"
        assert do(minh, draft, act, reason="x").status_code == 303
    assert console.draft().state is State(state)

    assert "Liên kết trỏ đến example.org, không phải trang .gov.vn." in minh.get(path(draft)).text


def test_a_stored_address_that_is_none_does_not_break_the_page(
    console: Pages, lan: Browser
) -> None:
    answer = lan.submit(NEW, NEW, **{**FILLED, "url": "https://[x"})
    assert answer.status_code == 409
    draft = written(console, lan)
    content = {**draft.notice.as_json(), "url": "https://[x"}
    with console.store._db.write() as connection:
        connection.execute(update(notice_drafts).values(content=content))

    for page in (path(draft), path(draft, "edit")):
        answer = lan.get(page)
        assert answer.status_code == 200
        assert "Liên kết phải có dạng https://" in answer.text


def test_an_approval_of_a_locked_account_is_said_to_be_gone(
    console: Pages, lan: Browser, minh: Browser
) -> None:
    draft = submitted(console, lan)
    do(minh, draft, "approve")
    account = console.store.staff.find("minh")
    assert account
    console.store.people.lock(By("test"), account.staff.id, console.now)

    assert "Người đã duyệt không còn quyền duyệt" in lan.get(path(draft)).text
    assert do(lan, console.draft(), "schedule").status_code == 409
    assert console.draft().state is State.APPROVED


def test_who_downloads_the_ledger_is_noted(console: Pages, lan: Browser, minh: Browser) -> None:
    draft = sent(console, lan, minh)
    account = console.store.staff.find("minh")
    assert account

    answer = minh.get(path(draft, "ledger.csv"))

    assert answer.status_code == 200
    assert exports(console) == [(f"staff:{account.staff.id}", f"draft:{draft.id}")]


def test_what_the_desk_noted_itself_is_said_in_words(
    console: Pages, lan: Browser, minh: Browser
) -> None:
    draft = sent(console, lan, minh, **EMERGENCY)
    assert draft.announcement_id is not None
    console.store.broadcasts.pause_by_errors(draft.announcement_id, "errors_in_a_row", console.now)
    page = lan.get(path(draft)).text

    assert "errors_in_a_row" not in page
    assert "<small>emergency</small>" not in page
    assert page.count(note_in_words("errors_in_a_row")) == 2
    failing = (Errors(in_a_row=1), Errors(looked_at=1, share=0.1, in_a_row=9))
    assert {each.note(failed=True) for each in failing} <= set(notice_words()["notes"])
    assert note_in_words("corrected by notice:5") == notice_words()["notes"]["corrected"]
    assert note_in_words("Sai giờ.") == "Sai giờ."


def test_the_words_after_a_change_say_whether_it_was_submitted(
    console: Pages, lan: Browser
) -> None:
    again = "Thông báo cần được trình duyệt lại."
    for draft, said in ((written(console, lan), False), (submitted(console, lan), True)):
        fields = {**FILLED, "body": "Khác.", "seen": str(draft.version)}
        answer = lan.submit(path(draft, "edit"), path(draft, "edit"), **fields)
        page = lan.get(answer.headers["Location"]).text
        assert "Đã lưu thay đổi." in page
        assert (again in page) == said


def test_a_channel_is_named_as_staff_know_it(console: Pages, lan: Browser) -> None:
    long = {**FILLED, "body": "x" * 3000, "channels": "web"}
    assert "Trên kênh" not in lan.submit(NEW, NEW, **long, only_preview="1").text

    answer = lan.submit(NEW, NEW, **{**long, "channels": "zalo"}, only_preview="1")

    assert "Trên kênh Zalo, tin dài" in answer.text
