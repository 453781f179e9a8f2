"""The figures of the demo's register, counted on the day somebody asks."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import timedelta

import pytest

from bot.core.errors import SourceUnavailable
from bot.registry.statistics import RegisterStatistics
from tests.adapters.registry_parts import NOW, PROVINCE, built_registry


@pytest.fixture(scope="module")
def statistics():
    return RegisterStatistics(built_registry())


def rows():
    with (PROVINCE / "dossiers.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_dossier_is_counted_once(statistics):
    figures = statistics.figures(NOW)

    assert figures.received == len(rows())
    assert figures.closed >= 0
    assert figures.on_time <= figures.judged <= figures.finished
    assert figures.as_of is not None


def test_relative_days_count_from_today(statistics):
    """Two working days late today, ten days ago not yet promised for the past."""
    assert statistics.figures(NOW).late > 0
    assert statistics.figures(NOW) == statistics.figures(NOW + timedelta(minutes=1))


def test_agencies_and_fields_add_up(statistics):
    agency, count = Counter(row["CoQuanTiepNhan"] for row in rows()).most_common(1)[0]

    assert statistics.figures(NOW, agency=agency).received == count
    assert statistics.figures(NOW, agency="không có").received == 0
    assert 0 < statistics.figures(NOW, field="land").received < len(rows())


def test_a_missing_register_is_silent_not_empty(tmp_path):
    with pytest.raises(SourceUnavailable):
        RegisterStatistics(tmp_path / "none.db").figures(NOW)
