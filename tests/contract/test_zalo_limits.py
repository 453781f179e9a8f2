"""What the platform would refuse is refused before a call is spent on it."""

from __future__ import annotations

import pytest

from bot.channels.zalo import limits, messages
from bot.channels.zalo.api import Target
from bot.core.errors import SendRefused
from tests.contract.channel_desk import CITIZEN
from tests.contract.zalo_stub import OK, Stub, an_api, an_article

JPEG = b"\xff\xd8\xff\xe0 a picture"


@pytest.fixture(scope="module")
def server():
    with Stub().running() as stub:
        yield stub


@pytest.fixture
def stub(server):
    server.answer(OK)
    return server


@pytest.fixture
def api(stub):
    api = an_api(stub)
    yield api
    api.close()


def button(**changes):
    return {"title": "Chọn", "type": "oa.query.show", "payload": "#a", **changes}


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({}, "-201"),
        (messages.text("a" * 2001), "-210"),
        (messages.text("a", [button()] * 6), "-201"),
        (messages.text("a", [button(title="a" * 101)]), "-201"),
        (messages.text("a", [button(title=" ")]), "-201"),
        (messages.text("a", [button(payload="a" * 1001)]), "-201"),
        (messages.text("a", [button(payload="")]), "-201"),
        (messages.text("a", [button(type="oa.dance")]), "-201"),
        (messages.text("a", [button(type="oa.open.url", payload={"url": "a.vn"})]), "-201"),
        (
            messages.text(
                "a",
                [
                    button(
                        type="oa.open.sms", payload={"content": "a" * 161, "phone_code": "84901"}
                    )
                ],
            ),
            "-201",
        ),
        (messages.picture(url="ftp://a"), "-201"),
        (messages.request_info("a" * 101, "b", "https://a.vn/a.jpg"), "-201"),
        (messages.request_info("a", "b" * 501, "https://a.vn/a.jpg"), "-201"),
    ],
)
def test_a_message_the_platform_would_refuse_is_not_sent(stub, api, message, code):
    with pytest.raises(SendRefused) as caught:
        api.send(CITIZEN, message)

    assert (caught.value.code, stub.seen) == (code, [])


def test_a_text_of_2000_marked_letters_fits_however_it_is_written(stub, api):
    api.send(CITIZEN, messages.text("e\u0302\u0301" * 2000))

    assert len(stub.seen) == 1


@pytest.mark.parametrize(
    "make",
    [
        lambda api: api.send_template_to_phone("12345", "1", {}, "t"),
        lambda api: api.send_template_to_phone("0987654321", "1", {}, "t" * 49),
        lambda api: api.send_template_to_phone("0987654321", "1", {}, ""),
        lambda api: api.create_article(**an_article(title="a" * 151)),
        lambda api: api.create_article(**an_article(author="a" * 51)),
        lambda api: api.create_article(**an_article(description="a" * 301)),
        lambda api: api.create_article(**an_article(body=[])),
        lambda api: api.create_article(**an_article(cover_url="")),
        lambda api: api.broadcast([], Target()),
        lambda api: api.broadcast(["a"] * 6, Target()),
    ],
)
def test_other_limits_hold_before_anything_is_sent(stub, api, make):
    with pytest.raises(SendRefused):
        make(api)

    assert stub.seen == []


@pytest.mark.parametrize(
    ("kind", "name", "content"),
    [
        (limits.IMAGE, "a", JPEG),
        (limits.IMAGE, "a.gif", JPEG),
        (limits.IMAGE, "a.png", JPEG),
        (limits.IMAGE, "a.jpg", b""),
        (limits.IMAGE, "a.jpg", JPEG + b"x" * limits.IMAGE.most),
        (limits.GIF, "a.gif", b"GIF87a" + b"x" * limits.GIF.most),
        (limits.FILE, "a.exe", b"MZ"),
        (limits.FILE, "a.xlsx", b"PK\x03\x04"),
        (limits.FILE, "a.pdf", b"<html>"),
        (limits.FILE, "a.csv", b"x" * (limits.FILE.most + 1)),
    ],
)
def test_a_file_the_platform_would_refuse_is_not_uploaded(stub, api, kind, name, content):
    with pytest.raises(SendRefused):
        api.upload(kind, name, content)

    assert stub.seen == []


def test_a_long_file_name_is_cut_before_its_extension():
    assert len(limits.check_upload(limits.IMAGE, "a" * 300 + ".jpg", JPEG)) == 200
    assert limits.check_upload(limits.IMAGE, "C:\\ảnh\\tôi.JPG", JPEG) == "tôi.JPG"
