"""Administrators look after accounts: what they may do, and what nobody may."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.console.words import words
from bot.core.staff.people import By, StaffRefused
from bot.core.staff.roles import Role
from bot.store.schema import audit
from tests.adapters.console_parts import PASSWORD, Browser, Console

SAYS = words()["problems"]
ADMIN = (Role.ADMIN,)
LINK = re.compile(r'value="(http://[^"]+/console/enrol/([\w-]{43}))"')


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Console]:
    made = Console(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def admin(console: Console) -> Browser:
    return console.logged_in("quan", ADMIN)


def add(browser: Browser, login: str = "minh", *roles: str, name: str = "Trần Minh") -> Any:
    chosen: Any = list(roles or ("author",))
    fields: dict[str, Any] = {"login": login, "name": name, "roles": chosen}
    return browser.submit("/console/people", "/console/people", current=PASSWORD, **fields)


def act(browser: Browser, staff_id: int, what: str, **fields: Any) -> Any:
    page = f"/console/people/{staff_id}"
    return browser.submit(page, f"{page}/{what}", **{"current": PASSWORD, **fields})


def number_of(console: Console, login: str) -> int:
    account = console.store.staff.find(login)
    assert account
    return account.staff.id


def actions(console: Console) -> list[tuple[str, str, str]]:
    with console.store._db.read() as connection:
        rows = connection.execute(audit.select().order_by(audit.c.id)).all()
    return [(row.actor, row.action, row.subject) for row in rows]


def test_a_new_colleague_gets_a_link_that_is_shown_once_and_opens_the_account(
    console: Console, admin: Browser
) -> None:
    page = add(admin, "minh", "author", "approver").text

    (link, token) = LINK.findall(page)[0]
    assert link.startswith(console.known.address)
    assert "08:30 24/11/2026" in page
    assert token not in admin.get("/console/people").text
    assert token not in admin.get(f"/console/people/{number_of(console, 'minh')}").text
    path = f"/console/enrol/{token}"
    fields = {"password": PASSWORD, "again": PASSWORD, "code": console.code()}
    colleague = console.browser()
    assert colleague.submit(path, path, **fields).status_code == 200
    console.wait(seconds=30)
    assert colleague.log_in("minh").status_code == 303
    assert colleague.get("/console/people").status_code == 403


def test_the_list_says_who_does_what_and_how_each_account_stands(
    console: Console, admin: Browser
) -> None:
    add(admin, "minh", "author")
    console.store.people.lock(By("test"), console.person("hoa").id, console.now)

    page = admin.get("/console/people").text

    for said in (
        "Trần Minh",
        "Chờ kích hoạt",
        "Đã khóa",
        "Đang dùng",
        "Quản trị",
        "08:30 hôm nay",
    ):
        assert said in page
    assert words()["people"]["gaps"]["no_author"] in page
    console.wait(hours=47)
    admin.log_in("quan")
    assert "Chờ kích hoạt" in admin.get("/console/people").text
    console.wait(hours=1)
    admin.log_in("quan")
    assert "Liên kết đã hết hạn" in admin.get("/console/people").text


@pytest.mark.parametrize(
    ("login", "name", "roles", "code"),
    [
        ("x", "Minh", ["author"], "login"),
        ("minh lan", "Minh", ["author"], "login"),
        ("minh", "  ", ["author"], "name"),
        ("minh", "Minh\u202e", ["author"], "name"),
        ("minh", "Minh", [], "roles"),
        ("minh", "Minh", ["king"], "roles"),
        ("QUAN", "Minh", ["author"], "taken"),
    ],
)
def test_what_cannot_be_an_account_is_said_and_keeps_what_was_typed(
    console: Console, admin: Browser, login: str, name: str, roles: list[str], code: str
) -> None:
    fields: dict[str, Any] = {"login": login, "name": name, "roles": roles, "current": PASSWORD}
    answer = admin.submit("/console/people", "/console/people", **fields)

    assert answer.status_code == 422
    assert SAYS[f"staff_{code}"] in answer.text
    assert f'value="{login}"' in answer.text
    assert len(console.store.staff.all()) == 1


def test_every_act_stands_in_the_audit_trail_with_who_did_it(
    console: Console, admin: Browser
) -> None:
    add(admin)
    minh = number_of(console, "minh")
    act(admin, minh, "roles", roles=["author", "operator"])
    act(admin, minh, "lock")
    act(admin, minh, "unlock")
    act(admin, minh, "reset")

    done = [each for each in actions(console) if each[2] == f"staff:{minh}"]
    names = ("staff_added", "staff_roles", "staff_locked", "staff_unlocked", "staff_reset")
    assert done == [("staff:1", name, f"staff:{minh}") for name in names]
    assert console.store.audit.verify() is None


def test_roles_change_with_the_next_click_of_the_open_session(
    console: Console, admin: Browser
) -> None:
    colleague = console.logged_in("minh", (Role.OPERATOR,))
    minh = number_of(console, "minh")
    assert colleague.get("/console/people").status_code == 403

    assert act(admin, minh, "roles", roles=["admin"]).status_code == 303
    assert colleague.get("/console/people").status_code == 200
    assert act(admin, minh, "roles", roles=["operator"]).status_code == 303
    assert colleague.get("/console/people").status_code == 403


def test_a_locked_colleague_is_out_and_in_again_after_unlocking(
    console: Console, admin: Browser
) -> None:
    colleague = console.logged_in("minh")
    minh = number_of(console, "minh")

    act(admin, minh, "lock")
    assert colleague.get("/console/").status_code == 303
    console.wait(seconds=30)
    assert colleague.log_in("minh").status_code == 422

    act(admin, minh, "unlock")
    console.wait(seconds=30)
    assert colleague.log_in("minh").status_code == 303


def test_a_reset_ends_sessions_and_the_old_password(console: Console, admin: Browser) -> None:
    colleague = console.logged_in("minh")

    page = act(admin, number_of(console, "minh"), "reset").text

    assert LINK.search(page)
    assert colleague.get("/console/").status_code == 303
    console.wait(seconds=30)
    assert colleague.log_in("minh").status_code == 422


@pytest.mark.parametrize(
    ("what", "fields", "code"),
    [("lock", {}, "last_admin"), ("roles", {"roles": ["author"]}, "own_roles")],
)
def test_the_last_administrator_stays(
    console: Console, admin: Browser, what: str, fields: dict[str, Any], code: str
) -> None:
    console.invite("minh", ADMIN)  # an administrator too, but one who cannot log in yet

    answer = act(admin, 1, what, **fields)

    assert SAYS[f"staff_{code}"] in answer.text
    assert admin.get("/console/people").status_code == 200


def test_an_administrator_who_does_more_cannot_stop_being_the_last(console: Console) -> None:
    admin = console.logged_in("quan", (Role.ADMIN, Role.AUTHOR))

    answer = act(admin, 1, "roles", roles=["author"])

    assert (answer.status_code, SAYS["staff_last_admin"] in answer.text) == (422, True)
    console.person("minh", ADMIN)
    assert act(admin, 1, "roles", roles=["author"]).status_code == 303
    assert admin.get("/console/people").status_code == 403


def test_nobody_gives_themselves_more_to_do_or_a_link(console: Console, admin: Browser) -> None:
    console.person("minh", ADMIN)

    raised = act(admin, 1, "roles", roles=["admin", "approver"])
    assert (raised.status_code, SAYS["staff_own_roles"] in raised.text) == (403, True)
    reset = act(admin, 1, "reset")
    assert (reset.status_code, SAYS["staff_own_reset"] in reset.text) == (403, True)
    account = console.store.staff.by_id(1)
    assert account
    assert account.staff.roles == {Role.ADMIN}


@pytest.mark.parametrize("what", ["roles", "lock", "unlock", "reset"])
def test_nobody_else_changes_accounts_by_asking_directly(console: Console, what: str) -> None:
    victim = console.person("quan", ADMIN)
    browser = console.logged_in("minh", (Role.AUTHOR, Role.APPROVER, Role.OPERATOR))
    fields = {"roles": "admin", "staff_id": "1", "actor": "staff:1", "by": "1"}

    answer = browser.submit("/console/account", f"/console/people/{victim.id}/{what}", **fields)
    own = browser.submit("/console/account", f"/console/people/2/{what}", **fields)

    assert (answer.status_code, own.status_code) == (403, 403)
    account = console.store.staff.by_id(2)
    assert account
    assert Role.ADMIN not in account.staff.roles


@pytest.mark.parametrize("known", [{}, {"current": "không phải mật khẩu"}])
def test_an_open_session_alone_opens_no_account(
    console: Console, admin: Browser, known: dict[str, str]
) -> None:
    minh = console.person("minh", (Role.APPROVER,))
    before = console.store.staff.members()
    page, one = "/console/people", f"/console/people/{minh.id}"
    new: dict[str, Any] = {"login": "ke-la", "name": "Ai", "roles": ["approver"]}
    answers = [
        admin.submit(page, page, **new, **known),
        admin.submit(one, f"{one}/roles", roles="admin", **known),
        admin.submit(one, f"{one}/reset", **known),
    ]

    assert [answer.status_code for answer in answers] == [422, 422, 422]
    assert all(LINK.search(answer.text) is None for answer in answers)
    assert all(SAYS["wrong_password"] in answer.text for answer in answers)
    assert console.store.staff.members() == before
    assert console.browser().log_in("minh").status_code == 303
    assert admin.submit(one, f"{one}/lock").status_code == 303  # to stop somebody takes nothing


@pytest.mark.parametrize("number", ["99", str(2**63), str(10**30)])
def test_an_account_that_is_not_there(console: Console, admin: Browser, number: str) -> None:
    assert admin.get(f"/console/people/{number}").status_code == 404
    for what in ("roles", "lock", "unlock", "reset"):
        path = f"/console/people/{number}/{what}"
        assert admin.submit("/console/people", path, roles="author").status_code == 404


def test_of_two_administrators_who_demote_each_other_one_is_too_late(console: Console) -> None:
    first, second = console.person("quan", ADMIN), console.person("minh", ADMIN)
    start, refused = threading.Barrier(2), []

    def demote(by: int, target: int) -> None:
        start.wait()
        try:
            console.store.people.set_roles(
                By(f"staff:{by}", by), target, {Role.AUTHOR}, console.now
            )
        except StaffRefused as error:
            refused.append(error.code)

    pairs = ((first.id, second.id), (second.id, first.id))
    threads = [threading.Thread(target=demote, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert refused == ["not_admin"]
    assert sum(Role.ADMIN in each.roles for each in console.store.staff.members()) == 1


def test_a_name_cannot_break_out_of_the_pages(console: Console, admin: Browser) -> None:
    page = add(admin, "minh", name='"><script>alert(1)</script>').text
    pages = (page, admin.get("/console/people").text, admin.get("/console/people/2").text)

    for each in pages:
        assert "<script>alert" not in each
