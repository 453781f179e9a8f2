"""Store, lane, channel and platform together: what an account in trouble costs, and its end."""

from __future__ import annotations

import pytest

from bot.channels.zalo import ZaloChannel
from bot.core.work.delivery_lane import DeliveryLane
from tests.contract.channel_desk import a_store
from tests.contract.store_builders import NOW, follow, later, plan, publish, talk
from tests.contract.zalo_stub import OK, FixedTokens, Stub


@pytest.fixture(scope="module")
def server():
    with Stub().running() as stub:
        yield stub


@pytest.fixture
def stub(server):
    server.answer(OK)
    return server


@pytest.fixture
def store(tmp_path):
    store = a_store(tmp_path)
    yield store
    store.close()


@pytest.fixture
def work(stub, store):
    """Run a fresh lane, as after a restart, at a moment; return the user ids it wrote to."""

    def work_at(now):
        channel = ZaloChannel(
            app_id="1",
            oa_id="2",
            oa_secret="s",
            api_url=stub.url,
            tokens=FixedTokens(),
            timeouts=(2, 2),
            clock=lambda: now,
        )
        stub.seen.clear()
        lane = DeliveryLane(store.deliveries, {"zalo": channel}, "w")
        while lane.step(lambda: now):
            pass
        channel.close()
        return [seen.json["recipient"]["user_id"] for seen in stub.seen]

    return work_at


def refusal(code):
    return {"error": code, "message": "no"}


def test_an_account_switched_off_costs_one_call_each_five_minutes_then_all_goes_out(
    stub, store, work, caplog
):
    for number in range(8):
        talk(store, "dạ", sender=f"c{number}")
    stub.answer(refusal(-204))

    calls = [len(work(later(minutes=minutes))) for minutes in range(15)]
    assert calls == [1, 0, 0, 0, 0] * 3

    stub.answer(OK)
    assert len(work(later(minutes=15))) == 8
    assert store.deliveries.counts() == {"sent": 8}
    assert [line.partition(" ")[0] for line in caplog.messages if "channel" in line] == [
        "event=send_needs_person",
        "event=channel_resumed",
    ]


def test_without_money_notices_wait_and_answers_do_not(stub, store, work):
    for number in range(5):
        follow(store, f"f{number}")
    plan(store, publish(store))
    stub.answer(refusal(-320))
    assert len(work(NOW)) == 1

    talk(store, "dạ", sender="asks")
    stub.answer(OK)
    assert work(later(minutes=1)) == ["asks"]
    assert sorted(work(later(minutes=5))) == ["f0", "f1", "f2", "f3", "f4"]


def test_the_call_rate_reached_stops_everything_until_the_next_minute(stub, store, work):
    for number in range(5):
        talk(store, "dạ", sender=f"c{number}")
    stub.answer(OK, OK, refusal(-32))
    assert len(work(NOW)) == 3

    stub.answer(OK)
    assert work(later(seconds=59)) == []
    assert len(work(later(seconds=61))) == 3
    assert store.deliveries.counts() == {"sent": 5}


def test_whoever_refuses_us_is_asked_once_and_left_in_peace(stub, store, work):
    follow(store, "lan")
    stub.answer(refusal(-244))
    for number in range(4):
        plan(store, publish(store, title=f"tin {number}"))

    assert work(NOW) == ["lan"]
    assert store.deliveries.counts() == {"failed": 1, "skipped": 3}


def test_an_answer_lost_is_never_sent_again(stub, store, work):
    talk(store, "dạ")
    stub.answer(None)
    assert work(NOW) == ["lan"]

    stub.answer(OK)
    assert work(later(days=1)) == []
    assert store.deliveries.counts() == {"unsure": 1}


def test_an_unknown_code_is_tried_a_few_times_and_given_up(stub, store, work):
    talk(store, "dạ")
    stub.answer(refusal(-98765))

    tried = sum(len(work(later(hours=hours))) for hours in range(20))

    assert tried == 8
    assert store.deliveries.counts() == {"failed": 1}


def test_an_outage_costs_one_try_each_few_seconds_and_no_message(stub, store, work):
    for number in range(6):
        talk(store, "dạ", sender=f"c{number}")
    good, stub.url = stub.url, "http://127.0.0.1:1"
    for minutes in range(0, 180, 10):
        assert work(later(minutes=minutes)) == []
    stub.url = good

    assert len(work(later(hours=3))) == 6
    assert store.deliveries.counts() == {"sent": 6}
