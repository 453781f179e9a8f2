"""A notice through its whole life by form, as three people; and what nobody gets through."""

from __future__ import annotations

import pytest

from bot.core.notices.states import State
from bot.core.staff.roles import Role
from tests.adapters.console_parts import Browser
from tests.adapters.notice_pages import FILLED, Pages, do, path, submitted, written
from tests.adapters.test_console_policy import routes
from tests.contract.notice_builders import step
from tests.contract.store_builders import follow, lease_deliveries


def test_a_notice_through_its_whole_life(console: Pages, lan: Browser, minh: Browser) -> None:
    tam = console.logged_in("tam", [Role.OPERATOR])
    for name in ("a", "b"):
        follow(console.store, name, "flood", sent_at=console.now, now=console.now)
    draft = submitted(console, lan)
    assert do(minh, draft, "return", reason="Thêm số điện thoại.").status_code == 303
    assert "Thêm số điện thoại." in lan.get(path(draft)).text
    better = {
        **FILLED,
        "body": "Bà con kê cao đồ đạc, gọi 114.",
        "seen": str(console.draft().version),
    }
    assert lan.submit(path(draft, "edit"), path(draft, "edit"), **better).status_code == 303
    assert do(lan, console.draft(), "submit").status_code == 303
    assert do(minh, console.draft(), "forecast").status_code == 303
    assert "Nhận ngay <strong>2</strong>" in minh.get(path(draft)).text
    assert do(minh, console.draft(), "approve").status_code == 303
    assert do(tam, console.draft(), "schedule").status_code == 303

    step(console.store, console.now)
    assert do(tam, console.draft(), "pause", reason="Xem lại").status_code == 303
    assert lease_deliveries(console.store, now=console.now) == []
    assert do(tam, console.draft(), "resume").status_code == 303
    step(console.store, console.now)
    for row in lease_deliveries(console.store, now=console.now):
        console.store.deliveries.sent(row, f"m{row.id}", console.now)
    step(console.store, console.now)

    done = console.draft()
    assert done.state is State.DONE
    page = tam.get(path(done)).text
    assert "Thực tế đã gửi tới 2 người, dự báo 2." in page
    ledger = tam.get(path(done, "ledger.csv"))
    assert ledger.headers["Content-Type"].startswith("text/csv")
    assert len(ledger.text.splitlines()) == 3
    assert do(lan, done, "erratum").status_code == 303
    assert console.draft().notice.audience.corrects == done.announcement_id
    assert "đúng những người đã nhận tin trước" in lan.get(path(console.draft(), "edit")).text
    erratum = console.draft()
    page = tam.get(path(done)).text
    assert "Đang có bản đính chính" in page
    assert f'href="{path(erratum)}"' in page
    assert f'href="{path(done)}"' in tam.get(path(erratum)).text


def test_the_editor_shows_the_message_before_anything_is_kept(
    console: Pages, lan: Browser
) -> None:
    new = "/console/notices/new"
    answer = lan.submit(new, new, **FILLED, only_preview="1", areas="xã Cũ")

    assert answer.status_code == 200
    assert "Nguồn: Đài Khí tượng, số 12/TB ngày 22/11/2026" in answer.text
    assert console.store.drafts.page() == []


def test_old_names_of_places_stand_for_new_ones_and_unknown_ones_are_named(
    console: Pages, lan: Browser
) -> None:
    draft = written(console, lan, areas="xã Cũ; xã Một")
    assert draft.notice.audience.areas == ("xa-mot",)

    new = "/console/notices/new"
    unknown = lan.submit(new, new, **{**FILLED, "areas": "xã Lạ <b>"})

    assert unknown.status_code == 422
    assert "Không có xã, phường nào tên là: xã Lạ &lt;b&gt;" in unknown.text


def test_what_is_not_fit_is_not_submitted(console: Pages, lan: Browser) -> None:
    draft = written(console, lan, hotline="", number="", document_date="")

    answer = do(lan, draft, "submit")

    assert answer.status_code == 422
    assert "(cần sửa)" in answer.text
    assert console.draft().state is State.DRAFT


@pytest.mark.parametrize("act", ["create", "edit", "submit"])
def test_nobody_approves_their_own_work_by_direct_request(console: Pages, act: str) -> None:
    lan = console.logged_in("lan", [Role.AUTHOR])
    both = console.logged_in("both", [Role.AUTHOR, Role.APPROVER])
    draft = written(console, both if act == "create" else lan)
    if act == "edit":
        changed = {**FILLED, "body": "khác", "seen": str(draft.version)}
        assert both.submit(path(draft, "edit"), path(draft, "edit"), **changed).status_code == 303
    do(both if act == "submit" else lan, console.draft(), "submit")
    draft = console.draft()
    assert draft.state is State.SUBMITTED
    assert "Duyệt thông báo này" not in both.get(path(draft)).text

    answer = do(both, draft, "approve", fingerprint=draft.fingerprint)

    assert answer.status_code == 403
    assert "không được duyệt" in answer.text
    assert console.draft().state is State.SUBMITTED


def test_nobody_acts_in_the_name_of_somebody_else(console: Pages, lan: Browser) -> None:
    draft = submitted(console, lan)
    other = console.person("minh", [Role.APPROVER])
    both = console.logged_in("both", [Role.AUTHOR])

    fields = {"staff_id": str(other.id), "roles": "approver", "fingerprint": draft.fingerprint}
    answer = do(both, draft, "approve", **fields)

    assert answer.status_code == 403
    assert console.draft().state is State.SUBMITTED


def test_a_changed_text_is_not_approved(console: Pages, lan: Browser, minh: Browser) -> None:
    seen = submitted(console, lan)
    changed = {**FILLED, "body": "Tin giả", "seen": str(seen.version)}
    lan.submit(path(seen, "edit"), path(seen, "edit"), **changed)
    do(lan, console.draft(), "submit")

    fields = {"fingerprint": seen.fingerprint, "seen": str(seen.version)}
    answer = do(minh, console.draft(), "approve", **fields)

    assert answer.status_code == 409
    assert "đã thay đổi sau khi anh/chị mở" in answer.text
    assert console.draft().state is State.SUBMITTED


def test_an_approval_is_not_replayed(console: Pages, lan: Browser, minh: Browser) -> None:
    seen = submitted(console, lan)
    assert do(minh, seen, "approve").status_code == 303

    assert do(minh, seen, "approve", fingerprint=seen.fingerprint).status_code == 409


def test_a_form_from_elsewhere_does_nothing(console: Pages, lan: Browser, minh: Browser) -> None:
    draft = submitted(console, lan)
    fields = {"seen": draft.version, "fingerprint": draft.fingerprint}

    assert minh.client.post(path(draft, "approve"), data=fields).status_code == 400
    assert console.draft().state is State.SUBMITTED


def test_what_staff_write_is_text_and_nothing_else(
    console: Pages, lan: Browser, minh: Browser
) -> None:
    evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
    draft = submitted(console, lan, title=f"Mưa {evil}", body=evil, issuer=evil)
    do(minh, draft, "return", reason=evil)

    for page in (path(draft), path(draft, "edit"), "/console/notices"):
        text = lan.get(page).text
        assert "<script>alert" not in text
        assert "<img src=x" not in text


@pytest.mark.parametrize("number", ["0", "99", "9" * 30])
def test_a_notice_that_is_not_there(console: Pages, lan: Browser, number: str) -> None:
    assert lan.get(f"/console/notices/{number}").status_code == 404
    assert lan.get(f"/console/notices?before={number}&state=x").status_code == 200


def test_notices_are_listed_and_filtered(console: Pages, lan: Browser) -> None:
    submitted(console, lan)
    written(console, lan, title="Cúp điện xã Một sáng mai")

    drafts = lan.get("/console/notices?state=draft").text
    assert "Cúp điện" in drafts
    assert "Mưa lớn" not in drafts
    assert "Mưa lớn" in lan.get("/console/notices").text


def test_every_page_of_notices_needs_a_login_and_a_role(console: Pages) -> None:
    own = [each for each in routes(console) if each[2].startswith("console_notice")]
    stranger = console.browser()

    assert len(own) >= 15
    for method, address, endpoint, view in own:
        assert view.needs, endpoint
        answer = stranger.client.open(address, method=method)
        assert answer.status_code in (303, 400), endpoint  # the login page, or no form of ours


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ADMIN])
def test_other_roles_neither_write_nor_approve(console: Pages, lan: Browser, role: Role) -> None:
    draft = submitted(console, lan)
    other = console.logged_in("other", [role])

    assert other.get("/console/notices/new").status_code == 403
    assert other.get(path(draft, "edit")).status_code == 403
    for act in ("submit", "return", "approve"):
        assert do(other, draft, act, reason="x").status_code == 403
    assert console.draft() == draft


def test_the_list_marks_what_was_put_right(console: Pages, lan: Browser, minh: Browser) -> None:
    follow(console.store, "a", "flood", sent_at=console.now, now=console.now)
    sent = submitted(console, lan)
    for act, browser in (("approve", minh), ("schedule", lan)):
        assert do(browser, console.draft(), act).status_code == 303
    step(console.store, console.now)
    for row in lease_deliveries(console.store, now=console.now):
        console.store.deliveries.sent(row, f"m{row.id}", console.now)
    step(console.store, console.now)
    assert "Đã đính chính" not in lan.get("/console/notices").text
    assert do(lan, sent, "erratum").status_code == 303
    for act, browser in (("submit", lan), ("approve", minh), ("schedule", lan)):
        assert do(browser, console.draft(), act).status_code == 303
    step(console.store, console.now)

    assert lan.get("/console/notices").text.count("Đã đính chính") == 1
