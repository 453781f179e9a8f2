"""Zalo's single-use tokens: refreshed once, kept before use, never lost."""

from __future__ import annotations

import multiprocessing
import threading
from datetime import timedelta
from types import SimpleNamespace

import pytest

from bot.core.errors import SendLater, SendNeedsPerson, StoreUnavailable
from tests.contract.channel_desk import Clock, a_store, some_tokens
from tests.simulator import Simulator
from tests.simulator.world import Account


@pytest.fixture
def store(tmp_path):
    store = a_store(tmp_path)
    yield store
    store.close()


@pytest.fixture
def zalo():
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def tokens(zalo, store, clock):
    with some_tokens(zalo, store, clock) as it:
        yield it


def test_the_first_start_uses_the_token_of_the_settings(zalo, store, tokens):
    access = tokens.access()

    pair = store.tokens.load("zalo", zalo.account.oa_id)
    assert access == zalo.tokens.access_token == pair.access_token
    assert pair.refresh_token == zalo.tokens.refresh_token


def test_a_valid_token_is_used_again(zalo, tokens):
    assert tokens.access() == tokens.access()
    assert zalo.tokens.refreshes == 1


def test_a_restart_goes_on_with_the_kept_pair(zalo, store, clock, tokens):
    access = tokens.access()

    with some_tokens(zalo, store, clock) as later:
        assert later.access() == access
    assert zalo.tokens.refreshes == 1


def test_with_five_hours_left_the_token_is_replaced(zalo, clock, tokens):
    first = tokens.access()
    clock.forward(hours=19)
    assert tokens.access() == first
    clock.forward(hours=1, seconds=1)

    assert tokens.access() != first


def test_an_early_refresh_that_fails_leaves_the_valid_token_in_use(zalo, clock, tokens):
    first = tokens.access()
    clock.forward(hours=21)
    zalo.fail("token", "500")

    assert tokens.access() == first
    clock.forward(minutes=11)
    assert tokens.access() != first


def test_tokens_of_a_short_life_are_not_replaced_at_every_message(zalo, clock, tokens):
    zalo.tokens.life = 3600
    tokens.access()
    second = tokens.access()

    assert [tokens.access() for _ in range(5)] == [second] * 5
    assert zalo.tokens.refreshes == 2


def test_an_ended_token_and_a_silent_service_mean_later(zalo, clock, tokens):
    tokens.access()
    clock.forward(hours=26)
    zalo.fail("token", "drop")

    with pytest.raises(SendLater):
        tokens.access()
    assert tokens.access() == zalo.tokens.access_token


def test_a_refresh_whose_answer_is_lost_needs_a_person_and_asks_only_once(zalo, clock, tokens):
    tokens.access()
    clock.forward(hours=26)
    zalo.fail("token", "drop", acts=True)
    with pytest.raises(SendLater):
        tokens.access()

    for _ in range(3):
        with pytest.raises(SendNeedsPerson):
            tokens.access()

    asked = [line for line in zalo.requests if line["path"] == "/v4/oa/access_token"]
    assert len(asked) == 4  # the first, the lost one, the old and the first token refused


def test_a_new_grant_in_the_settings_is_taken_when_the_kept_token_is_refused(
    zalo, store, clock, tokens
):
    tokens.access()
    zalo.tokens.refresh_token = "granted-anew"
    clock.forward(hours=26)

    with some_tokens(zalo, store, clock, first="granted-anew") as later:
        assert later.access() == zalo.tokens.access_token


def test_without_any_refresh_token_a_person_must_act(zalo, store, clock):
    with some_tokens(zalo, store, clock, first="") as tokens, pytest.raises(SendNeedsPerson):
        tokens.access()


def test_wrong_app_keys_need_a_person(zalo, tokens):
    zalo.tokens.app_secret = "another"

    with pytest.raises(SendNeedsPerson) as caught:
        tokens.access()

    assert caught.value.code == "-14004"


def test_a_pair_that_could_not_be_kept_is_kept_at_the_next_call(zalo, store, tokens, monkeypatch):
    save = store.tokens.save

    def disk_full(*_):
        raise StoreUnavailable("disk full")

    monkeypatch.setattr(store.tokens, "save", disk_full)
    with pytest.raises(StoreUnavailable):
        tokens.access()
    monkeypatch.setattr(store.tokens, "save", save)

    assert tokens.access() == zalo.tokens.access_token
    assert zalo.tokens.refreshes == 1


def test_a_process_that_ends_keeps_trying_to_keep_the_only_copy(zalo, store, clock, monkeypatch):
    save, rested = store.tokens.save, []

    def locked_at_first(*pair):
        if len(rested) < 40:
            raise StoreUnavailable("locked")
        save(*pair)

    monkeypatch.setattr(store.tokens, "save", locked_at_first)
    with some_tokens(zalo, store, clock) as tokens:
        tokens._rest = rested.append

        assert tokens.access() == zalo.tokens.access_token

    assert (zalo.tokens.refreshes, sum(rested)) == (1, 30 * 1.0 + 10 * 10.0)


def test_an_answer_without_a_new_refresh_token_keeps_the_old_one(zalo, store, tokens, monkeypatch):
    answer = {"access_token": "a", "expires_in": "not a number"}
    monkeypatch.setattr(zalo.tokens, "exchange", lambda *_: answer)

    tokens.access()

    pair = store.tokens.load("zalo", zalo.account.oa_id)
    assert pair.refresh_token == zalo.account.first_refresh_token
    assert pair.expires_at == Clock().now + timedelta(hours=25)


def test_a_token_somebody_else_replaced_is_read_not_replaced(zalo, store, clock, tokens):
    old = tokens.access()
    with some_tokens(zalo, store, clock) as other:
        new = other.renew(old)

    assert tokens.renew(old) == new
    assert zalo.tokens.refreshes == 2


def test_many_threads_refresh_once(zalo, store, clock, tokens):
    old = tokens.access()
    found = []
    threads = [threading.Thread(target=lambda: found.append(tokens.renew(old))) for _ in range(6)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert set(found) == {zalo.tokens.access_token}
    assert len(found) == 6
    assert zalo.tokens.refreshes == 2


def renew_elsewhere(folder, url, old, start, results):
    """Run in another process: open the same store and ask for another token."""

    remote = SimpleNamespace(account=Account(), url=url)
    store = a_store(folder)
    with some_tokens(remote, store, Clock()) as tokens:
        start.wait(10)
        results.put(tokens.renew(old))
    store.close()


def test_two_processes_refresh_once(zalo, tokens, tmp_path):
    old = tokens.access()
    context = multiprocessing.get_context("spawn")
    start, results = context.Event(), context.Queue()
    arguments = (tmp_path, zalo.url, old, start, results)
    processes = [context.Process(target=renew_elsewhere, args=arguments) for _ in range(2)]

    for process in processes:
        process.start()
    start.set()
    found = {results.get(timeout=30) for _ in processes}
    for process in processes:
        process.join(10)

    assert found == {zalo.tokens.access_token}
    assert zalo.tokens.refreshes == 2
