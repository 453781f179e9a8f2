"""The Zalo bridge, whole: what the platform sends leads to what the citizen reads, once."""

from __future__ import annotations

import time

import requests

from tests.desk_process import RunningDesk
from tests.simulator import Simulator

CODE = "000.00.19.H39-260915-0001"


def test_following_the_account_is_welcomed(zalo: Simulator) -> None:
    person = "2000000000000088001"

    zalo.citizen_follows(person)

    assert "cảm ơn anh/chị đã quan tâm" in zalo.wait_for(person, 1)[0].text


def test_a_repeated_webhook_is_answered_once(zalo: Simulator) -> None:
    person = "2000000000000088002"
    zalo.style.duplicates = 2
    try:
        zalo.citizen_says(person, CODE)
    finally:
        zalo.style.duplicates = 0
    zalo.wait_for(person, 1)
    time.sleep(1)

    assert len(zalo.sent_to(person)) == 1


def test_a_wrong_signature_is_answered_200_and_dropped(zalo: Simulator, desk: RunningDesk) -> None:
    person = "2000000000000088003"
    zalo.style.bad_signature = True
    try:
        posted = zalo.citizen_says(person, CODE)
    finally:
        zalo.style.bad_signature = False
    zalo.citizen_says(person, "chào em")

    assert posted.status == 200
    assert CODE not in zalo.wait_for(person, 1)[0].text
    assert "bad_signature" in desk.log("web")
    assert CODE not in desk.log("web")


def test_the_unsigned_address_check_is_answered(desk: RunningDesk) -> None:
    assert requests.post(f"{desk.url}/webhooks/zalo", data=b"{}", timeout=5).status_code == 200


def test_a_shared_place_leads_to_the_nearest_office(zalo: Simulator) -> None:
    person = "2000000000000088004"

    zalo.citizen_sends_location(person, 10.535, 106.413)

    assert "gần vị trí anh/chị gửi" in zalo.wait_for(person, 1)[0].text


def test_a_sticker_is_answered_politely(zalo: Simulator) -> None:
    person = "2000000000000088005"

    zalo.citizen_sends_sticker(person)

    assert zalo.wait_for(person, 1)[0].text.startswith("Dạ")


def test_a_lost_answer_is_not_sent_again(zalo: Simulator) -> None:
    person = "2000000000000088006"
    zalo.fail("message", "drop", acts=True, times=1)

    zalo.citizen_says(person, "chào em")
    zalo.wait_for(person, 1)
    time.sleep(1.5)

    assert len(zalo.sent_to(person)) == 1


def test_an_expired_token_is_renewed_on_the_way(zalo: Simulator) -> None:
    person = "2000000000000088007"
    zalo.tokens.expire()

    zalo.citizen_says(person, "chào em")

    assert zalo.wait_for(person, 1)


def test_the_desk_keeps_quiet_while_a_person_answers(zalo: Simulator) -> None:
    person = "2000000000000088101"
    zalo.staff_says(person, "Chào anh, em là cán bộ trực đây ạ.")

    zalo.citizen_says(person, CODE)
    zalo.citizen_says(person, "nhà tôi đang cháy cứu với")
    zalo.wait_for(person, 2)
    zalo.citizen_says(person, "bot ơi")
    zalo.wait_for(person, 3)
    zalo.citizen_says(person, CODE)

    _, safety, back, answer = zalo.wait_for(person, 4)
    assert "114" in safety.text
    assert "trợ lý tự động" in back.text
    assert CODE in answer.text


def test_a_press_on_chat_is_greeted_and_shared_particulars_are_thanked_for(
    zalo: Simulator,
) -> None:
    person = "2000000000000088102"
    zalo.citizen_opens_chat(person)
    greeting = zalo.wait_for(person, 1)[0]
    zalo.citizen_submits_info(person)

    assert "xin chào anh/chị" in greeting.text
    assert "không lưu" in zalo.wait_for(person, 2)[1].text


def test_a_request_to_be_forgotten_deletes_the_talk(zalo: Simulator, desk: RunningDesk) -> None:
    person = "2000000000000088103"
    zalo.citizen_says(person, "chào em")
    zalo.wait_for(person, 1)
    zalo.event("user_withdraw", person)

    export = ("privacy", "export", "--channel", "zalo", "--id", person)
    deadline = time.monotonic() + 30
    while "chào em" in desk.flask(*export).stdout and time.monotonic() < deadline:
        time.sleep(0.5)
    assert "chào em" not in desk.flask(*export).stdout
