"""Several official accounts of one app: one address, one call rate, everything else apart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.channels.zalo import Account, ZaloChannel, ZaloTokens, all_accounts
from bot.core.errors import SettingsError
from bot.core.messages import Reply, Turn
from bot.core.work.conversation_lane import ConversationLane
from bot.core.work.delivery_lane import DeliveryLane
from bot.core.work.rate import Pool
from bot.settings import Settings
from bot.store import Store, open_store
from bot.wiring.channels import build_channels, build_windows, rate_pools, zalo_accounts
from tests.adapters.web_parts import Parts, web_app
from tests.contract import store_builders
from tests.contract.channel_desk import TIMEOUTS, Clock
from tests.simulator import Simulator
from tests.simulator.account import another
from tests.simulator.simulator import Branch
from tests.simulator.webhooks import SIGNATURE, sign
from tests.simulator.world import CROWD
from tests.simulator.world import Account as Simulated

LIMIT = 120
FIRST, SECOND, STRANGE = Simulated(), another(1), another(2)
ONE, TWO = "zalo", f"zalo-{another(1).oa_id}"
ME = "2000000000000000002"
HERE = Account("1", "one-secret")


def own(account: Simulated, channel: str) -> Account:
    return Account(account.oa_id, account.oa_secret, account.first_refresh_token, channel)


class Desk:
    """Two accounts at one store and one webhook address, a platform, and two senders."""

    def __init__(self, zalo: Simulator, store: Store, folder: Path, stack: ExitStack) -> None:
        self.zalo, self.store, self.clock = zalo, store, Clock()
        self.own = (own(FIRST, ONE), own(SECOND, TWO))
        self.channels = {each.channel: self._channel(each, stack) for each in self.own}
        self._lanes = [DeliveryLane(store.deliveries, self.channels, name) for name in "ab"]
        parts = Parts(Settings(data_dir=folder), store, channels=self.channels)
        parts.now = None
        parts.clock = self.clock  # type: ignore[method-assign]
        self._app = web_app(parts)
        zalo.webhooks.receiver = self.receive
        self.forward(0)

    def _channel(self, account: Account, stack: ExitStack) -> ZaloChannel:
        tokens = ZaloTokens(
            app_id=FIRST.app_id,
            app_secret=FIRST.app_secret,
            account=account.oa_id,
            oauth_url=self.zalo.url,
            store=self.store.tokens,
            clock=self.clock,
            first_refresh_token=account.refresh_token,
            timeouts=TIMEOUTS,
        )
        channel = ZaloChannel(
            app_id=FIRST.app_id,
            oa_id=account.oa_id,
            oa_secret=account.oa_secret,
            api_url=self.zalo.url,
            tokens=tokens,
            timeouts=TIMEOUTS,
            clock=self.clock,
            stated=partial(self.store.rates.stated, account.channel),
            name=account.channel,
            linked=self.own[1:] if account.channel == ONE else (),
        )
        stack.callback(tokens.close)
        stack.callback(channel.close)
        return channel

    def at(self, channel: str) -> Branch:
        return self.zalo.at((FIRST if channel == ONE else SECOND).oa_id)

    def receive(self, headers: dict[str, str], body: bytes) -> int:
        client = self._app.test_client()
        return client.post("/webhooks/zalo", data=body, headers=headers).status_code

    def answer(self, text: str) -> list[str]:
        """Answer everything that waits with ``text``; return the channels it came from."""
        heard: list[str] = []

        def turn(claimed: Any, now: Any) -> Turn:
            heard.append(claimed.citizen.channel)
            return Turn((Reply(text),))

        lane = ConversationLane(
            self.store.journal, turn, lambda _: Turn(()), self.channels, "t", lambda _: None
        )
        while lane.step(self.clock):
            pass
        return heard

    def broadcast(self, channel: str, count: int) -> None:
        """Plan a notice for ``count`` followers of one account."""
        now = self.clock.now
        for number in range(1, count + 1):
            name, topic = CROWD.format(number), f"topic-{channel}"
            effect = {"effect": "subscribe", "topic": topic, "area": ""}
            store_builders.talk(
                self.store, sender=name, channel=channel, effects=[effect], now=now, sent_at=now
            )
            self.at(channel).world.person(name).interact(self.zalo.clock.now())
        made = store_builders.publish(self.store, topic=f"topic-{channel}", now=now)
        for _ in self.store.notices.plan(made, store_builders.a_notice(made), now):
            pass

    def forward(self, seconds: float) -> None:
        self.clock.forward(seconds=seconds)
        self.zalo.clock.set(self.clock.now.timestamp(), speed=0)

    def work(self, seconds: float, step: float = 1) -> None:
        for _ in range(int(seconds / step)):
            for lane in self._lanes:
                while lane.step(self.clock):
                    pass
            self.forward(step)

    def told(self, channel: str) -> int:
        return len(self.at(channel).world.sent)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    pool = Pool("zalo:app", LIMIT)
    pools = {ONE: pool, TWO: pool}
    store = open_store(f"sqlite:///{tmp_path / 'motcua.db'}", ("key-for-tests",), pools=pools)
    store.upgrade()
    with ExitStack() as stack:
        zalo = stack.enter_context(Simulator(more=[SECOND]))
        zalo.world.rate.limit = LIMIT
        yield Desk(zalo, store, tmp_path, stack)
    store.close()


def test_the_same_citizen_at_two_accounts_is_two_and_each_account_answers_its_own(
    desk: Desk,
) -> None:
    desk.at(ONE).citizen_says(ME, "một")
    desk.at(TWO).citizen_says(ME, "hai")

    assert desk.answer("dạ") == [ONE, TWO]
    desk.work(seconds=2)

    first, second = (desk.store.citizens.find(name, ME) for name in (ONE, TWO))
    assert first
    assert second
    assert first.id != second.id
    assert [desk.told(name) for name in (ONE, TWO)] == [1, 1]
    kept = [desk.store.tokens.load("zalo", each.oa_id) for each in (FIRST, SECOND)]
    assert kept[0].access_token != kept[1].access_token  # type: ignore[union-attr]


def test_a_broadcast_of_one_account_leaves_the_other_its_share(desk: Desk) -> None:
    desk.broadcast(ONE, 150)
    desk.work(seconds=10)
    before = desk.told(ONE)
    desk.broadcast(TWO, 20)

    desk.work(seconds=20)

    assert desk.told(TWO) >= 15
    assert abs((desk.told(ONE) - before) - desk.told(TWO)) <= 1  # call by call in turn
    desk.work(seconds=120)
    assert [desk.told(name) for name in (ONE, TWO)] == [150, 20]
    calls = [line for line in desk.zalo.requests if line["direction"] == "in"]
    assert {line["answer"].get("error", 0) for line in calls} == {0}


def test_an_answer_of_one_account_does_not_wait_for_the_broadcast_of_another(desk: Desk) -> None:
    desk.broadcast(ONE, 60)
    desk.work(seconds=10)
    desk.at(TWO).citizen_says(ME, "cho tôi hỏi")
    desk.answer("dạ")

    desk.work(seconds=1)

    assert desk.told(ONE) < 60
    assert [sent.text for sent in desk.at(TWO).sent_to(ME)] == ["dạ"]


def test_an_account_that_is_stopped_stops_nobody_else(desk: Desk) -> None:
    desk.at(ONE).world.standing.refusal = -204
    desk.at(ONE).citizen_says(ME, "một")
    desk.at(TWO).citizen_says(ME, "hai")
    desk.answer("dạ")

    desk.work(seconds=2)

    assert [desk.told(name) for name in (ONE, TWO)] == [0, 1]
    assert [len(desk.store.pauses.of(name, desk.clock.now)) for name in (ONE, TWO)] == [1, 0]


def a_body(account: Simulated, stamp: str = "1790000000000") -> bytes:
    event = {
        "app_id": FIRST.app_id,
        "event_name": "user_send_text",
        "sender": {"id": ME},
        "recipient": {"id": account.oa_id},
        "message": {"msg_id": "m", "text": "a"},
        "timestamp": stamp,
    }
    return json.dumps(event).encode()


@pytest.mark.parametrize(
    ("about", "signer", "outcome", "reason", "channel"),
    [
        (FIRST, FIRST, "accepted", "", ONE),
        (SECOND, SECOND, "accepted", "", TWO),
        (SECOND, FIRST, "bad_signature", "", ""),
        (FIRST, SECOND, "bad_signature", "", ""),
        (STRANGE, STRANGE, "ignored", "unknown_account", ""),
        (STRANGE, FIRST, "ignored", "other_account", ONE),
    ],
)
def test_an_event_belongs_to_the_account_it_names_and_that_one_has_signed_it(
    desk: Desk, about: Simulated, signer: Simulated, outcome: str, reason: str, channel: str
) -> None:
    body = a_body(about)
    headers = {SIGNATURE: sign(signer, body, "1790000000000")}

    webhook = desk.channels[ONE].receive(headers, body, desk.clock.now)

    assert (webhook.status, webhook.outcome, webhook.reason) == (200, outcome, reason)
    assert webhook.channel == channel


def test_an_event_from_the_spool_finds_its_account_again(desk: Desk) -> None:
    webhook = desk.channels[ONE].understand(a_body(SECOND), desk.clock.now)

    assert [inbound.channel for inbound in webhook.inbounds] == [TWO]


def test_the_settings_name_the_accounts() -> None:
    more = "22:two-secret 33:three-secret:first-refresh"
    settings = Settings(
        zalo_app_id="9", zalo_oa_id="1", zalo_oa_secret="one-secret", zalo_accounts=more
    )

    names = [account.channel for account in zalo_accounts(settings)]
    assert names == ["zalo", "zalo-22", "zalo-33"]
    assert [account.refresh_token for account in zalo_accounts(settings)][2] == "first-refresh"
    assert {pool.name for pool in rate_pools(settings).values()} == {"zalo:9"}
    assert set(rate_pools(settings)) == {*names, *(f"{name}-visitors" for name in names)}
    assert set(build_windows(settings).rules) == set(names)
    assert "secret" not in repr(zalo_accounts(settings))


def test_each_account_gets_its_channels_and_the_first_hears_for_all(desk: Desk) -> None:
    settings = Settings(
        zalo_app_id=FIRST.app_id,
        zalo_app_secret=FIRST.app_secret,
        zalo_oa_id=FIRST.oa_id,
        zalo_oa_secret=FIRST.oa_secret,
        zalo_accounts=f"{SECOND.oa_id}:{SECOND.oa_secret}",
    )

    channels = build_channels(settings, desk.store)

    assert set(channels) == {"web", ONE, f"{ONE}-visitors", TWO, f"{TWO}-visitors"}
    assert all(channel.name == name for name, channel in channels.items())
    assert channels[ONE].understand(a_body(SECOND), desk.clock.now).channel == TWO
    for channel in channels.values():
        getattr(channel, "close", lambda: None)()


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("two:secret", "word 1"),
        ("22", "account 22"),
        ("22:", "account 22"),
        ("22:secret:a:b", "account 22"),
        ("22:a 22:b", "22 twice"),
        ("1:other-secret", "1 twice"),
    ],
)
def test_accounts_that_cannot_be_are_refused_without_quoting_a_secret(
    more: str, says: str
) -> None:
    with pytest.raises(SettingsError, match=says) as refused:
        all_accounts(HERE, more)

    assert "secret:" not in str(refused.value).replace("id:secret:", "")
