"""A process killed in the middle of a refresh: what another one can still make of it."""

from __future__ import annotations

import multiprocessing
import os
import signal
from types import SimpleNamespace

import pytest

from bot.channels.zalo import ZaloTokens
from bot.core.errors import SendNeedsPerson
from bot.store import open_store
from bot.store.tokens import Tokens
from tests.contract.channel_desk import Clock, a_channel, some_tokens
from tests.simulator import Simulator
from tests.simulator.world import Account

KEYS = ("key-for-tests",)


@pytest.fixture
def zalo():
    with Simulator() as simulator:
        yield simulator


def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)


def renew_and_die(store_url, url, old, point, holding):
    """Run in another process: hold the lock, refresh, and be killed at ``point``."""
    store = open_store(store_url, KEYS)
    save, exchange = Tokens.save, ZaloTokens._exchange

    def exchange_slowly(self, form):
        holding.set()  # the lock is ours: others may come and wait now
        return die() if point == "before the exchange" else exchange(self, form)

    def save_or_die(self, *pair):
        if point == "between exchange and save":
            die()
        save(self, *pair)
        die()

    ZaloTokens._exchange = exchange_slowly
    Tokens.save = save_or_die
    with some_tokens(SimpleNamespace(account=Account(), url=url), store, Clock()) as tokens:
        tokens.renew(old)


def renew_after_it(store_url, url, old, holding, results):
    """Run in another process: want another token while the first one holds the lock."""
    store = open_store(store_url, KEYS)
    with some_tokens(SimpleNamespace(account=Account(), url=url), store, Clock()) as tokens:
        holding.wait(20)
        try:
            results.put(tokens.renew(old))
        except SendNeedsPerson as error:
            results.put(f"person needed: {error.code}: {error.advice}")
    store.close()


@pytest.fixture
def both(zalo, store, store_url):
    """Run the two processes; return the first one's access token and what the second got."""

    def run(point):
        with some_tokens(zalo, store, Clock()) as tokens:
            old = tokens.access()
        context = multiprocessing.get_context("spawn")
        holding, results = context.Event(), context.Queue()
        first = context.Process(
            target=renew_and_die, args=(store_url, zalo.url, old, point, holding)
        )
        second = context.Process(
            target=renew_after_it, args=(store_url, zalo.url, old, holding, results)
        )
        first.start()
        second.start()
        got = results.get(timeout=40)
        for process in (first, second):
            process.join(20)
        assert (first.exitcode, second.exitcode) == (-signal.SIGKILL, 0)
        return got

    return run


def test_killed_before_the_exchange_nothing_is_lost(zalo, store, both):
    assert both("before the exchange") == zalo.tokens.access_token

    assert zalo.tokens.refreshes == 2
    assert store.tokens.state("zalo", zalo.account.oa_id).begun_at is None


def test_killed_after_the_save_the_new_pair_is_used_and_no_token_burnt(zalo, store, both):
    assert both("after the save") == zalo.tokens.access_token

    assert zalo.tokens.refreshes == 2


def test_killed_between_exchange_and_save_the_pair_is_gone_and_the_steps_are_told(
    zalo, store, both
):
    """The one case the platform offers no way out of: the new pair was in that process only."""
    got = both("between exchange and save")

    assert got.startswith("person needed: -14014: ")
    assert "flask --app server zalo login" in got
    assert zalo.tokens.refreshes == 2


def test_a_lost_pair_is_healed_by_a_new_grant(zalo, store, both, caplog):
    both("between exchange and save")
    zalo.tokens.refresh_token = "granted-anew"

    with some_tokens(zalo, store, Clock(), first="granted-anew") as tokens:
        pair = store.tokens.load("zalo", zalo.account.oa_id)
        assert tokens.renew(pair.access_token) == zalo.tokens.access_token

    assert store.tokens.load("zalo", zalo.account.oa_id).refresh_token == zalo.tokens.refresh_token


def test_a_refresh_that_never_ended_is_told_at_the_next(zalo, store, caplog):
    with some_tokens(zalo, store, Clock()) as tokens:
        old = tokens.access()
        store.tokens.begin("zalo", zalo.account.oa_id, Clock().now)

        tokens.renew(old)

    assert "event=zalo_token_refresh_unended" in caplog.text


def test_a_store_that_cannot_be_written_burns_no_token(zalo, store, monkeypatch):
    with some_tokens(zalo, store, Clock()) as tokens:
        old = tokens.access()

        def refuse(*_):
            raise OSError("disk full")

        monkeypatch.setattr(store.tokens, "begin", refuse)
        with pytest.raises(OSError, match="disk full"):
            tokens.renew(old)

    assert zalo.tokens.refreshes == 1


def test_a_dead_refresh_token_is_one_alarm_with_the_steps(zalo, store, caplog):
    with some_tokens(zalo, store, Clock(), first="dead") as tokens:
        for _ in range(3):
            with pytest.raises(SendNeedsPerson) as caught:
                tokens.access()
            assert caught.value.code == "-14014"

    lines = [line for line in caplog.messages if "event=zalo_token_needs_grant" in line]
    assert len(lines) == 1
    assert "zalo login" in lines[0]


def test_the_token_is_looked_after_without_any_message(zalo, store, caplog):
    clock = Clock()
    with some_tokens(zalo, store, clock) as tokens, a_channel(zalo, tokens, clock) as channel:
        channel.keep_fresh()
        assert zalo.tokens.refreshes == 1
        clock.forward(hours=21)
        channel.keep_fresh()
        assert zalo.tokens.refreshes == 2
        zalo.tokens.refresh_token = "granted to somebody else"
        clock.forward(hours=21)
        channel.keep_fresh()

    assert "event=zalo_token_needs_grant" in caplog.text
    assert "code=-14014" in caplog.text


def test_a_lost_key_needs_a_person_and_burns_no_token(zalo, store, store_url):
    with some_tokens(zalo, store, Clock()) as tokens:
        tokens.access()
    other = open_store(store_url, ("another key",))

    with some_tokens(zalo, other, Clock()) as tokens, pytest.raises(SendNeedsPerson) as caught:
        tokens.access()
    other.close()

    assert caught.value.code == "token_key"
    assert "MOTCUA_TOKEN_KEY" in caught.value.advice
    assert zalo.tokens.refreshes == 1
