"""Server-sent events: the same messages as the API, as they come."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bot.core.messages import TimelineEntry
from bot.web.parts import WebParts
from bot.web.talk import as_json
from bot.web.waiting import Stream

_BATCH = 100


@dataclass(frozen=True)
class Pace:
    """How a stream spends its time, all in seconds."""

    lifetime: float = 300.0  # then the page connects again, so no thread is held for ever
    heartbeat: float = 12.0  # shows that a page has gone away
    quick: float = 0.04  # until the next look after something was said,
    growth: float = 1.3  # then ever longer,
    calm: float = 1.0  # up to this


def event_stream(
    known: WebParts,
    stream: Stream,
    after: int,
    pace: Pace | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[str]:
    """Yield the messages after ``after`` as events, and comments as heartbeats."""
    rhythm = pace or Pace()
    started = spoke = clock()
    pause = rhythm.quick
    yield "retry: 2000\n\n"
    while not stream.ended:
        entries = known.store.timeline.messages(stream.citizen_id, after, _BATCH)
        now = clock()
        if entries:
            after, spoke, pause = entries[-1].seq, now, rhythm.quick
            yield events(entries, known)
        elif now - spoke >= rhythm.heartbeat:
            spoke = now
            yield ": still here\n\n"
        if now - started >= rhythm.lifetime:
            return
        woken = stream.rest(pause)
        pause = rhythm.quick if woken else min(pause * rhythm.growth, rhythm.calm)


def events(entries: Sequence[TimelineEntry], known: WebParts) -> str:
    """Return entries as text in the event stream format."""
    return "".join(
        f"id: {message['id']}\nevent: message\ndata: {json.dumps(message, ensure_ascii=False)}\n\n"
        for message in as_json(entries, known)
    )
