"""What the simulated platform remembers, by its own clock."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.simulator import Simulator
from tests.simulator.bench import PERSON, Bench
from tests.simulator.clock import DAY, HOUR
from tests.simulator.examples import article, media, template


@pytest.fixture
def bench() -> Iterator[Bench]:
    zalo = Simulator()
    yield Bench(zalo)
    zalo.close()


def pass_time(bench: Bench, seconds: float) -> None:
    """Let time pass without the access token ending."""
    bench.zalo.advance(seconds)
    bench.refresh()
    bench.token = bench.world.tokens.access_token


def quota(bench: Bench) -> Any:
    bench.send(text="a")
    return bench.last.get("data", {}).get("quota")


def test_forty_eight_hours_are_free_seven_days_are_charged_then_it_is_closed(bench: Bench) -> None:
    assert quota(bench) == {"quota_type": "reply"}
    pass_time(bench, 48 * HOUR)
    assert quota(bench) == {"quota_type": "reply"}
    pass_time(bench, 1)
    assert bench.send(text="a")[0] == -320
    bench.world.purse.cloud_account, bench.world.purse.balance = True, 100
    assert quota(bench) is None
    assert bench.world.purse.balance == 45
    assert bench.send(text="a")[0] == -321
    pass_time(bench, 5 * DAY)
    assert bench.send(text="a")[0] == -230
    bench.zalo.citizen_says(PERSON, "còn ai không")
    assert quota(bench) == {"quota_type": "reply"}


def test_a_package_is_used_before_money(bench: Bench) -> None:
    bench.world.purse.give_package(2)
    pass_time(bench, 49 * HOUR)

    assert [quota(bench)["remain"] for _ in range(2)] == ["1", "0"]
    assert bench.send(text="a")[0] == -320


def test_somebody_who_only_follows_is_welcomed_three_times(bench: Bench) -> None:
    follower = "2000000000000000050"
    bench.zalo.citizen_follows(follower)

    kinds = []
    for _ in range(4):
        bench.send(follower, text="a")
        kinds.append(bench.last["data"]["quota"]["quota_type"])

    assert kinds == ["welcome_msg"] * 3 + ["reply"]


def test_an_unfollower_who_wrote_can_still_be_answered(bench: Bench) -> None:
    bench.zalo.citizen_unfollows(PERSON)

    assert bench.send(text="a")[0] == 0


def test_receipts_do_not_open_the_window(bench: Bench) -> None:
    pass_time(bench, 8 * DAY)
    bench.zalo.citizen_received(PERSON, "m1")
    bench.zalo.citizen_saw(PERSON, "m1")

    assert bench.send(text="a")[0] == -230


def test_an_access_token_lives_25_hours_and_dies_with_the_next(bench: Bench) -> None:
    first = bench.token
    bench.zalo.advance(89999)
    assert bench.send(text="a")[0] == 0
    bench.zalo.advance(1)
    assert bench.send(text="a")[0] == -220
    bench.refresh()
    assert bench.last["expires_in"] == "90000"
    assert bench.send(text="a", token=first)[0] == -216


def test_the_consent_page_leads_to_tokens(bench: Bench) -> None:
    shown = bench.consent(method="GET")
    code = bench.code()

    assert shown == (0, 200)
    assert bench.last["oa_id"] == bench.zalo.account.oa_id
    assert bench.last["state"] == "s"
    assert bench.trade(code) == (0, 200)
    assert bench.last["access_token"] == bench.world.tokens.access_token


def test_calls_are_counted_by_the_minute(bench: Bench) -> None:
    bench.world.rate.limit = 3

    codes = [bench.send(text="a")[0] for _ in range(4)]
    bench.zalo.advance(60)

    assert codes == [0, 0, 0, -32]
    assert bench.send(text="a")[0] == 0


def test_an_upload_can_be_sent_for_seven_days(bench: Bench) -> None:
    bench.upload(b"\xff\xd8\xff", "a.jpg")
    picture = bench.last["data"]["attachment_id"]
    bench.upload(b"%PDF", "a.pdf", "file")
    file = {"type": "file", "payload": {"token": bench.last["data"]["token"]}}

    assert bench.send(**media(media_type="image", attachment_id=picture))[0] == 0
    assert bench.send(attachment=file)[0] == 0
    pass_time(bench, 7 * DAY)
    bench.zalo.citizen_is_known(PERSON)
    assert bench.send(**media(media_type="image", attachment_id=picture))[0] == -100
    assert bench.send(attachment=file)[0] == -100


def test_a_file_without_an_ending_gives_neither_error_nor_id(bench: Bench) -> None:
    assert bench.upload(b"\xff\xd8\xff", "photo") == (0, 200)
    assert bench.last["data"] == {}


def test_an_article_is_written_reviewed_and_broadcast(bench: Bench) -> None:
    bench.post("/v2.0/article/create", json=article())
    token = bench.last["data"]["token"]
    early = bench.post("/v2.0/article/verify", json={"token": token})[0]
    bench.zalo.advance(5)
    bench.post("/v2.0/article/verify", json={"token": token})
    element = {"media_type": "article", "attachment_id": bench.last["data"]["id"]}
    message = template(template_type="media", elements=[element])
    body = {"recipient": {"target": {"cities": "15,48", "gender": 0}}, "message": message}

    assert early == -214
    assert bench.post("/v2.0/oa/message", json=body)[0] == 0
    assert bench.last["data"]["message_id"]


def test_one_promotion_a_day(bench: Bench) -> None:
    bench.person.follows = True
    body = {"user_id": PERSON, "template_id": "100002"}
    body["template_data"] = {"name": "An", "code": "1"}  # type: ignore[assignment]

    codes = [bench.post("/v3.0/oa/message/template", json=body)[0] for _ in range(2)]
    pass_time(bench, DAY)

    assert codes == [0, -218]
    assert bench.post("/v3.0/oa/message/template", json=body)[0] == 0


def test_a_template_by_phone_is_paid_and_has_a_status(bench: Bench) -> None:
    bench.world.purse.cloud_account, bench.world.purse.balance = True, 1000
    body = {"phone": "84900000001", "template_id": "100001", "tracking_id": "t"}
    body["template_data"] = {"name": "An", "code": "1"}  # type: ignore[assignment]

    bench.post("/message/template", json=body)
    sent = bench.last["data"]
    headers, query = {"access_token": bench.token}, {"message_id": sent["msg_id"]}
    bench.answer_of(bench.request("GET", "/message/status", headers, query_string=query))

    assert sent["quota"] == {"dailyQuota": "500", "remainingQuota": "499"}
    assert bench.last["data"]["status"] == 1
    assert bench.world.purse.balance == 800


def test_a_visitor_without_an_account_can_be_answered(bench: Bench) -> None:
    posted = bench.zalo.visitor_says("7000000000000000007", "chào")
    conversation = posted.event["message"]["conversation_id"]
    to = {"anonymous_id": "7000000000000000007", "conversation_id": conversation}

    answer = bench.post("/v2.0/oa/message", json={"recipient": to, "message": {"text": "Dạ"}})

    assert answer[0] == 0
    assert bench.zalo.sent_to("7000000000000000007")[0].text == "Dạ"


def test_the_talk_can_be_read_back(bench: Bench) -> None:
    bench.zalo.citizen_says(PERSON, "một")
    bench.send(text="hai")

    bench.get("/v2.0/oa/conversation", {"user_id": PERSON, "offset": 0, "count": 10})

    lines = [(line["src"], line["message"]) for line in bench.last["data"]]
    assert lines == [(0, "hai"), (1, "một")]


def test_a_hundred_thousand_followers_fit_and_ten_thousand_can_be_listed(bench: Bench) -> None:
    ids = list(bench.world.populate(100_000))

    bench.get("/v3.0/oa/user/getlist", {"offset": 9951, "count": 50, "is_follower": True})

    assert bench.last["data"]["total"] == len(set(ids)) == 100_000
    assert len(bench.last["data"]["users"]) == 50
    assert bench.get("/v3.0/oa/user/getlist", {"offset": 9952, "count": 50})[0] == -210
    assert bench.send(ids[-1], text="a")[0] == 0


def test_the_bots_chat_is_another_than_the_accounts(bench: Bench) -> None:
    bench.zalo.bot.says(PERSON, "chào")

    bench.bot("getUpdates", timeout="1")
    update = bench.last["result"]
    bench.bot("sendMessage", text="Dạ")
    sent = bench.last["result"]["message_id"]
    nothing = bench.bot("getUpdates", timeout="0")

    assert update["event_name"] == "message.text.received"
    assert update["message"]["chat"] == {
        "id": update["message"]["from"]["id"],
        "chat_type": "PRIVATE",
    }
    assert update["message"]["from"]["id"] != PERSON
    assert [one.message_id for one in bench.zalo.bot.sent_to(PERSON)] == [sent]
    assert bench.zalo.sent_to(PERSON) == []
    assert nothing == (408, 408)
