"""The chat API keeps its contract, also when what arrives is hostile."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from bot.core.messages import Reply
from bot.web.sessions import COOKIE
from tests.adapters.web_parts import (
    A_BUTTON,
    Parts,
    Talker,
    answer_all,
    assert_error,
    some_parts,
    waiting,
    web_app,
)


@pytest.fixture
def parts(tmp_path: Path) -> Any:
    made = some_parts(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def talker(parts: Parts) -> Talker:
    return Talker(web_app(parts))


def test_a_session_is_opened_and_only_its_hash_is_kept(parts: Parts, tmp_path: Path) -> None:
    answer = web_app(parts).test_client().post("/chat/api/sessions")

    token = answer.get_json()["session"]
    assert answer.status_code == 201
    assert len(token) >= 43
    digest = hashlib.sha256(token.encode()).hexdigest()
    assert parts.store.citizens.find("web", digest) is not None
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("motcua.db*"))
    assert token.encode() not in kept


def test_the_cookie_is_closed_to_scripts_and_foreign_pages(parts: Parts) -> None:
    answer = web_app(parts).test_client().post("/chat/api/sessions")

    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


def test_the_cookie_is_secure_on_https(tmp_path: Path) -> None:
    parts = some_parts(tmp_path, public_url="https://motcua.example.vn")

    answer = web_app(parts).test_client().post("/chat/api/sessions")

    assert "Secure" in answer.headers["Set-Cookie"]
    assert "Strict-Transport-Security" in answer.headers
    parts.store.close()


def test_a_text_is_kept_and_the_worker_is_woken(parts: Parts, talker: Talker) -> None:
    answer = talker.say("hồ sơ của tôi tới đâu rồi")

    assert answer.status_code == 202
    assert answer.get_json() == {"id": "1"}
    assert parts.waker.calls == 1
    assert waiting(parts) == 1


def test_waiting_returns_the_replies_of_this_turn(parts: Parts, talker: Talker) -> None:
    reply = Reply("Dạ, miễn phí ạ.", (A_BUTTON,), meta={"intent": "ask_fee", "confidence": 0.9})
    parts.waker.then = lambda: answer_all(parts, reply) and None

    answer = talker.say("phí khai sinh", query="?wait=5")

    assert answer.status_code == 200
    [message] = answer.get_json()["messages"]
    assert message.pop("at").endswith("Z")
    assert message == {
        "id": "2",
        "from": "bot",
        "text": "Dạ, miễn phí ạ.",
        "buttons": [{"title": "Xem phí", "payload": '/ask_fee{"procedure": "1.001193"}'}],
        "meta": {"intent": "ask_fee", "confidence": 0.9},
    }


def test_waiting_in_vain_still_says_that_the_message_is_kept(talker: Talker) -> None:
    answer = talker.say("xin chào", query="?wait=0.01")

    assert answer.status_code == 202
    assert answer.get_json() == {"id": "1"}


def test_the_same_client_id_twice_is_one_message(parts: Parts, talker: Talker) -> None:
    first = talker.say("xin chào", client_id="a-1")
    again = talker.say("xin chào", client_id="a-1")

    assert first.get_json() == again.get_json()
    assert waiting(parts) == 1
    assert len(talker.messages()) == 1


def test_the_same_client_id_of_two_citizens_is_two_messages(parts: Parts) -> None:
    app = web_app(parts)
    Talker(app).say("xin chào", client_id="a-1")
    Talker(app).say("xin chào", client_id="a-1")

    assert waiting(parts) == 2


def test_another_session_never_sees_the_talk(parts: Parts, talker: Talker) -> None:
    talker.say("hồ sơ của tôi")
    answer_all(parts, Reply("Dạ"))

    other = Talker(talker.app)

    assert len(talker.messages()) == 2
    assert other.messages() == []


def test_messages_after_an_id_are_only_the_later_ones(parts: Parts, talker: Talker) -> None:
    talker.say("một")
    talker.say("hai")

    assert [message["text"] for message in talker.messages(after="1")] == ["hai"]


def test_a_tapped_choice_reads_as_its_title(parts: Parts, talker: Talker) -> None:
    talker.say("khai sinh")
    answer_all(parts, Reply("Dạ", (A_BUTTON,)))
    talker.say('/ask_fee{"procedure": "1.001193"}')

    tapped = talker.messages()[-1]

    assert tapped["text"] == "Xem phí"
    assert tapped["meta"]["payload"] == '/ask_fee{"procedure": "1.001193"}'


@pytest.mark.parametrize(
    ("payload", "shown"),
    [
        ('/ask_fee{"procedure": "1.001193"}', "Phí, lệ phí: Đăng ký khai sinh"),
        ('/lookup_dossier{"dossier_code": "H1-1"}', "Tra cứu hồ sơ: H1-1"),
        ('/list_services{"field": "land"}', "Dịch vụ công trực tuyến: Đất đai"),
        ('/subscribe_topic{"topic": "flood", "area": "x"}', "Nhận thông báo: Thiên tai"),
        ("/request_human", "Gặp cán bộ"),
        ('/ask_fee{"procedure": 7}', "Phí, lệ phí"),
        ("/ask_fee{broken", "Phí, lệ phí"),
        ("/no_such_thing", "/no_such_thing"),
    ],
)
def test_a_typed_payload_is_shown_in_words(talker: Talker, payload: str, shown: str) -> None:
    talker.say(payload)

    assert talker.messages()[0]["text"] == shown


@pytest.mark.parametrize(
    "text",
    [
        "👍🏽👨‍👩‍👧",
        "a" * 5000,
        "\u202eđảo chiều\u202c",
        "مرحبا",
        "<script>alert(1)</script>",
        "/",
        "'; --",
    ],
)
def test_odd_texts_are_kept(talker: Talker, text: str) -> None:
    assert talker.say(text).status_code == 202
    assert len(talker.messages()) == 1


def test_control_characters_are_left_out(talker: Talker) -> None:
    talker.say(" hồ\x00 sơ\x07\r\ncủa tôi\u202e ")

    assert talker.messages()[0]["text"] == "hồ sơ\ncủa tôi"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"text": ""}, "text_empty"),
        ({"text": " \n\t"}, "text_empty"),
        ({"text": "\u200b\u2060"}, "text_empty"),
        ({"text": "\x00\x01"}, "text_empty"),
        ({"text": None}, "text_missing"),
        ({"text": 7}, "text_missing"),
        ({"text": ["a"]}, "text_missing"),
        ({}, "text_missing"),
        ([], "bad_json"),
        ("text", "bad_json"),
        ({"text": "a", "client_id": 7}, "bad_client_id"),
        ({"text": "a", "client_id": "x" * 101}, "bad_client_id"),
        ({"text": "a", "client_id": "a\x00b"}, "bad_client_id"),
    ],
)
def test_wrong_bodies_change_nothing(parts: Parts, talker: Talker, body: Any, code: str) -> None:
    assert_error(talker.post(json=body), 400, code)
    assert waiting(parts) == 0
    assert parts.waker.calls == 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"text": "\xff"}',
        b'{"text": "\\ud800"}',
        b"[" * 100_000,
        b'{"text": 1' + b"0" * 9999 + b"}",
    ],
)
def test_broken_json_is_refused(parts: Parts, talker: Talker, body: bytes) -> None:
    assert_error(talker.post(data=body, content_type="application/json"), 400)
    assert waiting(parts) == 0


def test_unknown_fields_are_ignored(talker: Talker) -> None:
    assert talker.say("xin chào", from_="bot", meta={"intent": "x"}).status_code == 202


@pytest.mark.parametrize("size", [5_001, 50_000])
def test_a_long_text_is_refused(parts: Parts, talker: Talker, size: int) -> None:
    assert_error(talker.say("a" * size), 413, "text_too_long")
    assert waiting(parts) == 0


def test_a_large_json_body_is_refused(talker: Talker) -> None:
    assert_error(talker.say("xin chào", other="a" * 300_000), 413)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_other_content_types_are_refused(talker: Talker, kind: str) -> None:
    assert_error(talker.post(data=b'{"text": "a"}', content_type=kind), 415)


def test_without_session_nothing_is_answered(parts: Parts) -> None:
    client = web_app(parts).test_client()
    wrong = {"Authorization": "Bearer nobody"}

    assert_error(client.post("/chat/api/messages", json={"text": "a"}), 401, "no_session")
    assert_error(client.post("/chat/api/messages", json={"text": "a"}, headers=wrong), 401)
    assert_error(client.get("/chat/api/messages"), 401)
    assert_error(client.get("/chat/api/stream", headers={"Authorization": "Basic x"}), 401)


def test_the_page_may_use_its_cookie(parts: Parts) -> None:
    client = web_app(parts).test_client()
    client.post("/chat/api/sessions")
    own = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}

    assert client.post("/chat/api/messages", json={"text": "a"}, headers=own).status_code == 202
    assert client.get("/chat/api/messages").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}],
)
def test_a_foreign_page_may_not(parts: Parts, headers: dict[str, str]) -> None:
    client = web_app(parts).test_client()
    client.post("/chat/api/sessions")

    assert_error(client.post("/chat/api/messages", json={"text": "a"}, headers=headers), 403)
    assert "Set-Cookie" not in client.post("/chat/api/sessions", headers=headers).headers
    assert waiting(parts) == 0


@pytest.mark.parametrize("after", ["-1", "x", "1.5", "٣", "9" * 30])
def test_a_wrong_after_is_refused(talker: Talker, after: str) -> None:
    answer = talker.client().get(f"/chat/api/messages?after={after}", headers=talker.headers)
    assert_error(answer, 400, "bad_id")


@pytest.mark.parametrize("wait", ["x", "-1", "21", "nan", "inf"])
def test_a_wrong_wait_is_refused(parts: Parts, talker: Talker, wait: str) -> None:
    assert_error(talker.say("a", query=f"?wait={wait}"), 400, "bad_wait")
    assert waiting(parts) == 0


def test_unknown_addresses_and_methods_have_the_same_shape(talker: Talker) -> None:
    client = talker.client()

    assert_error(client.get("/chat/api/nothing"), 404, "not_found")
    assert_error(client.get("/api/nothing"), 404, "not_found")
    assert_error(client.get("/chat/api/sessions"), 405, "wrong_method")
    assert_error(client.delete("/chat/api/messages"), 405, "wrong_method")
