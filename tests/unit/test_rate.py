"""The call rate: never over the limit in any minute, and always something left for an answer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.work.rate import Bucket, next_minute
from tests.builders import NOW

REPLY, URGENT, BULK = 0, 1, 2


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


@given(
    st.sampled_from([60, 600, 4000]),
    st.lists(st.tuples(st.floats(0, 45), st.integers(1, 4000), st.sampled_from([0, 1, 2]))),
)
def test_no_sixty_seconds_hold_more_than_the_limit(
    limit: int, asked: list[tuple[float, int, int]]
) -> None:
    bucket, now, taken = Bucket.full(limit, NOW), NOW, []
    for rest, wanted, priority in asked:
        now += seconds(rest)
        count = min(wanted, bucket.left_for(priority, now))
        bucket = bucket.take(count, now)
        taken.append((now, count))
    for began, _ in taken:
        within = sum(count for at, count in taken if began <= at <= began + seconds(60))
        assert within <= limit


def test_a_broadcast_leaves_calls_for_urgent_notices_and_these_for_answers() -> None:
    bucket = Bucket.full(4000, NOW)

    bucket = bucket.take(bucket.left_for(BULK, NOW), NOW)
    assert (bucket.left_for(BULK, NOW), bucket.left_for(URGENT, NOW)) == (0, 64)

    bucket = bucket.take(bucket.left_for(URGENT, NOW), NOW)
    assert (bucket.left_for(URGENT, NOW), bucket.left_for(REPLY, NOW)) == (0, 32)


def test_a_broadcast_alone_gets_nine_tenths_of_the_limit() -> None:
    bucket, sent = Bucket.full(4000, NOW), 0
    for step in range(6000):
        now = NOW + seconds(step / 10)
        count = bucket.left_for(BULK, now)
        bucket, sent = bucket.take(count, now), sent + count

    assert sent / 10 == pytest.approx(3600, rel=0.02)


def test_calls_made_by_others_are_heeded_until_the_next_minute() -> None:
    bucket = Bucket.full(4000, NOW).told(4000, 5, NOW)

    assert bucket.left_for(REPLY, NOW) == 5
    assert bucket.left_for(REPLY, next_minute(NOW)) == 5
    assert bucket.left_for(REPLY, next_minute(NOW) + seconds(2)) == 125
    assert bucket.take(5, NOW).left_for(REPLY, next_minute(NOW)) == 0


def test_a_limit_stated_lower_is_the_limit_and_more_left_than_we_thought_is_not_taken() -> None:
    bucket = Bucket.full(4000, NOW)

    assert bucket.told(600, 599, NOW).left_for(REPLY, NOW) == 48
    assert bucket.take(300, NOW).told(4000, 3999, NOW).left_for(REPLY, NOW) == 20
