"""What was reported outside of a source, laid over what the source says."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from bot.core.dossiers.codes import DossierCode
from bot.core.errors import DossierNotFound
from bot.core.follow.report import Report, laid_over, merged, report_in, report_of
from bot.sources.reported import with_reports
from tests.builders import FakeSource, a_dossier
from tests.unit.follow_parts import CODE, there

KEY = DossierCode(CODE).key
NINE = there(20, 9)


def a_report(**more: Any) -> Report:
    return replace(Report(KEY, NINE, NINE, 5, ""), **more)


class Noted:
    """The reports of a test."""

    def __init__(self, *reports: Report) -> None:
        self._reports = {each.key: each for each in reports}

    def of(self, keys: Any) -> dict[str, Report]:
        return {key: self._reports[key] for key in keys if key in self._reports}


@pytest.mark.parametrize(
    ("since", "as_of", "status"),
    [
        (there(20, 8), there(20, 8), 5),
        (there(20, 8), there(20, 10), 5),  # read later, but of before
        (there(20, 10), there(20, 10), 4),
        (None, there(20, 8), 5),
        (None, there(20, 10), 4),
    ],
)
def test_the_later_word_counts(since: datetime | None, as_of: datetime, status: int) -> None:
    dossier = a_dossier(status=4, changed_at=since, as_of=as_of)

    assert laid_over(dossier, a_report()).status == status


def test_what_ended_is_not_opened_by_an_import_without_a_time() -> None:
    imported = a_dossier(status=5, changed_at=None, as_of=there(21, 9))

    assert laid_over(imported, a_report(status=10)).status == 10


def test_what_was_not_said_stays_and_what_was_is_shown() -> None:
    dossier = a_dossier(changed_at=there(20, 8), as_of=there(20, 8), note="Đủ giấy tờ")
    day = date(2026, 12, 1)
    newer = laid_over(dossier, a_report(status=None, label=None, promised_on=day))

    assert (newer.status, newer.status_label) == (dossier.status, dossier.status_label)
    assert (newer.promised_on, newer.note, newer.as_of) == (day, "Đủ giấy tờ", NINE)
    assert laid_over(dossier, None) is dossier


def test_reports_are_one_however_they_come_in() -> None:
    day = date(2026, 12, 1)
    late = a_report(status=None, label=None, promised_on=day, changed_at=there(20, 10))

    assert merged(a_report(), late) == replace(late, status=5, label="")
    assert merged(late, a_report()) is late
    assert merged(None, late) is late


def test_only_public_facts_are_taken_from_a_call() -> None:
    changes = {"status": 5, "status_label": "", "handling_unit": "Phòng kín", "changed_at": None}

    assert report_in(KEY, changes, NINE) == a_report()
    assert report_in(KEY, {"handling_unit": "Phòng kín"}, NINE) is None
    assert not hasattr(report_of(KEY, a_dossier(), NINE), "handling_unit")


def test_a_source_says_what_was_reported_since() -> None:
    dossier = a_dossier(changed_at=there(20, 8), as_of=there(20, 8))
    source = with_reports(FakeSource(dossier), Noted(a_report()))

    assert source.fetch(DossierCode(CODE)).status == 5
    (found,) = source.states([DossierCode(CODE)]).values()  # type: ignore[attr-defined]
    assert found.status == 5
    assert not hasattr(source, "confirm")
    with pytest.raises(DossierNotFound):
        with_reports(FakeSource(), Noted(a_report())).fetch(DossierCode(CODE))


def test_no_source_makes_us_repeat_a_link() -> None:
    dossier = a_dossier(status_label="Xem http://evil.vn")

    assert with_reports(FakeSource(dossier), Noted()).fetch(DossierCode(CODE)).status_label == ""
