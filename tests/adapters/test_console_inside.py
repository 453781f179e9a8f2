"""Being logged in: how it ends, what the first page says, and one's own account."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.core.staff.lockout import PAIR_LOCK
from bot.core.staff.people import By
from bot.core.staff.roles import Role
from bot.store.schema import audit
from tests.adapters.console_parts import PASSWORD, Browser, Console
from tests.contract.store_builders import a_message, a_turn


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Console]:
    made = Console(tmp_path)
    yield made
    made.store.close()


def test_logging_out_ends_the_session_for_a_stolen_cookie_too(console: Console) -> None:
    browser = console.logged_in()
    cookie = browser.client.get_cookie("motcua_staff")
    assert cookie

    browser.submit("/console/", "/console/logout")

    thief = console.browser()
    thief.client.set_cookie("motcua_staff", cookie.value)
    assert thief.get("/console/").status_code == 303
    assert browser.get("/console/").status_code == 303


def test_a_session_set_beforehand_is_not_taken_over(console: Console) -> None:
    console.person()
    browser = console.browser()
    browser.client.set_cookie("motcua_staff", "chosen-by-somebody-else")

    browser.log_in()

    cookie = browser.client.get_cookie("motcua_staff")
    assert cookie
    assert cookie.value != "chosen-by-somebody-else"


@pytest.mark.parametrize(("minutes", "status"), [(29, 200), (30, 303)])
def test_an_unused_session_ends(console: Console, minutes: int, status: int) -> None:
    browser = console.logged_in()
    console.wait(minutes=minutes)

    assert browser.get("/console/").status_code == status


def test_a_locked_person_is_out_with_the_next_click(console: Console) -> None:
    browser = console.logged_in()
    account = console.store.staff.find("lan")
    assert account
    console.store.people.lock(By("test"), account.staff.id, console.now)

    assert browser.get("/console/").status_code == 303


def test_the_overview_counts_the_day_and_says_when_the_worker_is_away(console: Console) -> None:
    console.store.journal.receive([a_message(1), a_message(2), a_message(3, "minh")], console.now)
    browser = console.logged_in()

    away = browser.get("/console/").text
    assert "từ 2 người dân" in away
    assert "Đang ngừng" in away

    console.store.processes.beat("worker", console.now, {"model": "m"})
    assert "Đang làm việc" in browser.get("/console/").text


def test_states_nobody_is_in_are_not_shown(console: Console) -> None:
    console.store.journal.receive([a_message()], console.now)
    (claimed,) = console.store.journal.claim(console.now, "w", 1, PAIR_LOCK.first)
    console.store.journal.settle(claimed, a_turn("chào"), console.now)

    page = console.logged_in().get("/console/").text

    assert "Chờ gửi" in page
    assert "Gửi không được" not in page


def test_a_name_cannot_break_out_of_the_page(console: Console) -> None:
    name = "<script>alert(1)</script>"
    console.store.people.add(By("test"), "lan", name, {Role.ADMIN}, console.now, "t")

    page = console.browser().get("/console/enrol/t").text

    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


# One's own account


def change(browser: Browser, **changes: str) -> Any:
    new = "một câu mới đủ dài"
    fields = {"current": PASSWORD, "password": new, "again": new, **changes}
    return browser.submit("/console/account", "/console/account/password", **fields)


def test_a_new_password_logs_other_browsers_out(console: Console) -> None:
    own = console.logged_in()
    console.wait(seconds=30)
    other = console.browser()
    other.log_in()

    assert change(own).status_code == 303

    assert own.get("/console/").status_code == 200
    assert other.get("/console/").status_code == 303
    console.wait(seconds=30)
    assert other.log_in().status_code == 422
    assert other.log_in(password="một câu mới đủ dài").status_code == 303


def test_a_stolen_session_cannot_guess_the_password(console: Console) -> None:
    browser = console.logged_in()
    for _ in range(PAIR_LOCK.free):
        assert change(browser, current="guess").status_code == 422

    assert change(browser).status_code == 429


def test_other_browsers_are_listed_and_ended(console: Console) -> None:
    own = console.logged_in()
    console.wait(seconds=30)
    other = console.browser()
    other.log_in()
    page = own.get("/console/account").text
    (path,) = re.findall(r'action="(/console/account/sessions/\d+/end)"', page)

    assert own.submit("/console/account", path).status_code == 303

    assert other.get("/console/").status_code == 303
    assert own.submit("/console/account", path).status_code == 404


def test_new_recovery_codes_replace_the_old(console: Console) -> None:
    browser = console.logged_in()
    console.wait(seconds=30)

    page = browser.submit(
        "/console/account", "/console/account/recovery", current=PASSWORD, code=console.code()
    ).text

    assert len(re.findall(r"<li>\w{4}-\w{4}-\w{4}-\w{4}</li>", page)) == 10
    account = console.store.staff.find("lan")
    assert account
    assert account.recovery_left == 10


@pytest.mark.parametrize("code", ["", "000000", "used"])
def test_a_password_alone_makes_no_recovery_codes(console: Console, code: str) -> None:
    """Or a stolen session and a seen password would be a way round the second factor for ever."""
    browser = console.logged_in()
    account = console.store.staff.find("lan")
    given = console.code() if code == "used" else code  # it opened the door a moment ago

    answer = browser.submit(
        "/console/account", "/console/account/recovery", current=PASSWORD, code=given
    )

    assert answer.status_code == 422
    assert "mã xác thực chưa đúng" in answer.text
    assert console.store.staff.find("lan") == account


def test_a_number_no_row_can_have_is_not_found(console: Console) -> None:
    browser = console.logged_in()

    path = f"/console/account/sessions/{10**24}/end"

    assert browser.submit("/console/account", path).status_code == 404


def test_what_somebody_did_stands_in_the_audit_trail(console: Console) -> None:
    browser = console.logged_in()
    change(browser)
    browser.submit("/console/", "/console/logout")

    with console.store._db.read() as connection:
        rows = connection.execute(audit.select().order_by(audit.c.id)).all()
    assert [row.action for row in rows] == [
        "staff_added",
        "staff_logged_in",
        "staff_password_changed",
        "staff_logged_out",
    ]
    assert {row.actor for row in rows[1:]} == {"staff:1"}
    assert console.store.audit.verify() is None
