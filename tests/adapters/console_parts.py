"""A web app with the console over a real store, a clock one can move, and people in it."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pyotp
from flask import Flask
from flask.testing import FlaskClient

from bot.console.app import add_console
from bot.core.staff.people import By
from bot.core.staff.roles import Role, Staff
from bot.store import open_store
from bot.wiring.console import build_console
from tests.adapters.web_parts import Parts, some_parts, web_app

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PASSWORD = "trời mưa mang ô nhé"
START = datetime(2026, 11, 22, 1, 30, tzinfo=timezone.utc)
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Console:
    """The app under test and what a test needs to know about it."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        chosen = {"secret_key": "only-for-tests", "login_rate": "1000/minute", **settings}
        known = some_parts(folder, **chosen)
        known.store.close()
        self.store = open_store(known.settings.store_url, ("key-for-tests",))
        self.parts: Parts = replace(known, store=self.store, now=START)
        self.app: Flask = web_app(self.parts)
        self.known = replace(
            build_console(self.parts), origin_of=lambda *_: "", new_totp=lambda: SECRET
        )  # type: ignore[arg-type]
        add_console(self.app, self.known)

    @property
    def now(self) -> datetime:
        return self.parts.clock()

    def wait(self, **duration: float) -> None:
        self.parts.now = self.now + timedelta(**duration)

    def code(self) -> str:
        return str(pyotp.TOTP(SECRET).at(self.now))

    def invite(self, login: str = "lan", roles: Collection[Role] = (Role.AUTHOR,)) -> str:
        """Make an account and return the path of its invitation."""
        self.store.people.add(
            By("test"), login, "Nguyễn Thị Lan", roles, self.now, f"token-{login}"
        )
        return f"/console/enrol/token-{login}"

    def person(self, login: str = "lan", roles: Collection[Role] = (Role.AUTHOR,)) -> Staff:
        """Make an account that can log in."""
        self.invite(login, roles)
        hashed = self.known.hasher.hash(PASSWORD)
        accounts, link = self.store.staff, (f"token-{login}", "some browser")
        assert accounts.open_invitation(*link, SECRET, self.now)
        assert accounts.enrol(*link, hashed, 0, ("digest",), self.now)
        account = self.store.staff.find(login)
        assert account
        return account.staff

    def browser(self) -> Browser:
        return Browser(self)

    def logged_in(self, login: str = "lan", roles: Collection[Role] = (Role.AUTHOR,)) -> Browser:
        self.person(login, roles)
        browser = self.browser()
        assert browser.log_in(login).status_code == 303
        return browser


class Browser:
    """A client that sends forms as a browser does: with the token of the page they stand on."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self.client: FlaskClient = console.app.test_client()

    def get(self, path: str) -> Any:
        return self.client.get(path)

    def submit(self, page: str, action: str, **fields: str) -> Any:
        found = _TOKEN.search(self.get(page).text)
        assert found, f"no form on {page}"
        return self.client.post(action, data={"csrf_token": found[1], **fields})

    def log_in(self, login: str = "lan", password: str = PASSWORD, **fields: str) -> Any:
        given = {"login": login, "password": password, "code": self._console.code(), **fields}
        return self.submit("/console/login", "/console/login", **given)
