"""Invitations show their secret to one browser; strangers' guesses keep nobody out for long."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyotp
import pytest

from bot.console.words import words
from bot.core.staff.lockout import ADDRESS_LOCK, LOGIN_LOCK, PAIR_LOCK
from bot.store.schema_staff import staff_links
from tests.adapters.console_parts import PASSWORD, Browser, Console

SAYS = words()["problems"]
_KEY = re.compile(r'class="mono key">([A-Z2-7 ]+)<')


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Console]:
    made = Console(tmp_path)
    made.known = replace(
        made.known,
        new_totp=pyotp.random_base32,
        origin_of=lambda address, _: address,
        address_of=lambda request: request.headers.get("X-Test-Address", "home"),
    )
    made.app.extensions["motcua_console"] = made.known
    yield made
    made.store.close()


def secret_on(page: str) -> str:
    (shown,) = _KEY.findall(page)
    return str(shown).replace(" ", "")


def enrol(console: Console, browser: Browser, path: str, secret: str) -> Any:
    code = pyotp.TOTP(secret).at(console.now)
    fields = {"password": PASSWORD, "again": PASSWORD, "code": code}
    return browser.submit(path, path, **fields)


# Invitations


def test_one_browser_sees_the_same_secret_again(console: Console) -> None:
    browser, path = console.browser(), console.invite()

    first = secret_on(browser.get(path).text)

    assert secret_on(browser.get(path).text) == first
    assert enrol(console, browser, path, first).status_code == 200


def test_another_browser_gets_another_secret_and_the_first_one_is_void(console: Console) -> None:
    owner, reader, path = console.browser(), console.browser(), console.invite()
    seen_on_its_way = secret_on(reader.get(path).text)

    page = owner.get(path)
    assert page.status_code == 200
    assert SAYS["link_moved"] in page.text
    assert secret_on(page.text) != seen_on_its_way
    assert enrol(console, owner, path, secret_on(page.text)).status_code == 200

    console.wait(seconds=30)
    code = pyotp.TOTP(seen_on_its_way).at(console.now)
    assert reader.log_in(code=code).status_code == 422
    assert reader.get(path).status_code == 410


def test_a_page_left_open_while_another_browser_came_enrols_nobody(console: Console) -> None:
    first, second, path = console.browser(), console.browser(), console.invite()
    secret = secret_on(first.get(path).text)
    token = re.findall(r'name="csrf_token" value="([^"]+)"', first.get(path).text)[0]
    second.get(path)

    code = pyotp.TOTP(secret).at(console.now)
    fields = {"csrf_token": token, "password": PASSWORD, "again": PASSWORD, "code": code}
    answer = first.client.post(path, data=fields)

    assert answer.status_code == 409
    assert SAYS["link_moved"] in answer.text
    account = console.store.staff.find("lan")
    assert account
    assert not account.enrolled


def test_a_link_keeps_no_secret_before_it_is_opened(console: Console) -> None:
    console.invite()

    with console.store._db.read() as connection:
        link = connection.execute(staff_links.select()).one()
    assert (link.totp, link.browser) == ("", None)


def test_the_cookie_of_an_invitation_is_short_lived_and_ours(console: Console) -> None:
    (cookie,) = (
        each
        for each in console.browser().get(console.invite()).headers.getlist("Set-Cookie")
        if each.startswith("motcua_enrol=")
    )

    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert f"Max-Age={48 * 3600}" in cookie


def test_recovery_codes_can_be_saved_without_scripts(console: Console) -> None:
    browser, path = console.browser(), console.invite()
    page = enrol(console, browser, path, secret_on(browser.get(path).text)).text

    (href,) = re.findall(r'href="(data:text/plain[^"]+)" download="[\w.-]+"', page)
    saved = unquote(href.split(",", 1)[1])
    codes = re.findall(r"<li>(\w{4}(?:-\w{4}){3})</li>", page)
    assert len(codes) == 10
    assert all(code in saved for code in codes)
    assert "lan" in saved


# Lock-out


def guesses(console: Console, login: str, times: int, address: str = "stranger") -> list[int]:
    """Guess from an address; return the statuses."""
    browser = console.browser()
    browser.client.environ_base["HTTP_X_TEST_ADDRESS"] = address
    return [browser.log_in(login, password="guess").status_code for _ in range(times)]


def at_home(console: Console) -> Browser:
    """Return a browser its owner came in with once, and left."""
    browser = console.logged_in()
    browser.submit("/console/", "/console/logout")
    console.wait(seconds=30)
    return browser


def test_guessing_from_one_address_is_stopped_and_the_owner_comes_in_elsewhere(
    console: Console,
) -> None:
    console.person()

    assert guesses(console, "lan", PAIR_LOCK.free + 2) == [422] * PAIR_LOCK.free + [429] * 2
    assert console.browser().log_in().status_code == 303


def test_guessing_from_many_addresses_is_slowed_but_not_at_a_known_browser(
    console: Console,
) -> None:
    known = at_home(console)
    for number in range(LOGIN_LOCK.free):
        assert guesses(console, "lan", 1, f"address-{number}") == [422]
    assert guesses(console, "lan", 1, "one more") == [429]

    assert console.browser().log_in().status_code == 429
    assert known.log_in().status_code == 303


def test_an_owner_at_a_new_browser_waits_a_quarter_of_an_hour_at_most(console: Console) -> None:
    console.person()
    for number in range(LOGIN_LOCK.free + 40):
        guesses(console, "lan", 1, f"address-{number}")
        console.wait(minutes=15)

    guesses(console, "lan", 1, "the last")
    assert console.browser().log_in().status_code == 429
    console.wait(minutes=15)
    assert console.browser().log_in().status_code == 303


def test_a_whole_office_is_not_shut_out_by_one_guesser_in_it(console: Console) -> None:
    known = at_home(console)
    for number in range(ADDRESS_LOCK.free):
        assert guesses(console, f"login-{number}", 1, "home") == [422]

    assert console.browser().log_in().status_code == 429
    assert known.log_in().status_code == 303


def test_a_stolen_browser_guesses_no_more_than_anybody(console: Console) -> None:
    thief = at_home(console)
    answers = [thief.log_in(password="guess").status_code for _ in range(PAIR_LOCK.free + 1)]

    assert answers == [422] * PAIR_LOCK.free + [429]


def test_a_browser_is_known_to_the_login_that_came_in_and_to_no_other(console: Console) -> None:
    insider = at_home(console)
    console.person("minh")
    guesses(console, "minh", PAIR_LOCK.free, "home")

    assert insider.log_in("minh", password="guess").status_code == 429


def test_a_browser_is_forgotten_after_half_a_year(console: Console) -> None:
    known = at_home(console)
    console.wait(days=181)
    guesses(console, "lan", PAIR_LOCK.free, "home")

    assert known.log_in().status_code == 429


@pytest.mark.parametrize("forged", ["", "x", "e30.x", json.dumps({"mark": "m", "known": []})])
def test_a_forged_mark_is_that_of_a_stranger(console: Console, forged: str) -> None:
    console.person()
    guesses(console, "lan", PAIR_LOCK.free, "home")
    browser = console.browser()
    browser.client.set_cookie("motcua_device", forged)

    assert browser.log_in().status_code == 429


def test_a_mark_signed_with_another_key_is_that_of_a_stranger(console: Console) -> None:
    known = at_home(console)
    console.app.config["SECRET_KEY"] = "another key"
    guesses(console, "lan", PAIR_LOCK.free, "home")

    assert known.log_in().status_code == 429


def test_strangers_do_not_keep_who_is_inside_from_changing_the_password(console: Console) -> None:
    browser = console.logged_in()
    guesses(console, "lan", PAIR_LOCK.free, "home")
    new = "một câu mới đủ dài"
    fields = {"current": PASSWORD, "password": new, "again": new}

    answer = browser.submit("/console/account", "/console/account/password", **fields)

    assert answer.status_code == 303


def test_the_rate_of_an_address_does_not_bind_a_known_browser(tmp_path: Path) -> None:
    console = Console(tmp_path, login_rate="3/minute")
    known = console.logged_in()
    known.submit("/console/", "/console/logout")
    strangers = console.browser()
    assert [strangers.log_in("x", password="p").status_code for _ in range(3)][-1] == 429
    console.wait(seconds=30)

    assert known.log_in().status_code == 303
    console.store.close()
