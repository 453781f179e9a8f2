"""The figures of understanding, and the page they are written into."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.nlu.figures import (
    among_first,
    answered_wrongly,
    calibration_error,
    confusions,
    log_loss,
    refused_wrongly,
    reliability,
    right,
)
from bot.nlu.gate import Judged
from bot.nlu.parser import FALLBACK
from bot.nlu.report import BEGIN, END, NoPlace, report, title_of, write_between_markers


def a_phrase(meant: str, *ranking: tuple[str, float], understood: str = "", way: str = "short"):
    first, confidence = ranking[0]
    return Judged(f"về {meant}", meant, way, understood or first, confidence, tuple(ranking))


RIGHT = a_phrase("ask_fee", ("ask_fee", 0.9), ("ask_where", 0.1))
SECOND = a_phrase("ask_fee", ("ask_where", 0.6), ("ask_fee", 0.4))
REFUSED = a_phrase("ask_fee", ("ask_fee", 0.2), understood=FALLBACK)
SILENT = a_phrase("out_of_scope", ("ask_fee", 0.1), understood=FALLBACK)
ANSWERED = a_phrase("out_of_scope", ("ask_fee", 0.7), understood="ask_fee")
ALL = (RIGHT, SECOND, REFUSED, SILENT, ANSWERED)


def test_refusing_counts_as_wrong_except_out_of_scope() -> None:
    assert right(ALL) == pytest.approx(2 / 5)
    assert refused_wrongly(ALL) == pytest.approx(1 / 3)
    assert answered_wrongly(ALL) == pytest.approx(1 / 2)


def test_ranks_are_counted_whether_refused_or_not() -> None:
    assert among_first((RIGHT, SECOND, REFUSED), 1) == pytest.approx(2 / 3)
    assert among_first((RIGHT, SECOND, REFUSED), 2) == 1.0


def test_honest_confidences_have_no_error() -> None:
    honest = [RIGHT] * 9 + [a_phrase("ask_where", ("ask_fee", 0.9))]

    assert calibration_error(honest) == pytest.approx(0.0)
    assert calibration_error([RIGHT]) == pytest.approx(0.1)
    assert [(band.low, band.phrases) for band in reliability(ALL)] == [
        (0.0, 1), (0.2, 1), (0.6, 1), (0.7, 1), (0.9, 1),
    ]  # fmt: skip


def test_full_certainty_has_a_band_too() -> None:
    assert reliability([a_phrase("greet", ("greet", 1.0))])[0].right == 1.0


def test_being_surely_wrong_costs_much_but_not_everything() -> None:
    assert 10 < log_loss([a_phrase("greet", ("ask_fee", 1.0))]) < 15


def test_the_most_frequent_mistakes_come_first() -> None:
    found = confusions([*ALL, ANSWERED], most=2)

    assert [(item.meant, item.understood, item.count) for item in found] == [
        ("out_of_scope", "ask_fee", 2), ("ask_fee", "ask_where", 1),
    ]  # fmt: skip


def test_examples_come_from_one_set_only() -> None:
    secret = Judged("đừng đọc", "ask_fee", "short", "greet", 0.5, (("greet", 0.5),))

    text = report({"first author": ALL, "second author": (secret,)}, "", "first author")

    assert "về ask_fee" in text
    assert "đừng đọc" not in text
    assert "| together | 6 |" in text


def test_sets_are_named_after_their_files() -> None:
    assert title_of(Path("tests/nlu/second_author.csv")) == "second author"
    assert title_of(Path("von_hier.csv")) == "von hier"


def test_only_the_text_between_the_markers_is_replaced(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")

    write_between_markers(page, "new")

    assert page.read_text(encoding="utf-8") == f"before\n{BEGIN}\nnew\n{END}\nafter\n"


def test_a_page_without_markers_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before", encoding="utf-8")

    with pytest.raises(NoPlace):
        write_between_markers(page, "new")
    assert page.read_text(encoding="utf-8") == "before"
