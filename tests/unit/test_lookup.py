"""Asking several sources: who answers now comes first, silence is never "no such dossier"."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core.dossiers.codes import DossierCode
from bot.core.dossiers.lookup import look_up
from bot.core.errors import DossierNotFound, SourceUnavailable
from tests.builders import NOW, FakeSource, a_dossier

CODE = DossierCode(a_dossier().code)
SILENT = FakeSource(error=SourceUnavailable())
NOTHING = FakeSource()
STALE = FakeSource(a_dossier(stale=True, as_of=NOW - timedelta(hours=2), source="old"))
STALER = FakeSource(a_dossier(stale=True, as_of=NOW - timedelta(days=2), source="older"))
FRESH = FakeSource(a_dossier(source="fresh"))


def test_the_first_fresh_answer_wins() -> None:
    assert look_up(CODE, [FRESH, FakeSource(a_dossier(source="later"))]).source == "fresh"


def test_a_silent_source_does_not_hide_a_later_answer() -> None:
    assert look_up(CODE, [SILENT, FRESH]).source == "fresh"


@pytest.mark.parametrize("sources", [[SILENT, NOTHING], [NOTHING, SILENT], [SILENT]])
def test_a_silent_source_never_becomes_not_found(sources: list[FakeSource]) -> None:
    with pytest.raises(SourceUnavailable):
        look_up(CODE, sources)


def test_only_when_all_answered_is_it_not_found() -> None:
    with pytest.raises(DossierNotFound):
        look_up(CODE, [NOTHING, NOTHING])


def test_a_fresh_answer_beats_a_stale_one() -> None:
    assert look_up(CODE, [STALE, FRESH]).source == "fresh"


@pytest.mark.parametrize("after", [NOTHING, SILENT])
def test_a_stale_state_beats_having_nothing(after: FakeSource) -> None:
    assert look_up(CODE, [STALE, after]).stale


def test_of_two_stale_states_the_newer_is_told() -> None:
    assert look_up(CODE, [STALER, STALE]).source == "old"
