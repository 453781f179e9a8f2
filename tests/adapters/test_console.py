"""Enrol, log in, out and about: what staff see, and what an intruder does not."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.console.words import words
from bot.core.staff.lockout import PAIR_LOCK
from bot.core.staff.passwords import Weakness
from bot.core.staff.people import By
from bot.core.staff.roles import Role
from bot.store.schema_staff import login_attempts
from tests.adapters.console_parts import PASSWORD, Browser, Console

WRONG = words()["problems"]["wrong"]


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Console]:
    made = Console(tmp_path)
    yield made
    made.store.close()


def enrol(console: Console, browser: Browser, path: str, **changes: str) -> Any:
    fields = {"password": PASSWORD, "again": PASSWORD, "code": console.code(), **changes}
    return browser.submit(path, path, **fields)


def cookie_of(answer: Any, name: str) -> str:
    found = [one for one in answer.headers.getlist("Set-Cookie") if one.startswith(f"{name}=")]
    assert found, answer.headers
    return str(found[0])


# Enrolling


def test_an_invitation_shows_the_code_to_scan(console: Console) -> None:
    page = console.browser().get(console.invite()).text

    assert "<svg" in page.split('class="qr"')[1]
    assert "JBSW Y3DP" in page
    assert "Nguyễn Thị Lan" in page


def test_enrolling_shows_ten_recovery_codes_once(console: Console) -> None:
    browser, path = console.browser(), console.invite()

    done = enrol(console, browser, path)

    codes = re.findall(r"<li>(\w{4}(?:-\w{4}){3})</li>", done.text)
    assert len(set(codes)) == 10
    assert browser.get(path).status_code == 410
    console.wait(seconds=30)
    assert browser.log_in(code="", recovery=codes[3].lower()).status_code == 303
    assert "9" in browser.get("/console/account").text


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"password": "too short"}, "too_short"),
        ({"password": "Matkhau@123456"}, "common"),
        ({"again": "something else"}, "not_the_same"),
        ({"code": "000000"}, "wrong_code"),
    ],
)
def test_what_is_wrong_with_an_enrolment_is_said(
    console: Console, changes: dict[str, str], code: str
) -> None:
    browser, path = console.browser(), console.invite()

    answer = enrol(console, browser, path, **changes)

    assert answer.status_code == 422
    assert words()["problems"][code] in answer.text
    assert browser.get(path).status_code == 200
    assert PASSWORD not in answer.text


def test_an_invitation_ends_after_two_days(console: Console) -> None:
    path = console.invite()
    console.wait(hours=48)

    assert console.browser().get(path).status_code == 410


# Logging in


def test_password_and_code_open_the_overview(console: Console) -> None:
    console.person()
    browser = console.browser()

    answer = browser.log_in()

    assert answer.headers["Location"] == "/console/"
    assert "Tổng quan" in browser.get("/console/").text


def test_the_cookie_is_for_nobody_but_us(console: Console) -> None:
    console.person()

    cookie = cookie_of(console.browser().log_in(), "motcua_staff")

    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Expires" not in cookie


def test_behind_https_the_cookies_are_bound_to_the_host(tmp_path: Path) -> None:
    console = Console(tmp_path, public_url="https://motcua.example")
    console.person()
    client = console.app.test_client()
    page = client.get("/console/login", base_url="https://motcua.example")
    token = re.findall(r'name="csrf_token" value="([^"]+)"', page.text)[0]
    fields = {"csrf_token": token, "login": "lan", "password": PASSWORD, "code": console.code()}
    sent = {"data": fields, "base_url": "https://motcua.example"}

    assert client.post("/console/login", **sent).status_code == 400  # nobody says from where
    ours = {"Referer": "https://motcua.example/console/login"}
    answer = client.post("/console/login", headers=ours, **sent)

    for name in ("__Host-motcua_staff",):
        cookie = cookie_of(answer, name)
        assert "Secure" in cookie
        assert "Path=/;" in cookie + ";"
        assert "Domain" not in cookie
    assert "Secure" in cookie_of(page, "__Host-motcua_form")
    console.store.close()


@pytest.mark.parametrize(
    "changes",
    [
        {"login": "nobody"},
        {"password": "not the password"},
        {"code": "000000"},
        {"code": ""},
        {"code": "", "recovery": "2222-3333-4444-5555"},
        {"login": "not-enrolled"},
        {"login": "locked"},
    ],
)
def test_whatever_is_wrong_is_refused_in_the_same_words(
    console: Console, changes: dict[str, str]
) -> None:
    console.person()
    console.invite("not-enrolled")
    console.store.people.lock(By("test"), console.person("locked").id, console.now)
    browser = console.browser()

    answer = browser.log_in(**changes)

    assert answer.status_code == 422
    assert WRONG in answer.text
    blank = console.browser().log_in("nobody").text
    same = re.compile(r'name="csrf_token" value="[^"]+"|value="[\w-]*"| open|autofocus')
    assert same.sub("", answer.text) == same.sub("", blank)


def test_a_code_cannot_be_replayed(console: Console) -> None:
    console.person()

    assert console.browser().log_in().status_code == 303
    assert console.browser().log_in().status_code == 422
    console.wait(seconds=30)
    assert console.browser().log_in().status_code == 303


@pytest.mark.parametrize("login", ["lan", "nobody"])
def test_too_many_wrong_attempts_shut_the_door_for_a_while(console: Console, login: str) -> None:
    console.person()
    browser = console.browser()
    for _ in range(PAIR_LOCK.free):
        assert browser.log_in(login, password="guess").status_code == 422

    shut = browser.log_in(login)

    assert shut.status_code == 429
    assert 0 < int(shut.headers["Retry-After"]) <= 60
    assert "08:31:00" in shut.text
    console.wait(seconds=61)
    expected = 303 if login == "lan" else 422
    assert browser.log_in(login).status_code == expected


def test_attempts_are_limited_per_address_too(tmp_path: Path) -> None:
    console = Console(tmp_path, login_rate="3/minute")
    browser = console.browser()
    answers = [browser.log_in(f"x{number}", password="p").status_code for number in range(4)]

    assert answers == [422, 422, 422, 429]
    assert browser.get("/console/login").status_code == 200
    console.store.close()


def test_no_login_password_or_code_is_kept_or_logged(
    console: Console, caplog: pytest.LogCaptureFixture
) -> None:
    console.person()
    caplog.set_level(logging.DEBUG)
    console.browser().log_in("my-secret-typed-into-login", password="another-secret-of-mine")
    browser = console.browser()
    browser.log_in(code=(code := console.code()))

    with console.store._db.read() as connection:
        kept = str(connection.execute(login_attempts.select()).all())
    for secret in ("my-secret", "another-secret", PASSWORD, code, "Lan"):
        assert secret not in kept
        assert secret not in "".join(record.getMessage() for record in caplog.records)


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.example/console/", "//evil.example/console", "/chat", "/consoles", "\\console",
     "/console\\@evil.example", "javascript:alert(1)"],
)  # fmt: skip
def test_login_leads_nowhere_else(console: Console, wanted: str) -> None:
    console.person()

    assert console.browser().log_in(next=wanted).headers["Location"] == "/console/"


def test_an_address_that_is_none_does_not_break_the_login_page(console: Console) -> None:
    assert console.browser().get("/console/login?next=//[").status_code == 200


def test_after_login_one_is_where_one_wanted_to_be(console: Console) -> None:
    console.person()
    browser = console.browser()
    sent_away = browser.get("/console/account").headers["Location"]

    page = browser.get(sent_away).text

    assert 'name="next" value="/console/account"' in page
    answer = browser.log_in(next="/console/account")
    assert answer.headers["Location"] == "/console/account"


# Words


def test_every_weakness_role_and_saying_has_words() -> None:
    known = words()
    assert {weakness.value for weakness in Weakness} <= set(known["problems"])
    assert {role.value for role in Role} == set(known["roles"])
    console = Path(__file__).parents[2] / "bot" / "console"
    code = "".join(path.read_text(encoding="utf-8") for path in console.glob("*.py"))
    files = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in console.glob("*.yml")]
    said = {name for each in files for name in each.get("said", ())}
    assert set(re.findall(r'said="(\w+)"|_back\("(\w+)"\)', code)) >= {("logged_out", "")}
    for pair in re.findall(r'said="(\w+)"|_back\("(\w+)"\)', code):
        assert (pair[0] or pair[1]) in said
    for code_name in re.findall(r'problem\("(\w+)"', code):
        assert code_name in known["problems"]
