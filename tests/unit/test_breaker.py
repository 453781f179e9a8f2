"""The circuit breaker by a clock of its own."""

from __future__ import annotations

from bot.sources.onestop.breaker import FAULTS, FIRST_REST, LONGEST_REST, PROBE, Breaker, State


def after_faults(count: int, now: float = 0.0) -> Breaker:
    breaker = Breaker()
    for _ in range(count):
        breaker = breaker.failed(now)
    return breaker


def test_a_few_quick_faults_are_no_reason_to_stop() -> None:
    assert after_faults(FAULTS - 1).allows(0.0)


def test_it_opens_after_faults_in_a_row() -> None:
    breaker = after_faults(FAULTS)

    assert breaker.state(0.0) is State.OPEN
    assert not breaker.allows(FIRST_REST - 0.01)


def test_an_answer_in_between_forgets_the_faults() -> None:
    breaker = after_faults(FAULTS - 1).answered().failed(0.0)

    assert breaker.state(0.0) is State.CLOSED


def test_one_used_up_time_opens_it() -> None:
    assert not Breaker().failed(0.0, slow=True).allows(0.0)


def test_half_open_lets_one_trial_through() -> None:
    breaker = after_faults(FAULTS)

    assert breaker.state(FIRST_REST) is State.HALF_OPEN
    assert breaker.allows(FIRST_REST)
    assert not breaker.asking(FIRST_REST).allows(FIRST_REST)


def test_a_trial_that_was_never_reported_does_not_block_for_ever() -> None:
    breaker = after_faults(FAULTS).asking(FIRST_REST)

    assert breaker.allows(FIRST_REST + PROBE)


def test_a_failed_trial_doubles_the_rest_up_to_a_limit() -> None:
    breaker, now, rests = after_faults(FAULTS), 0.0, []
    for _ in range(8):
        assert breaker.until is not None
        rests.append(breaker.until - now)
        now = breaker.until
        breaker = breaker.asking(now).failed(now)

    assert rests[:3] == [FIRST_REST, 2 * FIRST_REST, 4 * FIRST_REST]
    assert rests[-1] == LONGEST_REST


def test_a_good_trial_closes_it() -> None:
    breaker = after_faults(FAULTS).asking(FIRST_REST).answered()

    assert breaker == Breaker()


def test_calls_from_before_do_not_prolong_the_rest() -> None:
    breaker = Breaker().failed(0.0, slow=True)

    assert breaker.failed(0.1, slow=True).failed(0.2, slow=True) == breaker
