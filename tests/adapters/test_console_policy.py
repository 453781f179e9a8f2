"""Every page of the console needs a login and a role; every form proves where it comes from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.core.staff.roles import Role
from bot.store.schema_staff import staff_roles
from tests.adapters.console_parts import Console

OPEN = {
    "console_entry.login",
    "console_entry.log_in",
    "console_entry.enrol",
    "console_entry.finish_enrolment",
    "console_static.static",
}
TEMPLATES = Path(__file__).parents[2] / "bot" / "console" / "templates"
SAFE = {"GET", "HEAD", "OPTIONS"}


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Console]:
    made = Console(tmp_path)
    yield made
    made.store.close()


def routes(console: Console) -> list[tuple[str, str, str, Any]]:
    """Return method, path, endpoint and view of every route under /console."""
    samples = {"int": "1", "default": "x", "path": "x/y"}
    found = []
    for rule in console.app.url_map.iter_rules():
        if not rule.rule.startswith("/console"):
            continue
        path = re.sub(
            r"<(?:(\w+)(?:\([^)]*\))?:)?\w+>", lambda m: samples[m[1] or "default"], rule.rule
        )
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            found.append((method, path, rule.endpoint, console.app.view_functions[rule.endpoint]))
    return found


def test_there_are_routes_to_judge(console: Console) -> None:
    assert len(routes(console)) >= 10
    assert {endpoint for _, _, endpoint, _ in routes(console)} >= OPEN


def test_every_route_says_who_may_use_it(console: Console) -> None:
    for _, _, endpoint, view in routes(console):
        if endpoint in OPEN:
            assert view.needs is None, endpoint
        else:
            assert view.needs, endpoint
            assert view.needs <= frozenset(Role), endpoint


def test_nobody_gets_past_the_login(console: Console) -> None:
    console.app.config["WTF_CSRF_METHODS"] = set()
    for method, path, endpoint, _ in routes(console):
        if endpoint in OPEN:
            continue
        answer = console.browser().client.open(path, method=method)
        assert answer.status_code == 303, endpoint
        assert answer.headers["Location"].startswith("/console/login"), endpoint


def test_a_login_without_the_role_is_refused_everywhere(console: Console) -> None:
    console.app.config["WTF_CSRF_METHODS"] = set()
    for role in Role:
        staff = console.person(role.value, {role})
        for method, path, endpoint, view in routes(console):
            if endpoint in OPEN or role in view.needs:
                continue
            browser = console.browser()
            browser.log_in(role.value)
            console.wait(seconds=60)
            assert browser.client.open(path, method=method).status_code == 403, (endpoint, staff)


def test_somebody_without_any_role_can_open_nothing(console: Console) -> None:
    console.app.config["WTF_CSRF_METHODS"] = set()
    browser = console.logged_in("lan", {Role.AUTHOR})
    with console.store._db.write() as connection:
        connection.execute(staff_roles.delete())
    for method, path, endpoint, _ in routes(console):
        if endpoint not in OPEN:
            assert browser.client.open(path, method=method).status_code == 403, endpoint


def test_every_form_that_is_sent_without_its_token_is_refused(console: Console) -> None:
    browser = console.logged_in("lan", set(Role))
    for method, path, endpoint, _ in routes(console):
        if method not in SAFE:
            answer = browser.client.open(path, method=method, data={"csrf_token": "guess"})
            assert answer.status_code == 400, endpoint
            assert browser.client.open(path, method=method).status_code == 400, endpoint
    assert browser.get("/console/").status_code == 200


def test_every_form_of_the_templates_carries_a_token() -> None:
    for path in TEMPLATES.rglob("*.html"):
        for form in re.findall(r"<form.*?</form>", path.read_text("utf-8"), re.DOTALL):
            assert 'method="post"' in form, path
            assert "csrf_token()" in form, path


def test_templates_have_no_scripts_or_styles_of_their_own() -> None:
    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:|\|\s*safe", text), path
        for script in re.findall(r"<script.*?</script>", text, re.DOTALL):
            assert re.fullmatch(r'<script src="[^"]+" defer></script>', script), path


@pytest.mark.parametrize("path", ["/console/login", "/console/enrol/x", "/console/", "/console/x"])
def test_every_answer_has_the_strict_headers(console: Console, path: str) -> None:
    headers = console.browser().get(path).headers

    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "same-origin"


def test_the_chat_page_keeps_its_own_headers_and_sets_no_cookie_of_ours(console: Console) -> None:
    answer = console.browser().get("/")

    assert "https:" in answer.headers["Content-Security-Policy"]
    assert "motcua_form" not in str(answer.headers.getlist("Set-Cookie"))


def test_platforms_may_still_post_without_a_token(console: Console) -> None:
    answer = console.browser().client.post("/webhooks/echo", data=b"hello")

    assert answer.status_code == 200
