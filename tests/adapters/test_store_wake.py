"""Wake-up hints between processes."""

from __future__ import annotations

import socket

import pytest

from bot.store.wake import WakeListener, Waker

NOT_LONG = 0.0


@pytest.fixture
def listener(tmp_path):
    made = WakeListener(tmp_path, "worker")
    yield made
    made.close()


def test_a_hint_wakes_the_listener_once(tmp_path, listener):
    Waker(tmp_path).notify()
    Waker(tmp_path).notify()

    assert listener.wait(5)
    assert not listener.wait(NOT_LONG)


def test_every_listener_is_woken(tmp_path, listener):
    other = WakeListener(tmp_path, "web")

    Waker(tmp_path).notify()

    assert listener.wait(5)
    assert other.wait(5)
    other.close()


def test_a_note_reaches_only_those_it_is_for(tmp_path, listener):
    other = WakeListener(tmp_path, "web")

    Waker(tmp_path).notify("web", 17)
    Waker(tmp_path).notify("web", 18)

    assert other.notes(5) == ["17", "18"]
    assert not listener.wait(NOT_LONG)
    other.close()


def test_nobody_listening_is_no_trouble(tmp_path):
    Waker(tmp_path / "nowhere").notify()


def test_the_socket_of_a_dead_process_is_removed(tmp_path, listener):
    dead = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    path = tmp_path / "wake" / "worker-1-dead.sock"
    dead.bind(str(path))
    dead.close()

    Waker(tmp_path).notify()

    assert not path.exists()
    assert listener.wait(5)


def test_a_listener_that_never_reads_does_not_hold_up_anybody(tmp_path, listener):
    for _ in range(2000):
        Waker(tmp_path).notify()

    assert listener.wait(5)


def test_a_path_too_long_for_a_socket_falls_back_to_waiting(tmp_path):
    listener = WakeListener(tmp_path / ("x" * 120), "worker")

    assert not listener.wait(NOT_LONG)
    listener.close()


def test_closing_twice_is_fine_and_leaves_no_file(tmp_path, listener):
    listener.close()
    listener.close()

    assert list((tmp_path / "wake").iterdir()) == []
