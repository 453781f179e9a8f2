"""Pictures, rates and breakdowns of the chat API."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.core.errors import StoreUnavailable
from bot.web.incoming import MAX_IMAGE, is_picture
from tests.adapters.web_parts import PNG, Parts, Talker, assert_error, some_parts, waiting, web_app


@pytest.fixture
def parts(tmp_path: Path) -> Any:
    made = some_parts(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def talker(parts: Parts) -> Talker:
    return Talker(web_app(parts))


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


@pytest.mark.parametrize("brand", [b"heic", b"heix", b"mif1", b"avif", b"avis"])
def test_photos_of_newer_phones_are_pictures(brand: bytes) -> None:
    assert is_picture(b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0")
    assert not is_picture(b"\0\0\0\x18ftyp" + b"mp42" + b"\0\0\0\0")
