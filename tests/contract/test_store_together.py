"""Several threads and processes at the same store."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

from tests.contract.store_builders import (
    LEASE,
    NOW,
    a_message,
    a_turn,
    lease_deliveries,
    talk,
)

ROOT = Path(__file__).parents[2]
WORKER = """
import sys
from bot.store import open_store
from tests.contract.store_builders import LEASE, NOW, a_turn
store = open_store(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
while found := store.journal.claim(NOW, sys.argv[2], 3, LEASE):
    for claimed in found:
        assert store.journal.settle(claimed, a_turn(sys.argv[2]), NOW)
        print(claimed.citizen.external_id, claimed.inbound.message_id, flush=True)
"""

KILLED = """
import sys
from bot.store import open_store
from tests.contract.store_builders import LEASE, NOW, a_message, a_turn
store = open_store(sys.argv[1])
for number in range(1_000_000):
    name = f"{sys.argv[2]}-{number}"
    store.journal.receive([a_message(number, sys.argv[2])], NOW)
    print("received", name, flush=True)
    for claimed in store.journal.claim(NOW, sys.argv[2], 1, LEASE):
        assert store.journal.settle(claimed, a_turn(claimed.inbound.message_id), NOW)
        print("settled", claimed.inbound.message_id, flush=True)
"""


def in_threads(count, work):
    errors = []

    def guarded(number):
        try:
            work(number)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=[number]) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_threads_that_receive_the_same_messages_keep_each_once(store):
    batch = [a_message(number, sender) for sender in ("lan", "minh") for number in range(5)]
    kept = []

    in_threads(
        4, lambda number: kept.extend(store.journal.receive(batch[:: 1 - number % 2 * 2], NOW))
    )

    assert len({item.inbound_id for item in kept}) == 10
    assert Counter(item.duplicate for item in kept) == {False: 10, True: 30}


def test_competing_threads_never_hold_two_messages_of_one_citizen(store):
    for number in range(12):
        store.journal.receive([a_message(number, f"c{number % 3}")], NOW)
    held, seen, clash = Counter(), [], []

    def work(number):
        while True:
            found = store.journal.claim(NOW, f"w{number}", 2, LEASE)
            if not found and store.journal.backlog().waiting == 0:
                return
            for claimed in found:
                held[claimed.citizen.id] += 1
                clash.append(held[claimed.citizen.id] > 1)
            for claimed in found:
                seen.append((claimed.citizen.external_id, claimed.inbound.message_id))
                held[claimed.citizen.id] -= 1
                assert store.journal.settle(claimed, a_turn("ạ"), NOW)

    in_threads(4, work)

    assert not any(clash)
    assert len(seen) == len(set(seen)) == 12


def test_competing_processes_answer_every_message_once(store, store_url):
    for number in range(40):
        store.journal.receive([a_message(number, f"c{number % 8}")], NOW)
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, store_url, f"w{number}"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(2)
    ]
    for worker in workers:
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        worker.stdin.write("go\n")
        worker.stdin.flush()
    lines = [line for worker in workers for line in worker.communicate(timeout=60)[0].splitlines()]

    # One may leave early while the other holds the rest; what is left is then simply claimed.
    while found := store.journal.claim(NOW, "last", 3, LEASE):
        for claimed in found:
            assert store.journal.settle(claimed, a_turn("last"), NOW)
            lines.append(f"{claimed.citizen.external_id} {claimed.inbound.message_id}")

    assert [worker.returncode for worker in workers] == [0, 0]
    assert len(lines) == len(set(lines)) == 40
    assert store.deliveries.counts() == {"queued": 40}


def test_what_was_acknowledged_before_a_kill_is_there_and_answered_once(store, store_url):
    said = []
    for life in range(3):
        child = subprocess.Popen(
            [sys.executable, "-c", KILLED, store_url, f"life{life}"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        said += [child.stdout.readline().split() for _ in range(20 + life)]
        child.kill()
        said += [line.split() for line in child.communicate(timeout=30)[0].splitlines()]
    received = {name for word, name in said if word == "received"}
    settled = {name for word, name in said if word == "settled"}

    after = NOW + LEASE * 2
    while found := store.journal.claim(after, "next start", 9, LEASE):
        for claimed in found:
            assert claimed.inbound.message_id not in settled
            assert store.journal.settle(claimed, a_turn(claimed.inbound.message_id), after)

    answers = [item.reply.text for item in all_deliveries(store, after)]
    assert len(received) > 25
    assert len(answers) == len(set(answers))
    assert received <= set(answers)


def all_deliveries(store, now):
    while leased := lease_deliveries(store, now=now):
        for delivery in leased:
            store.deliveries.sent(delivery, f"m{delivery.id}", now)
        yield from leased


def test_competing_lanes_send_every_row_once(store):
    for number in range(20):
        talk(store, "ạ", sender=f"c{number}")
    sent = []

    def work(number):
        while leased := lease_deliveries(store, limit=3):
            for delivery in leased:
                sent.append(delivery.id)
                assert store.deliveries.sent(delivery, f"m{delivery.id}", NOW)

    in_threads(4, work)

    assert len(sent) == len(set(sent)) == 20
    assert store.deliveries.counts() == {"sent": 20}


def test_a_reader_that_asks_for_what_is_new_misses_nothing(store):
    citizen = store.citizens.open_session("web", "lan", NOW)
    done = threading.Event()
    seen = []

    def read():
        last = 0
        while True:
            final = done.is_set()
            for entry in store.timeline.messages(citizen.id, last):
                seen.append(entry.seq)
                last = entry.seq
            if final:
                return

    def write(number):
        for part in range(5):
            message = a_message(number * 100 + part, channel="web")
            store.journal.receive([message], NOW)
            for claimed in store.journal.claim(NOW, f"w{number}", 1, LEASE):
                store.journal.settle(claimed, a_turn("một", "hai"), NOW)

    reader = threading.Thread(target=read)
    reader.start()
    in_threads(4, write)
    done.set()
    reader.join()

    assert seen == [entry.seq for entry in store.timeline.messages(citizen.id)]
    assert len(seen) == len(set(seen)) >= 20
