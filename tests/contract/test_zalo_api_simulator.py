"""Each call of the client against the simulated platform, which shares no code with it."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
import requests

from bot.channels.zalo import ZaloApi, messages, oauth
from bot.channels.zalo.api import Target
from bot.core.errors import (
    SendBlocked,
    SendLater,
    SendNeedsPerson,
    SendRefused,
)
from tests.contract.channel_desk import CITIZEN, TIMEOUTS, Clock, a_store, some_tokens
from tests.simulator import Simulator

HELLO = messages.text("Dạ, chào anh/chị.")
JPEG = b"\xff\xd8\xff\xe0 a picture"
GIF = b"GIF89a moving"
HOUR = 3600.0
DAY = 24 * HOUR


@pytest.fixture
def zalo():
    with Simulator() as simulator:
        simulator.citizen_is_known(CITIZEN)
        yield simulator


@pytest.fixture
def desk(zalo, tmp_path):
    """The client, its store and its clock, which is daytime whatever the simulator's says."""
    store, clock = a_store(tmp_path), Clock()
    with some_tokens(zalo, store, clock) as tokens:
        api = ZaloApi(
            tokens=tokens,
            account=zalo.account.oa_id,
            api_url=zalo.url,
            business_url=zalo.url,
            uploads=store.uploads,
            timeouts=TIMEOUTS,
            clock=clock,
        )
        yield SimpleNamespace(api=api, store=store, clock=clock, tokens=tokens)
        api.close()
    store.close()


@pytest.fixture
def api(desk):
    return desk.api


def test_every_shape_of_message_is_taken(zalo, api):
    icon = {"title": "Chọn", "type": "oa.query.show", "payload": "#a"}
    for message in (
        HELLO,
        messages.text("Chọn", [icon] * 5),
        messages.picture(url="https://motcua.example/a.png", text="Ảnh"),
        messages.request_info("Xin thông tin", "Để trả kết quả", "https://motcua.example/a.png"),
    ):
        assert api.send(CITIZEN, message).message_id

    assert len(zalo.sent_to(CITIZEN)) == 4


def test_an_answer_inside_the_window_costs_nothing(api):
    assert api.send(CITIZEN, HELLO).quota == "reply"


def test_pictures_gifs_and_files_arrive_and_are_uploaded_once(zalo, api):
    for _ in range(2):
        api.send_picture(CITIZEN, "a.jpg", JPEG, "Bản đồ")
        api.send_gif(CITIZEN, "a.gif", GIF, (10, 20))
        api.send_file(CITIZEN, "mẫu đơn.pdf", b"%PDF-1.7")

    assert len(zalo.sent_to(CITIZEN)) == 6
    assert len(zalo.world.uploads.kept) == 3


def test_an_upload_the_platform_forgot_is_made_again(zalo, api):
    api.send_picture(CITIZEN, "a.jpg", JPEG)
    for kept in list(zalo.world.uploads.kept.values()):
        object.__setattr__(kept, "ends_at", 0.0)

    api.send_picture(CITIZEN, "a.jpg", JPEG)

    assert len(zalo.world.uploads.kept) == 2
    assert len(zalo.sent_to(CITIZEN)) == 2


def test_a_citizens_message_gets_a_heart(zalo, api):
    posted = zalo.citizen_says(CITIZEN, "Cảm ơn")

    api.react(CITIZEN, posted.event["message"]["msg_id"], "/-heart")

    assert zalo.world.messages[posted.event["message"]["msg_id"]].reactions == 1


def test_people_are_read_and_listed(zalo, api):
    list(zalo.world.populate(120))

    assert api.profile(CITIZEN).user_id == CITIZEN
    assert api.followers(count=10, is_follower=True).total == 120
    assert len(set(api.all_followers(is_follower=True))) == 120


def test_a_template_reaches_a_person_and_a_phone(zalo, api):
    values = {"name": "Tâm", "code": "H1"}
    zalo.world.purse.cloud_account = True
    zalo.world.purse.balance = 10_000
    zalo.world.templates.night_rule = False
    zalo.world.person(CITIZEN).phone = "84987654321"

    assert api.send_template(CITIZEN, "100001", values).message_id
    sent = api.send_template_to_phone("0987 654 321", "100001", values, "d-1")

    assert api.template_status(sent.message_id) == 1
    assert api.template_status("unknown") == -1
    assert api.template_quota() == (500, 499)


def test_a_template_that_is_not_approved_is_final(api):
    with pytest.raises(SendRefused):
        api.send_template(CITIZEN, "100004", {"name": "Tâm", "code": "H1"})


def test_an_article_is_written_awaited_and_broadcast(zalo, api):
    token = api.create_article(
        title="Thông báo",
        author="Sở",
        description="Về việc nghỉ lễ",
        cover_url="https://motcua.example/a.jpg",
        body=[{"type": "text", "content": "Dạ"}],
    )
    with pytest.raises(SendLater):
        api.article_id(token)
    zalo.advance(10)
    zalo.rules.off.add("broadcast-night")

    article = api.article_id(token)

    assert article
    assert api.broadcast([article], Target(cities=(48, 15)))


def test_the_account_and_its_quotas_are_read(zalo, api):
    account = api.account()

    assert (account.oa_id, account.kind, account.is_verified) == (zalo.account.oa_id, "4", True)
    assert api.account_quota()[0].product == "cs"
    assert api.person_quota(CITIZEN).last_interaction_at is not None
    assert api.rate.limit == 4000


@pytest.mark.parametrize(
    ("code", "expected"),
    [(-204, SendNeedsPerson), (-221, SendNeedsPerson), (-224, SendNeedsPerson)],
)
def test_an_account_in_trouble_says_what_to_do(zalo, api, code, expected):
    zalo.world.standing.refusal = code

    with pytest.raises(expected) as caught:
        api.send(CITIZEN, HELLO)

    assert caught.value.code == str(code)
    assert caught.value.advice


def test_silence_of_seven_days_ends_it_and_of_two_costs_money(zalo, api):
    zalo.citizen_wrote(CITIZEN, 3 * DAY)
    with pytest.raises(SendNeedsPerson) as caught:
        api.send(CITIZEN, HELLO)
    assert (caught.value.code, caught.value.reach.value) == ("-320", "notices")

    zalo.citizen_wrote("2000000000000000003", 8 * DAY)
    with pytest.raises(SendBlocked) as blocked:
        api.send("2000000000000000003", HELLO)
    assert blocked.value.code == "-230"


def test_access_is_granted_at_the_consent_page_and_works_once(zalo, desk):
    callback, verifier = "https://motcua.example/", oauth.new_verifier()
    zalo.world.standing.redirect_uris.append(callback)
    page = oauth.consent_url(zalo.url, zalo.account.app_id, callback, verifier, "s1")
    assert requests.get(page, timeout=5).ok

    back = requests.post(page, timeout=5, allow_redirects=False).headers["Location"]
    code = oauth.code_from(back, "s1", zalo.account.oa_id)
    pair = desk.tokens.grant(code, verifier)

    assert pair.access_token == zalo.tokens.access_token
    assert desk.store.tokens.load("zalo", zalo.account.oa_id).refresh_token
    assert desk.api.send(CITIZEN, HELLO).message_id
    with pytest.raises(SendNeedsPerson) as caught:
        desk.tokens.grant(code, verifier)
    assert caught.value.code == "-14005"


def test_a_callback_that_is_not_registered_is_told(zalo):
    page = oauth.consent_url(zalo.url, zalo.account.app_id, "https://a.example/", "v" * 43, "s")

    answer = requests.get(page, timeout=5)

    assert re.search(r"error_code=-14003", answer.url)
    with pytest.raises(oauth.BadRedirect, match="-14003"):
        oauth.code_from(answer.url, "s", zalo.account.oa_id)
