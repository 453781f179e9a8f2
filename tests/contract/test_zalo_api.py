"""Each call of the client: what goes over the wire, what comes back, what may go wrong."""

from __future__ import annotations

import json
from datetime import date, datetime, timezone

import pytest

from bot.channels.zalo import limits, messages
from bot.channels.zalo.api import Target
from bot.channels.zalo.results import Quota, Sent
from bot.core.errors import SendLater, SendNeedsPerson, SendRefused, SendUnsure, SendWait
from tests.contract.channel_desk import CITIZEN, Clock
from tests.contract.zalo_stub import OK, FixedTokens, Kept, Stub, an_api, an_article

JPEG = b"\xff\xd8\xff\xe0 a picture"
HELLO = messages.text("Dạ, chào anh/chị.")
EXPIRED = {"error": -100, "message": "attachment_id was expired"}


@pytest.fixture(scope="module")
def server():
    with Stub().running() as stub:
        yield stub


@pytest.fixture
def stub(server):
    server.answer(OK)
    return server


@pytest.fixture
def tokens():
    return FixedTokens()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def api(stub, tokens, clock):
    api = an_api(stub, tokens, clock, Kept())
    yield api
    api.close()


def data(**values):
    return {"error": 0, "message": "Success", "data": values}


def test_a_message_goes_out_with_the_bare_token_header(stub, api):
    stub.answer(data(message_id="m1", quota={"quota_type": "reply"}))

    assert api.send(CITIZEN, HELLO) == Sent("m1", "reply")

    (seen,) = stub.seen
    assert (seen.method, seen.path) == ("POST", "/v3.0/oa/message/cs")
    assert seen.headers["access_token"] == "t1"
    assert "authorization" not in seen.headers
    assert seen.json == {"recipient": {"user_id": CITIZEN}, "message": HELLO}
    assert api.rate.remain == 3999


CALLS = [
    (
        lambda api: api.send(CITIZEN, messages.text("Dạ", quote="m0")),
        "/v3.0/oa/message/cs",
        {"recipient": {"user_id": CITIZEN}, "message": {"text": "Dạ", "quote_message_id": "m0"}},
    ),
    (
        lambda api: api.send_anonymous("anon", "talk", HELLO),
        "/v2.0/oa/message",
        {"recipient": {"anonymous_id": "anon", "conversation_id": "talk"}, "message": HELLO},
    ),
    (
        lambda api: api.react(CITIZEN, "m0", "/-heart"),
        "/v2.0/oa/message",
        {
            "recipient": {"user_id": CITIZEN},
            "sender_action": {"react_icon": "/-heart", "react_message_id": "m0"},
        },
    ),
    (
        lambda api: api.send_template(CITIZEN, "123", {"name": "Tâm"}),
        "/v3.0/oa/message/template",
        {"user_id": CITIZEN, "template_id": "123", "template_data": {"name": "Tâm"}},
    ),
    (
        lambda api: api.send_template_to_phone(
            "0987 654 321", "123", {"a": 1}, "d-7", development=True
        ),
        "/business/message/template",
        {
            "phone": "84987654321",
            "template_id": "123",
            "template_data": {"a": 1},
            "tracking_id": "d-7",
            "mode": "development",
        },
    ),
    (
        lambda api: api.broadcast(["a1", "a2"], Target(cities=(48, 15), ages=(3, 4))),
        "/v2.0/oa/message",
        {
            "recipient": {"target": {"ages": "3,4", "cities": "48,15"}},
            "message": messages.articles(["a1", "a2"]),
        },
    ),
    (
        lambda api: api.person_quota(CITIZEN),
        "/v3.0/oa/quota/message",
        {"user_id": CITIZEN},
    ),
    (
        lambda api: api.account_quota(),
        "/v3.0/oa/quota/message",
        {"quota_owner": "OA", "product_type": "cs"},
    ),
    (lambda api: api.article_id("t"), "/v2.0/article/verify", {"token": "t"}),
]


@pytest.mark.parametrize(("make", "path", "body"), CALLS)
def test_a_post_carries_what_is_documented(stub, api, make, path, body):
    make(api)

    (seen,) = stub.seen
    assert (seen.method, seen.path, seen.json) == ("POST", path, body)


def test_a_get_sends_one_parameter_of_json(stub, api):
    stub.answer(
        data(
            user_id=CITIZEN,
            display_name="Tâm",
            user_is_follower=True,
            is_sensitive=False,
            user_last_interaction_date="21/11/2026",
        )
    )

    profile = api.profile(CITIZEN)

    (seen,) = stub.seen
    assert (seen.method, seen.path, list(seen.query)) == ("GET", "/v3.0/oa/user/detail", ["data"])
    assert json.loads(seen.query["data"]) == {"user_id": CITIZEN}
    assert (profile.name, profile.follows, profile.last_interaction) == (
        "Tâm",
        True,
        date(2026, 11, 21),
    )


def test_followers_come_in_pages_of_fifty(stub, api):
    page = [{"user_id": str(number)} for number in range(50)]
    stub.answer(data(total=70, users=page), data(total=70, users=page[:20]))

    assert len(list(api.all_followers(is_follower=True))) == 70

    asked = [json.loads(seen.query["data"]) for seen in stub.seen]
    assert [query["offset"] for query in asked] == [0, 50]
    assert all(query["count"] == 50 and query["is_follower"] for query in asked)


def test_followers_behind_the_last_page_are_told_to_be_missing(stub, api, caplog):
    stub.answer(data(total=30_000, users=[]))

    assert list(api.all_followers()) == []

    assert len(stub.seen) == 200
    assert "event=zalo_followers_cut total=30000" in caplog.text


@pytest.mark.parametrize(("offset", "count"), [(9952, 50), (-1, 50), (0, 51), (0, 0)])
def test_a_page_out_of_reach_is_not_asked_for(stub, api, offset, count):
    with pytest.raises(SendRefused):
        api.followers(offset, count)

    assert stub.seen == []


def test_an_article_is_made_visible(stub, api):
    stub.answer(data(token="t1"))

    assert api.create_article(**an_article()) == "t1"

    (seen,) = stub.seen
    assert seen.path == "/v2.0/article/create"
    assert (seen.json["status"], seen.json["cover"]["cover_type"]) == ("show", "photo")


def test_an_article_still_being_made_is_asked_for_later(stub, api):
    stub.answer({"error": -214, "message": "article is being processed"})

    with pytest.raises(SendLater):
        api.article_id("t1")


def test_nothing_is_broadcast_at_night(stub, api, clock):
    clock.now = datetime(2026, 11, 22, 15, 0, tzinfo=timezone.utc)  # 22:00 in Vietnam

    with pytest.raises(SendWait) as caught:
        api.broadcast(["a1"], Target())

    assert caught.value.until == datetime(2026, 11, 22, 23, 1, tzinfo=timezone.utc)
    assert stub.seen == []


def test_the_account_and_its_quotas_are_read(stub, api):
    stub.answer(data(oaid="4000000000000000004", name="Một cửa", is_verified=True, oa_type=4))
    account = api.account()
    assert (account.oa_id, account.kind, account.is_verified) == ("4000000000000000004", "4", True)
    assert stub.seen[0].query == {}

    row = {"product_type": "cs", "quota_type": "sub_quota", "total": 500, "remain": 20}
    stub.answer({"error": 0, "data": [{**row, "valid_through": "30/11/2026"}]})
    assert api.account_quota() == (Quota("cs", "sub_quota", 500, 20, "30/11/2026"),)


@pytest.mark.parametrize("odd", [None, [], "text", {"users": 5}, {"total": "x", "users": [1]}])
def test_odd_answers_are_read_as_nothing(stub, api, odd):
    stub.answer({"error": 0, "data": odd})

    assert api.followers().user_ids == ()
    assert api.profile(CITIZEN).name == ""
    assert api.send(CITIZEN, HELLO).message_id == ""
    assert api.account_quota() == () or isinstance(odd, list)


def test_the_template_host_tells_status_and_quota(stub, api):
    stub.answer(data(status=1), data(dailyQuota="500", remainingQuota="499"))

    assert api.template_status("m1") == 1
    assert api.template_quota() == (500, 499)
    assert stub.seen[0].query == {"message_id": "m1"}


# Uploads


def test_a_picture_is_uploaded_once_and_sent_twice(stub, api):
    stub.answer(data(attachment_id="h1"), OK)

    api.send_picture(CITIZEN, "bản đồ.jpg", JPEG, "Bản đồ")
    api.send_picture(CITIZEN, "other-name.jpg", JPEG)

    paths = [seen.path.rpartition("/")[2] for seen in stub.seen]
    assert paths == ["image", "cs", "cs"]
    assert b'name="file"' in stub.seen[0].body
    assert JPEG in stub.seen[0].body
    element = stub.seen[1].json["message"]["attachment"]["payload"]["elements"][0]
    assert element == {"media_type": "image", "attachment_id": "h1"}


def test_after_six_days_it_is_uploaded_again(stub, api, clock):
    stub.answer(data(attachment_id="h1"))
    api.upload(limits.IMAGE, "a.jpg", JPEG)
    clock.forward(days=6, seconds=1)

    api.upload(limits.IMAGE, "a.jpg", JPEG)

    assert len(stub.seen) == 2


def test_what_the_platform_forgot_is_uploaded_again_once(stub, api):
    stub.answer(data(attachment_id="h1"), EXPIRED, data(attachment_id="h2"), OK)
    api.send_picture(CITIZEN, "a.jpg", JPEG)
    assert [seen.path.rpartition("/")[2] for seen in stub.seen] == ["image", "cs", "image", "cs"]

    stub.answer(EXPIRED, data(attachment_id="h3"), EXPIRED)
    with pytest.raises(SendRefused):
        api.send_picture(CITIZEN, "a.jpg", JPEG)
    assert len(stub.seen) == 3


def test_a_document_goes_by_its_token(stub, api):
    stub.answer(data(token="f1"), OK)

    api.send_file(CITIZEN, "mẫu đơn.pdf", b"%PDF-1.7 ...")

    assert stub.seen[0].path == "/v2.0/oa/upload/file"
    assert stub.seen[1].json["message"] == {
        "attachment": {"type": "file", "payload": {"token": "f1"}}
    }


def test_an_upload_that_gave_nothing_is_refused(stub, api):
    stub.answer({"error": 0, "message": "Success", "data": {}})

    with pytest.raises(SendRefused):
        api.upload(limits.IMAGE, "a.jpg", JPEG)


# Tokens and lost answers


@pytest.mark.parametrize("code", [-216, -220])
def test_a_refused_token_is_replaced_and_the_call_made_once_more(stub, api, tokens, code):
    stub.answer({"error": code, "message": "token"}, OK)

    assert api.send(CITIZEN, HELLO).message_id == "m1"

    assert [seen.headers["access_token"] for seen in stub.seen] == ["t1", "t2"]


def test_a_refused_token_of_the_template_host_has_its_own_code(stub, api, tokens):
    stub.answer({"error": -124, "message": "token"}, data(msg_id="z1"))

    sent = api.send_template_to_phone("0987654321", "1", {}, "t")

    assert (sent.message_id, tokens.renewals) == ("z1", 1)


def test_a_token_refused_again_needs_a_person(stub, api, tokens):
    stub.answer({"error": -216, "message": "token"})

    with pytest.raises(SendNeedsPerson) as caught:
        api.send(CITIZEN, HELLO)

    assert (len(stub.seen), tokens.renewals) == (2, 1)
    assert "zalo login" in caught.value.advice


def test_a_token_replaced_by_somebody_else_meanwhile_is_no_alarm(stub, clock):
    class Restless(FixedTokens):
        def renew(self, refused):
            used = super().renew(refused)
            self.number += 1  # another process was at it right after us
            return used

    stub.answer({"error": -216, "message": "token"})
    api = an_api(stub, Restless(), clock)

    with pytest.raises(SendLater):
        api.send(CITIZEN, HELLO)
    api.close()


LOST = [None, (200, b"<html>login</html>"), (200, b'{"error": 0'), (502, b"bad"), (500, b"[]")]


@pytest.mark.parametrize("answer", LOST)
def test_a_send_without_a_clear_answer_is_unsure(stub, api, answer):
    stub.answer(answer)

    for make in (
        lambda: api.send(CITIZEN, HELLO),
        lambda: api.send_template(CITIZEN, "1", {}),
        lambda: api.broadcast(["a"], Target()),
        lambda: api.create_article(**an_article()),
    ):
        with pytest.raises(SendUnsure):
            make()
    assert len(stub.seen) == 4


@pytest.mark.parametrize("answer", LOST)
def test_a_question_without_a_clear_answer_is_asked_later(stub, api, answer):
    stub.answer(answer)

    for make in (
        lambda: api.profile(CITIZEN),
        lambda: api.account_quota(),
        lambda: api.upload(limits.IMAGE, "a.jpg", JPEG),
    ):
        with pytest.raises(SendLater):
            make()


def test_a_redirect_takes_no_token_along(stub, api):
    stub.answer((302, b""))

    with pytest.raises(SendNeedsPerson):
        api.send(CITIZEN, HELLO)

    assert len(stub.seen) == 1
