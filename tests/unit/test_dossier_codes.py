"""Dossier codes in every spelling people use; never a wrong one."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.dossiers.codes import DossierCode

CANONICAL = "000.00.19.H34-210915-0001"


@pytest.mark.parametrize(
    "typed",
    [
        "000.00.19.h34-210915-0001",
        "000 00 19 h34 210915 0001",
        "00000 19H34 2109150001",
        "000.00.19.H34–210915–0001",
        "000.00.19.H34.210915.0001",
        "OOO.OO.19.H34-21O915-OOO1",
        "mã hs 0000019H34-210915-0001",
        "hồ sơ số: 000.00.19.H34-\n210915-0001 của tôi",
        "000 chấm 00 chấm 19 chấm h34 gạch ngang 210915 gạch ngang 0001",
        "https://tracuu.example.gov.vn/hs?ma=000.00.19.H34-210915-0001",
    ],
)
def test_every_spelling_of_a_code_has_the_same_key(typed: str) -> None:
    assert DossierCode.find_all(typed) == (DossierCode(CANONICAL),)


@pytest.mark.parametrize(
    "code",
    [
        "000.17.22.H56-210531-0001",
        "000.00.14.H56-200203-0118",
        "000.00.01.H29-240115-0001",
        "38.98.H29-210519-0013",
        "G09.20-20260609-0092637",
        "G01.899.909-260916-890028",
        "H39.04-261105-00021",
        "H39-261102-0042",
    ],
)
def test_every_shape_seen_in_the_wild_is_found_whole(code: str) -> None:
    (found,) = DossierCode.find_all(f"dạ cho hỏi {code.lower()} tới đâu rồi 0912345678")

    assert found.value == code
    assert DossierCode.parse(code) == found


@pytest.mark.parametrize(
    "text",
    [
        "1.001193",
        "2.000815.000.00.00.H55.02",
        "1.012753.H19",
        "KQ.G12.000861",
        "000.00.00.G09-KQ002269",
        "G03-GD10",
        "012345678901",
        "0912345678",
        "210915-0001",
        "cho hoi 210915-0001",
        "H39-269915-0001",  # no such day
        "H39-120915-0001",  # before the grammar
        "hoi thu 2 h nop 21 ngay 15 0001",
    ],
)
def test_what_is_no_dossier_code_is_not_taken_for_one(text: str) -> None:
    assert DossierCode.find_all(text) == ()


def test_two_codes_in_one_message_are_both_found_in_order() -> None:
    found = DossierCode.find_all("H39.21-261102-0042 với lại h53.08-261110-0117 nha")

    assert [code.value for code in found] == ["H39.21-261102-0042", "H53.08-261110-0117"]


def test_loose_digits_before_a_code_are_not_part_of_it() -> None:
    assert DossierCode.find_all("nộp ngày 12 H39-261102-0042")[0].value == "H39-261102-0042"


def test_a_day_after_tomorrow_is_no_code() -> None:
    assert not DossierCode.find_all("H39-261102-0042", today=date(2026, 10, 30))
    assert DossierCode.find_all("H39-261102-0042", today=date(2026, 11, 1))


@given(st.text(max_size=200))
def test_no_text_breaks_the_search(text: str) -> None:
    DossierCode.find_all(text)


@given(
    st.sampled_from(["000.00.19.H39", "38.98.H39", "H53.08", "G01.899.909", "H39"]),
    st.dates(date(2018, 7, 1), date(2026, 11, 20)),
    st.integers(0, 9999),
    st.sampled_from([".", " ", "-", "–", ""]),
)
def test_separators_never_change_which_code_is_meant(
    agency: str, day: date, number: int, between: str
) -> None:
    code = f"{agency}-{day:%y%m%d}-{number:04d}"
    typed = code.replace("-", between).lower()

    assert DossierCode.find_all(typed) == (DossierCode(code),)
