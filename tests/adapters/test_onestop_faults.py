"""A one-stop system in every bad mood: silence and nonsense never become "not found"."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.core.errors import DossierNotFound, SourceUnavailable
from bot.sources.onestop import OneStopSource
from bot.sources.onestop.faults import Fault
from tests.adapters.onestop_parts import CODE, OTHER, PLANTED, QUICK, STRANGE, closing, joined
from tests.onestop import OneStop

FAULT_OF = {
    "down": ("refused", "broken"),
    "hang": ("timeout",),
    "slow": ("timeout",),
    "drip": ("timeout",),
    "error": ("http_500",),
    "missing": ("http_404",),
    "redirect": ("http_302",),
    "html": ("not_json",),
    "half": ("not_json",),
    "empty": ("not_json",),
    "huge": ("too_large",),
    "deep": ("too_deep",),
    "packed": ("encoded",),
    "wrong_code": ("other_code",),
    "wrong_types": ("types",),
    "wrong_shape": ("shape",),
    "wrong_day": ("moment",),
    "system_error": ("error_-1",),
}


@pytest.fixture
def system() -> Iterator[OneStop]:
    with OneStop() as running:
        yield running


@pytest.fixture
def source(system: OneStop, tmp_path: Path) -> Iterator[OneStopSource]:
    with closing(joined(system, tmp_path)) as opened:
        yield opened


@pytest.mark.parametrize("mood", FAULT_OF)
def test_what_is_no_answer_is_unavailable(
    mood: str, system: OneStop, source: OneStopSource, caplog: pytest.LogCaptureFixture
) -> None:
    system.feel(mood, seconds=2 * QUICK)

    with caplog.at_level(logging.DEBUG), pytest.raises(Fault) as caught:
        source.fetch(CODE)

    assert caught.value.code in FAULT_OF[mood]
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("bot")]
    assert any(f"fault={caught.value.code}" in line for line in lines)
    assert not [word for word in (*PLANTED, "261102") if word in "\n".join(lines)]


@pytest.mark.parametrize("mood", FAULT_OF)
def test_what_was_known_before_is_told_as_such(
    mood: str, system: OneStop, source: OneStopSource
) -> None:
    before = source.fetch(CODE)
    system.feel(mood, seconds=2 * QUICK)

    last = source.fetch(CODE)

    assert last.stale
    assert not before.stale
    assert last.as_of == before.as_of
    assert (last.code, last.status, last.promised_on) == (
        before.code, before.status, before.promised_on,
    )  # fmt: skip
    with pytest.raises(SourceUnavailable):
        source.fetch(OTHER)  # nobody asked for it before


@pytest.mark.parametrize("mood", ["hang", "drip"])
def test_nobody_waits_longer_than_the_time_given(
    mood: str, system: OneStop, tmp_path: Path
) -> None:
    system.feel(mood)
    with closing(joined(system, tmp_path, seconds=1.0)) as source:
        started = time.monotonic()
        for code in (CODE, OTHER, STRANGE):  # as in one message with three codes
            with pytest.raises(SourceUnavailable):
                source.fetch(code)

    assert time.monotonic() - started < 4.0  # the house's limit for one look-up


def test_a_hanging_system_is_asked_once_and_then_left_in_peace(
    system: OneStop, source: OneStopSource
) -> None:
    system.feel("hang")
    for _ in range(5):
        with pytest.raises(SourceUnavailable):
            source.fetch(CODE)

    assert system.world.counts["lookups"] == 1


def test_quick_faults_are_tried_twice_and_then_left_in_peace(
    system: OneStop, source: OneStopSource
) -> None:
    system.feel("error")
    for _ in range(10):
        with pytest.raises(SourceUnavailable):
            source.fetch(CODE)

    assert system.world.counts["lookups"] == 6  # three faults of two tries each


def test_a_bad_record_of_one_dossier_does_not_stop_the_others(
    system: OneStop, source: OneStopSource
) -> None:
    system.feel("wrong_types")
    for _ in range(10):
        with pytest.raises(SourceUnavailable):
            source.fetch(CODE)
    system.feel("well")

    assert source.fetch(CODE).status == 4


def test_not_found_is_said_only_by_a_system_that_answered(
    system: OneStop, source: OneStopSource
) -> None:
    with pytest.raises(DossierNotFound):
        source.fetch(STRANGE)


def test_a_dossier_that_is_gone_is_not_remembered(system: OneStop, source: OneStopSource) -> None:
    source.fetch(CODE)
    system.world.drop("H39.21-261102-0301")
    with pytest.raises(DossierNotFound):
        source.fetch(CODE)
    system.feel("error")

    with pytest.raises(SourceUnavailable):
        source.fetch(CODE)


def test_an_unknown_status_is_shown_as_it_is(system: OneStop, source: OneStopSource) -> None:
    system.feel("unknown_status")

    dossier = source.fetch(CODE)

    assert (dossier.status, dossier.status_label) == (None, "Nhận trực tiếp")


def test_a_list_with_half_of_the_records_is_no_news_of_the_others(
    system: OneStop, source: OneStopSource
) -> None:
    system.feel("partly")

    assert list(source.states([CODE, OTHER])) == [CODE.key]


@pytest.mark.parametrize("mood", ["down", "hang", "error", "html", "half", "wrong_shape"])
def test_a_list_is_never_stale(
    mood: str, system: OneStop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.sources.onestop.source._LIST_SECONDS", QUICK)
    with closing(joined(system, tmp_path)) as source:
        source.states([CODE, OTHER])
        system.feel(mood)

        with pytest.raises(SourceUnavailable):
            source.states([CODE, OTHER])
