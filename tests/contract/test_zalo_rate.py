"""Store, lane, channel and a simulated platform: its limit is never reached, by its own count."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from functools import partial

import pytest

from bot.channels.zalo import ZaloChannel
from bot.core.work.delivery_lane import DeliveryLane
from bot.core.work.rate import Pool
from bot.store import open_store
from tests.contract import store_builders
from tests.contract.channel_desk import TIMEOUTS, Clock, some_tokens
from tests.simulator import Simulator
from tests.simulator.world import CROWD

LIMIT = 120
MESSAGES = "/v3.0/oa/message/cs"


class Desk:
    """Two senders at one store, and a platform whose clock runs ``skew`` seconds ahead of ours."""

    def __init__(self, zalo, store, tokens, clock, skew):
        self.zalo, self.store, self.clock, self.skew = zalo, store, clock, skew
        account = zalo.account
        self._channel = ZaloChannel(
            app_id=account.app_id,
            oa_id=account.oa_id,
            oa_secret=account.oa_secret,
            api_url=zalo.url,
            tokens=tokens,
            timeouts=TIMEOUTS,
            clock=clock,
            stated=partial(store.rates.stated, "zalo"),
        )
        channels = {"zalo": self._channel}
        self._lanes = [DeliveryLane(store.deliveries, channels, name) for name in ("a", "b")]
        self.forward(0)

    def forward(self, seconds):
        self.clock.forward(seconds=seconds)
        self.zalo.clock.set((self.clock.now + timedelta(seconds=self.skew)).timestamp(), speed=0)

    def work(self, seconds, step=2):
        """Let both senders do all they may, each ``step`` seconds."""
        for _ in range(int(seconds / step)):
            for lane in self._lanes:
                while lane.step(self.clock):
                    pass
            self.forward(step)

    def talk(self, name, *texts, **changes):
        now = self.clock.now
        return store_builders.talk(
            self.store, *texts, sender=name, now=now, sent_at=now, **changes
        )

    def broadcast(self, count):
        for number in range(1, count + 1):
            name, follow = CROWD.format(number), {"effect": "subscribe", "topic": "t", "area": ""}
            self.talk(name, effects=[follow])
            self.zalo.world.person(name).interact(self.zalo.clock.now())
        made = store_builders.publish(self.store, topic="t", now=self.clock.now)
        notice = store_builders.a_notice(made)
        for _ in self.store.notices.plan(made, notice, self.clock.now):
            pass

    def calls(self):
        """Every message call, as (minute, code of the answer or name of the fault)."""
        lines = [line for line in self.zalo.requests if line.get("path") == MESSAGES]
        return [(line["at"][:16], line.get("fault") or line["answer"]["error"]) for line in lines]


@pytest.fixture
def desk(tmp_path, request):
    clock = Clock()
    pools = {"zalo": Pool("zalo:app", LIMIT)}
    store = open_store(f"sqlite:///{tmp_path / 'motcua.db'}", ("key-for-tests",), pools=pools)
    store.upgrade()
    with Simulator() as zalo, some_tokens(zalo, store, clock) as tokens:
        zalo.world.rate.limit = LIMIT
        yield Desk(zalo, store, tokens, clock, skew=getattr(request, "param", 0))
    store.close()


@pytest.mark.parametrize("desk", [0, 17, -41], indirect=True)
def test_a_long_broadcast_never_reaches_the_limit_of_any_minute(desk):
    desk.broadcast(250)

    desk.work(seconds=180)

    minutes = Counter(minute for minute, _ in desk.calls())
    assert max(minutes.values()) <= LIMIT
    assert {code for _, code in desk.calls()} == {0}
    assert desk.store.deliveries.counts() == {"sent": 250}


def test_an_answer_leaves_at_once_however_long_a_broadcast_is(desk):
    desk.broadcast(60)
    desk.work(seconds=10)
    desk.talk("2000000000000000777", "dạ", number=2)
    desk.zalo.world.person("2000000000000000777").interact(desk.zalo.clock.now())

    desk.work(seconds=2)

    assert "queued" in desk.store.deliveries.counts()
    assert [sent.text for sent in desk.zalo.sent_to("2000000000000000777")] == ["dạ"]


def test_calls_somebody_else_makes_slow_us_down_before_the_platform_refuses(desk):
    desk.broadcast(100)
    for _ in range(110):  # another program of the same app
        desk.zalo.world.rate.count()

    desk.work(seconds=40)
    assert {code for _, code in desk.calls()} == {0}
    desk.work(seconds=90)

    assert desk.store.deliveries.counts() == {"sent": 100}


def test_a_limit_reached_all_the_same_stops_every_sender_until_the_next_minute(desk):
    desk.broadcast(60)
    desk.zalo.fail("message", "code", code=-32)

    desk.work(seconds=40)
    assert [code for _, code in desk.calls()] == ["code"]
    desk.work(seconds=80)

    assert desk.store.deliveries.counts() == {"sent": 60}
