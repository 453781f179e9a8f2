"""Figures come from the register, say of what and of when, and never pretend to be more."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from bot.core.desk import Answer
from bot.core.dossiers.statistics import Figures, StatisticsAnswers
from tests.builders import CENTRE, PROVINCE, WORDING, FakeCatalogue, FakeDirectory, an_ask

ALL = Figures(1250, 400, 50, 780, 760, 741, 12, date(2026, 11, 20))


class Counted:
    """Counts what it is told and remembers what it was asked."""

    def __init__(self, figures: Figures = ALL) -> None:
        self._figures = figures
        self.asked: list[tuple[str | None, str | None]] = []

    def figures(
        self, now: datetime, agency: str | None = None, field: str | None = None
    ) -> Figures:
        self.asked.append((agency, field))
        return self._figures


def answered(counted: Counted, text: str, *entities: tuple[str, str]) -> Answer:
    answers = StatisticsAnswers(counted, FakeCatalogue(), FakeDirectory(), WORDING)
    return answers.figures(an_ask(text, "ask_statistics", entities=entities))


def test_all_dossiers_are_counted_with_the_day_of_the_data() -> None:
    counted = Counted()
    text = answered(counted, "tỷ lệ đúng hạn của tỉnh").replies[0].text

    assert counted.asked == [(None, None)]
    assert "1.250 hồ sơ" in text
    assert "đúng hạn 97,5% (741/760)" in text
    assert "12 đã quá ngày hẹn" in text
    assert "20/11/2026" in text
    assert "rút: 20" in text


def test_invented_figures_are_called_invented() -> None:
    assert PROVINCE.demo
    assert "minh họa" in answered(Counted(), "thống kê").replies[0].text


def test_a_place_means_its_office() -> None:
    counted = Counted()
    text = answered(counted, "số liệu của", ("area", "phường Long An")).replies[0].text

    assert counted.asked == [(CENTRE.name, None)]
    assert f"của {CENTRE.name}" in text


def test_a_field_is_counted_alone() -> None:
    counted = Counted()
    answered(counted, "thống kê", ("field", "hộ tịch"))

    assert counted.asked == [(None, "civil_status")]


def test_another_province_is_said_to_be_unknown() -> None:
    text = answered(Counted(), "đúng hạn của", ("area", "Đồng Nai")).replies[0].text

    assert "không có số liệu của Đồng Nai" in text


def test_no_dossiers_are_no_percentage() -> None:
    none = Figures(0, 0, 0, 0, 0, 0, 0, None)

    assert "chưa có hồ sơ nào" in answered(Counted(none), "thống kê").replies[0].text
    assert none.on_time_percent is None
    assert replace(ALL, judged=0).on_time_percent is None
