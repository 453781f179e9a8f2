"""The chat API keeps its contract, also when what arrives is hostile."""

from __future__ import annotations

import hashlib
import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.adapters.web_parts import A_BUTTON, PNG, Parts, Talker, answer_all, some_parts, web_app

from bot.core.messages import Reply
from bot.web.incoming import MAX_IMAGE
from bot.web.sessions import COOKIE


@pytest.fixture
def parts(tmp_path: Path) -> Any:
    made = some_parts(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def talker(parts: Parts) -> Talker:
    return Talker(web_app(parts))


def waiting(parts: Parts) -> int:
    return parts.store.journal.backlog().waiting


def assert_error(answer: Any, status: int, code: str | None = None) -> None:
    assert answer.status_code == status
    error = answer.get_json()["error"]
    assert set(error) == {"code", "message"}
    assert error["message"]
    if code:
        assert error["code"] == code


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


def upload(content: bytes, name: str = "photo.png", **fields: str) -> dict[str, Any]:
    return {"data": {"image": (io.BytesIO(content), name), **fields}}


def test_a_picture_is_kept_once_with_its_bytes(parts: Parts, talker: Talker) -> None:
    first = talker.post(**upload(PNG, client_id="p-1"))
    again = talker.post(**upload(PNG, client_id="p-1"))

    assert (first.status_code, again.status_code) == (202, 202)
    [claimed] = parts.store.journal.claim(parts.clock(), "t", 5, timedelta(seconds=9))
    assert claimed.inbound.picture == PNG
    assert claimed.inbound.kind.value == "image"


@pytest.mark.parametrize(
    "head",
    [b"\xff\xd8\xff\xe0", b"GIF89a", b"RIFF\x10\0\0\0WEBP", b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0"],
)
def test_pictures_are_known_by_their_content(talker: Talker, head: bytes) -> None:
    assert talker.post(**upload(head + bytes(40), name="x.txt")).status_code == 202


@pytest.mark.parametrize(
    "content", [b"%PDF-1.7", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"BMW xin", b"\0" * 99]
)
def test_other_files_are_refused(parts: Parts, talker: Talker, content: bytes) -> None:
    assert_error(talker.post(**upload(content, name="photo.png")), 415, "image_wrong_type")
    assert waiting(parts) == 0


def test_an_empty_picture_is_refused(talker: Talker) -> None:
    assert_error(talker.post(**upload(b"")), 400, "image_empty")


def test_a_form_without_picture_is_refused(talker: Talker) -> None:
    assert_error(talker.post(data={"image": "a"}, content_type="multipart/form-data"), 400)


@pytest.mark.parametrize("extra", [1, 200_000])
def test_a_giant_picture_is_refused(parts: Parts, talker: Talker, extra: int) -> None:
    assert_error(talker.post(**upload(PNG + bytes(MAX_IMAGE + extra))), 413, "image_too_large")
    assert waiting(parts) == 0


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


def test_too_many_messages_hear_to_slow_down(tmp_path: Path) -> None:
    parts = some_parts(tmp_path, chat_rate="3/hour")
    talker = Talker(web_app(parts))
    answers = [talker.say(f"câu {number}") for number in range(4)]

    assert [answer.status_code for answer in answers] == [202, 202, 202, 429]
    assert_error(answers[-1], 429, "too_fast")
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 3600
    assert Talker(talker.app).say("người khác").status_code == 202
    parts.store.close()


def test_one_address_may_not_open_sessions_without_end(tmp_path: Path) -> None:
    parts = some_parts(tmp_path, session_rate="2/hour")
    client = web_app(parts).test_client()

    def opened(peer: str, forwarded: str = "") -> int:
        headers = {"X-Forwarded-For": forwarded} if forwarded else {}
        environ = {"REMOTE_ADDR": peer}
        answer = client.post("/chat/api/sessions", headers=headers, environ_base=environ)
        return answer.status_code

    assert [opened("10.0.0.1") for _ in range(3)] == [201, 201, 429]
    assert opened("10.0.0.1", forwarded="10.0.0.7") == 429
    assert opened("127.0.0.1", forwarded="10.0.0.9") == 201
    parts.store.close()


def test_a_store_that_is_away_becomes_503(parts: Parts, talker: Talker, monkeypatch: Any) -> None:
    from bot.core.errors import StoreUnavailable

    def away(*_: Any) -> None:
        raise StoreUnavailable("gone")

    monkeypatch.setattr(parts.store.journal, "receive", away)

    assert_error(talker.say("xin chào"), 503, "unavailable")


def test_a_mistake_of_ours_is_logged_without_words(
    parts: Parts, talker: Talker, monkeypatch: Any, caplog: Any
) -> None:
    def broken(*_: Any) -> None:
        raise ValueError("bí mật của tôi")

    monkeypatch.setattr(parts.store.journal, "receive", broken)

    assert_error(talker.say("bí mật của tôi"), 500, "internal")
    assert "ValueError" in caplog.text
    assert "bí mật" not in caplog.text
