"""The page of a notice on its way: the next step, live progress, reach."""

from __future__ import annotations

import csv
import re
import threading
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from bot.console.notice_progress import Counted
from bot.core.notices.approval import WORKER
from bot.core.notices.draft import Draft
from bot.core.notices.progress import Tally
from bot.core.notices.states import State
from bot.core.staff.roles import Role
from tests.adapters.console_parts import Browser
from tests.adapters.notice_pages import Pages, do, path, submitted, written
from tests.contract.notice_builders import step
from tests.contract.store_builders import follow, lease_deliveries

NOW = datetime(2026, 11, 22, 1, 30, tzinfo=timezone.utc)


def people(console: Pages, count: int) -> None:
    for number in range(count):
        follow(console.store, f"c{number}", "flood", sent_at=console.now, now=console.now)


def begun(console: Pages, lan: Browser, minh: Browser, **changes: str) -> Draft:
    """Approved by Minh, released, its recipients planned."""
    draft = submitted(console, lan, **changes)
    assert do(minh, draft, "approve").status_code == 303
    assert do(minh, console.draft(), "schedule").status_code == 303
    step(console.store, console.now)
    return console.draft()


def send(console: Pages, limit: int) -> None:
    for row in lease_deliveries(console.store, limit=limit, now=console.now):
        console.store.deliveries.sent(row, f"m{row.id}", console.now)


def lead(page: str) -> str:
    found = re.search(r'<p class="lead">(.*?)</p>', page, re.DOTALL)
    assert found
    return found[1]


def progress(browser: Browser, draft: Draft) -> str:
    answer = browser.get(path(draft, "progress"))
    assert answer.status_code == 200
    return str(answer.text)


def test_progress_tells_sent_from_delivered_from_seen(
    console: Pages, lan: Browser, minh: Browser
) -> None:
    people(console, 5)
    draft = begun(console, lan, minh)
    send(console, 3)
    first, second, _ = sent_ids(console, draft)
    console.store.deliveries.settle_receipts("zalo", [first, second], console.now)
    console.store.deliveries.settle_seen("zalo", [first], console.now)
    console.app.extensions["motcua_counted"].forget(draft.announcement_id)

    piece = progress(lan, draft)

    assert 'data-state="sending" data-live="1"' in piece
    assert "<strong>60%</strong>" in piece
    assert row_of(piece, "Đã gửi đi") == 1
    assert row_of(piece, "Đã tới máy") == 1
    assert row_of(piece, "Đã xem") == 1
    assert row_of(piece, "Chờ gửi") == 2
    assert "Cập nhật" in piece  # the way without scripts


def sent_ids(console: Pages, draft: Draft) -> list[str]:
    assert draft.announcement_id
    ledger = "".join(console.store.broadcasts.export(draft.announcement_id))
    rows = csv.DictReader(ledger.lstrip("\ufeff").splitlines())
    return [row["platform_message_id"] for row in rows if row["state"] == "sent"]


def row_of(piece: str, title: str) -> int:
    found = re.search(rf"<span>{title}(?:<small>.*?)?</span></span></th><td>(\d+)", piece)
    return int(found[1]) if found else 0


def test_why_it_paused_itself_and_what_to_do_is_said(
    console: Pages, lan: Browser, minh: Browser
) -> None:
    people(console, 2)
    draft = begun(console, lan, minh)
    assert draft.announcement_id
    console.store.broadcasts.pause_by_errors(draft.announcement_id, "errors_in_a_row", console.now)

    piece = progress(minh, draft)

    assert "20 tin liên tiếp gửi không được" in piece
    assert "bấm Gửi tiếp" in piece
    assert "Đang tạm dừng" in lead(minh.get(path(draft)).text)


def test_reasons_of_what_was_not_sent_stand_beside_it(
    console: Pages, lan: Browser, minh: Browser
) -> None:
    people(console, 3)
    draft = begun(console, lan, minh)
    first, second, third = lease_deliveries(console.store, now=console.now)
    console.store.deliveries.failed(first, "-201", console.now)
    console.store.deliveries.skipped(second, "stopped", console.now)
    console.store.deliveries.unsure(third, "timeout", console.now)

    piece = progress(minh, draft)

    assert "Mã lỗi của Zalo -201: 1" in piece
    assert "Đã nhắn DỪNG: 1" in piece
    assert f'href="/console/unsure/{draft.announcement_id}"' in piece


def test_progress_is_over_when_the_notice_is(console: Pages, lan: Browser, minh: Browser) -> None:
    people(console, 1)
    draft = begun(console, lan, minh)
    send(console, 5)
    step(console.store, console.now)

    assert 'data-state="done" data-live="0"' in progress(lan, draft)


def test_a_notice_that_nobody_gets_says_so_before_and_after(
    console: Pages, lan: Browser, minh: Browser
) -> None:
    waiting = submitted(console, lan)
    assert "Chưa có ai nhận được thông báo này" in minh.get(path(waiting)).text

    draft = begun(console, lan, minh)
    step(console.store, console.now)

    assert "không ai nhận" in lead(lan.get(path(draft)).text)
    assert "Không có người nhận nào." in progress(lan, draft)
    assert "0%" not in progress(lan, draft)


def test_one_count_serves_everybody_for_a_while() -> None:
    looks: list[int] = []
    clock = [100.0]

    def count(announcement_id: int) -> Tally:
        looks.append(announcement_id)
        clock[0] += 1.0  # a million rows
        return Tally({"queued": 10 - len(looks), "sent": len(looks)})

    counted = Counted(count, lambda: clock[0])
    for _ in range(30):
        counted.of(7, 1, NOW)
    assert looks == [7]

    clock[0] += 14.0
    counted.of(7, 1, NOW)
    assert looks == [7]
    clock[0] += 1.5
    tally, pace = counted.of(7, 1, NOW + timedelta(seconds=30))
    assert (looks, tally.arrived) == ([7, 7], 2)
    assert pace.per_minute == 2

    counted.of(7, 2, NOW)  # an act on the notice
    counted.of(8, 1, NOW)  # another notice
    assert looks == [7, 7, 7, 8]


def test_whoever_comes_while_it_is_counted_gets_the_last_figures() -> None:
    began, go_on = threading.Event(), threading.Event()
    clock = [0.0]
    first = [True]

    def count(announcement_id: int) -> Tally:
        if first.pop() if first else False:
            return Tally({"sent": 1})
        began.set()
        assert go_on.wait(20)
        return Tally({"sent": 2})

    counted = Counted(count, lambda: clock[0])
    assert counted.of(1, 1, NOW)[0].arrived == 1
    clock[0] = 60.0
    slow = threading.Thread(target=counted.of, args=(1, 1, NOW))
    slow.start()
    assert began.wait(20)

    assert counted.of(1, 1, NOW)[0].arrived == 1  # does not wait

    go_on.set()
    slow.join()
    assert counted.of(1, 1, NOW)[0].arrived == 2


@pytest.mark.parametrize(
    ("login", "roles", "sentence"),
    [
        ("lan", [Role.AUTHOR], "Chờ người khác duyệt"),
        ("minh", [Role.APPROVER], "Đọc kỹ tin và dự báo"),
        ("tam", [Role.OPERATOR], "Chờ người duyệt"),
        ("hoa", [Role.ADMIN], "Chờ người duyệt"),
    ],
)
def test_everybody_is_told_one_next_step(
    console: Pages, login: str, roles: list[Role], sentence: str
) -> None:
    author = console.logged_in("author", [Role.AUTHOR])
    mine = console.logged_in(login, roles)
    draft = submitted(console, mine if login == "lan" else author)

    assert sentence in lead(mine.get(path(draft)).text)


def test_the_step_follows_the_state(console: Pages, lan: Browser, minh: Browser) -> None:
    people(console, 1)
    draft = written(console, lan)
    assert "bấm Trình duyệt" in lead(lan.get(path(draft)).text)
    do(lan, draft, "submit")
    do(minh, console.draft(), "return", reason="Sửa lại.")
    assert "Sửa theo lý do trả lại" in lead(lan.get(path(draft)).text)
    assert "đang hoàn thiện" in lead(minh.get(path(draft)).text)


def test_a_forecast_is_there_when_the_approver_comes(
    console: Pages, lan: Browser, minh: Browser
) -> None:
    people(console, 2)
    draft = submitted(console, lan)

    page = minh.get(path(draft)).text

    assert console.store.forecasts.newest(draft.id)
    assert "Nhận ngay <strong>2</strong>" in page
    assert "trước khi duyệt" not in page


def test_an_outdated_forecast_warns_the_approver(
    console: Pages, lan: Browser, minh: Browser
) -> None:
    people(console, 1)
    draft = submitted(console, lan)
    console.wait(hours=7)
    late = console.browser()
    late.log_in("minh")

    page = late.get(path(draft)).text

    assert "Dự báo người nhận đã cũ" in page
    assert "trước khi duyệt" in page
    do(late, draft, "forecast")
    assert "trước khi duyệt" not in late.get(path(draft)).text


def test_closed_windows_are_explained_with_what_to_do(
    console: Pages, lan: Browser, minh: Browser
) -> None:
    long_ago = console.now - timedelta(days=9)
    follow(console.store, "old", "flood", sent_at=long_ago, now=long_ago)
    people(console, 1)

    page = minh.get(path(submitted(console, lan))).text

    assert "Quá 7 ngày chưa nhắn cho tỉnh" in page
    assert "Bài viết trên tài khoản Zalo:</strong> 1 người" in page
    assert "Hệ thống này chưa gửi tin mẫu" in page


def test_forecast_and_outcome_are_compared_in_words(
    console: Pages, lan: Browser, minh: Browser
) -> None:
    people(console, 3)
    draft = begun(console, lan, minh)
    first, second, third = lease_deliveries(console.store, now=console.now)
    console.store.deliveries.sent(first, "m", console.now)
    console.store.deliveries.failed(second, "-201", console.now)
    console.store.deliveries.skipped(third, "stopped", console.now)
    step(console.store, console.now)

    page = lan.get(path(draft)).text

    assert "Thực tế đã gửi tới 1 người, dự báo 3." in page
    assert "Ít hơn dự báo 2 người" in page
    assert "1 người “Đã nhắn DỪNG”" in page
    assert "1 người “gửi không được”" in page


def test_a_cancelled_notice_has_no_step_left(console: Pages, lan: Browser, minh: Browser) -> None:
    people(console, 1)
    draft = begun(console, lan, minh)
    console.store.broadcasts.cancel(draft.id, replace(WORKER, roles=frozenset(Role)), "Sai.", NOW)

    assert console.draft().state is State.CANCELLED
    assert "Đã hủy" in lead(lan.get(path(draft)).text)
