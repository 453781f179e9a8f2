"""One spelling of every letter, and a form without marks."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.vietnamese import fold, fold_tokens, normalise


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("  khai   sinh \n cho con ", "khai sinh cho con"),
        (unicodedata.normalize("NFD", "Đăng ký kết hôn"), "Đăng ký kết hôn"),
        ("ho\u0300\u0302 sơ", "hồ sơ"),
        ("mã\u200bhồ\u200dsơ", "mãhồsơ"),
        ("\u202eH39\u202c", "H39"),
        ("Ｈ３９．２１", "H39.21"),
        ("Н39", "H39"),
        ("Ðất đai", "Đất đai"),
        ("a\x00b\x07c", "abc"),
        ("khai\u00a0sinh\u3164", "khai sinh"),
        ("cảm ơn 🙏\ufe0f", "cảm ơn 🙏"),
        ("", ""),
        (" \u200b ", ""),
    ],
)
def test_text_comes_out_in_one_spelling(typed, read):
    assert normalise(typed) == read


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Đổi GIẤY PHÉP lái xe", "doi giay phep lai xe"),
        ("Hoà và hòa", "hoa va hoa"),
        ("ưỡn ẹo đĩ Ỷ", "uon eo di y"),
        ("H39.21-261102", "h39.21-261102"),
    ],
)
def test_folding_takes_marks_and_capitals_away(text, folded):
    assert fold(text) == folded


def test_tokens_are_words_and_numbers_only():
    assert fold_tokens("Cấp đổi, cấp lại: 2 bản (CCCD)!") == (
        "cap", "doi", "cap", "lai", "2", "ban", "cccd",
    )  # fmt: skip


@given(st.text())
def test_normalising_twice_changes_nothing(text):
    once = normalise(text)

    assert normalise(once) == once
    assert unicodedata.normalize("NFC", once) == once
    assert once == once.strip()


@given(st.text(alphabet="aăâeêioôơuưyđbcAĐ ̣̀́̉̃"))
def test_folded_letters_are_plain(text):
    assert fold(text).isascii()
