"""The stream sends messages as they come and never holds a thread for ever."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.core.messages import Reply
from bot.web.streaming import Pace, event_stream
from bot.web.waiting import SEATS, Seats, Stream, wait_until
from tests.adapters.web_parts import Parts, Talker, answer_all, some_parts, web_app


@pytest.fixture
def parts(tmp_path: Path) -> Any:
    made = some_parts(tmp_path, web_threads=9)
    yield made
    made.store.close()


def stream_of(parts: Parts, citizen_id: int, seconds: list[float], after: int = 0) -> list[str]:
    """Return all pieces of a stream whose clock reads ``seconds`` one after the other."""
    ticks: Iterator[float] = iter(seconds)
    pace = Pace(lifetime=10, heartbeat=4, quick=0, calm=0)
    return list(event_stream(parts, Stream(citizen_id), after, pace, lambda: next(ticks)))  # type: ignore[arg-type]


def test_a_stream_sends_what_is_new_and_ends_by_itself(parts: Parts) -> None:
    talker = Talker(web_app(parts))
    talker.say("xin chào")
    answer_all(parts, Reply("Dạ, chào anh/chị."))

    pieces = stream_of(parts, 1, [0, 1, 5, 6, 10], after=1)

    assert pieces[0].startswith("retry:")
    event = dict(line.split(": ", 1) for line in pieces[1].strip().split("\n"))
    assert event["id"] == "2"
    assert json.loads(event["data"])["text"] == "Dạ, chào anh/chị."
    assert pieces[2].startswith(":")
    assert len(pieces) == 4 or pieces[3].startswith(":")


def test_the_stream_answers_over_http_and_gives_its_seat_back(parts: Parts) -> None:
    talker = Talker(web_app(parts))
    talker.say("một")
    talker.say("hai")
    headers = {**talker.headers, "Last-Event-ID": "1"}

    answer = talker.client().get("/chat/api/stream", headers=headers, buffered=False)
    pieces = iter(answer.response)
    next(pieces)
    event = next(pieces)
    event = event if isinstance(event, str) else event.decode()

    assert answer.mimetype == "text/event-stream"
    assert event.startswith("id: 2\n")
    assert "hai" in json.loads(event.split("data: ")[1])["text"]
    seats: Seats = talker.app.extensions[SEATS]
    assert seats.open_streams() == 1
    answer.close()
    assert seats.open_streams() == 0


def test_a_stream_too_many_is_told_to_come_back(parts: Parts) -> None:
    app = web_app(parts)
    seats: Seats = app.extensions[SEATS]
    for number in range(seats.most_streams):
        seats.open_stream(1000 + number)
    talker = Talker(app)

    answer = talker.client().get("/chat/api/stream", headers=talker.headers)

    assert answer.status_code == 503
    assert answer.get_json()["error"]["code"] == "stream_full"
    assert int(answer.headers["Retry-After"]) > 0


def test_a_third_stream_of_one_citizen_ends_the_oldest() -> None:
    seats = Seats(48)
    first, second, third = (seats.open_stream(1) for _ in range(3))

    assert first is not None
    assert first.ended
    assert second is not None
    assert not second.ended
    assert third is not None
    assert seats.open_streams() == 2


def test_a_message_wakes_the_streams_of_its_citizen_only() -> None:
    seats = Seats(48)
    own, other = seats.open_stream(1), seats.open_stream(2)
    assert own is not None
    assert other is not None

    seats.wake(1)

    assert own.rest(0)
    assert not own.rest(0)
    assert not other.rest(0)


def test_waiting_asks_ever_more_slowly_until_time_is_up() -> None:
    now = [0.0]
    pauses: list[float] = []

    def rest(seconds: float) -> bool:
        pauses.append(seconds)
        now[0] += seconds
        return False

    assert not wait_until(lambda: False, 1.0, lambda: now[0], rest)
    assert pauses[0] == 0.1
    assert max(pauses) == 0.25
    assert sum(pauses) == pytest.approx(1.0)


def test_only_so_many_may_wait() -> None:
    seats = Seats(9)
    with seats.waiting() as first:
        for _ in range(seats.most_waiters - 1):
            seats.waiting().__enter__()
        with seats.waiting() as late:
            assert first
            assert not late
