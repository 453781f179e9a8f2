"""The page: safe headers, small files, words in their place."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.core.conversation.intents import ANSWERS
from bot.web.errors import _CODES
from bot.web.sentences import sentences
from tests.adapters.web_parts import Talker, some_parts, web_app

WEB = Path(__file__).parents[2] / "bot" / "web"


@pytest.fixture
def client(tmp_path: Path) -> Any:
    parts = some_parts(tmp_path)
    yield web_app(parts).test_client()
    parts.store.close()


def test_the_page_allows_no_script_but_its_own(client: Any) -> None:
    answer = client.get("/")

    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'self'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"]
    assert not re.search(r"<script(?![^>]*(src=|application/json))", answer.text)
    assert not re.search(r"\son\w+=|\sstyle=", answer.text)


def test_the_address_people_guess_leads_to_the_page(client: Any) -> None:
    answer = client.get("/chat")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/")


@pytest.mark.parametrize("path", ["/chat/api/messages", "/healthz", "/nothing", "/api/procedures"])
def test_every_answer_carries_the_headers(client: Any, path: str) -> None:
    headers = client.get(path).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


def test_files_are_found_kept_for_a_year_and_small(client: Any) -> None:
    addresses = re.findall(r'(?:src|href)="(/static/[^"]+)"', client.get("/").text)

    assert len(addresses) == 3
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200
        assert "max-age=31536000" in answer.headers["Cache-Control"]
        answer.close()
    total = sum(path.stat().st_size for path in (WEB / "static").rglob("*") if path.is_file())
    assert total < 60_000


def test_the_page_names_the_province_and_says_it_is_a_demo(client: Any) -> None:
    page = client.get("/").text

    assert "Một cửa Long An" in page
    assert "Dùng thử" in page
    assert 'href="tel:02720001022"' in page


def test_a_real_desk_shows_no_demo_mark(tmp_path: Path) -> None:
    parts = some_parts(tmp_path)
    parts.province = replace(parts.province, demo=False)

    page = web_app(parts).test_client().get("/").text

    assert "Dùng thử" not in page
    assert "dữ liệu mẫu" not in page
    parts.store.close()


def test_a_lost_visitor_is_shown_the_way_back(client: Any) -> None:
    answer = client.get("/khong-co")

    assert answer.status_code == 404
    assert 'href="/"' in answer.text


def test_scripts_never_write_html() -> None:
    for path in (WEB / "static").rglob("*.js"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", text
        )


def test_every_error_code_and_intent_has_words() -> None:
    errors = sentences()["errors"]
    used = set(_CODES.values())
    for path in WEB.glob("*.py"):
        used |= set(re.findall(r'ApiError\(\d+, "(\w+)"', path.read_text(encoding="utf-8")))

    assert used <= set(errors)
    assert set(ANSWERS) - {"nlu_fallback"} <= set(sentences()["labels"])


def test_every_word_a_script_uses_exists() -> None:
    page = sentences()["page"]
    scripts = "".join(path.read_text() for path in (WEB / "static").rglob("*.js"))

    assert set(re.findall(r"words\.(\w+)", scripts)) <= set(page)


def test_a_hostile_province_cannot_break_out(tmp_path: Path) -> None:
    parts = some_parts(tmp_path)
    parts.province = replace(parts.province, desk_name="<script>x</script>")

    assert "<script>x" not in web_app(parts).test_client().get("/").text
    parts.store.close()


def test_starters_and_menu_can_be_sent(tmp_path: Path) -> None:
    parts = some_parts(tmp_path)
    talker = Talker(web_app(parts))
    for one in [*sentences()["starters"], *sentences()["menu"]]:
        assert talker.say(one["send"]).status_code == 202
    parts.store.close()
