"""Words: what was typed, read as what was meant."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.words import codes_in, words_of

PLAIN = [
    ("Hồ sơ của tôi", "ho so cua toi"),
    ("hoof sow cuar tooi", "ho so cua toi"),
    ("ho62 so7 cua3 toi6", "ho so cua toi"),
    ("hs k dc nhận", "ho so khong duoc nhan"),
    ("đăng kí tạm trú", "dang ki tam tru"),
    ("đăng ký tạm trú", "dang ki tam tru"),
    ("dzậy hả, hông đc", "vay ha khong duoc"),
    ("nhanhhhhh lên", "nhanh len"),
    ("gọi 0912 345 678 nha", "goi §phone nhe"),
    ("nộp ngày 12/3/2026 lúc 8h30", "nop ngay §date luc §time"),
    ("đóng 50k", "dong §n2"),
    ("chuyến bay 417 lúc 5 giờ", "chuyen bay §n3 luc §n1 gio"),
    ("thủ tục 1.001193", "thu tuc §procedure"),
    ("vào dichvucong.gov.vn", "vao §link"),
    ("mã H53.08-261110-0117 sao rồi", "ma §code sao roi"),
    ("hát năm ba chấm không tám gạch ngang hai sáu một một một không", "§code"),
    ("đèn đường hỏng", "den duong hong"),
    ("đăng ký xe mô tô hạng C", "dang ki xe mo to hang c"),
    ("nhổ răng, răng dzậy", "nho rang sao vay"),
    ("dịch vụ công hết bao nhiêu", "dich vu cong het bao nhieu"),
    ("giay hen, muon hoi", "giay hen muon hoi"),
    ("H\u200b\u1ed3 s\u200do\u031b", "ho so"),
    ("ＨỒ ＳƠ", "ho so"),
    ("hồ sơ 👍🏽🙏", "ho so"),
    ("👍", "👍"),
]


@pytest.mark.parametrize(("typed", "meant"), PLAIN)
def test_a_word_is_read_as_what_it_means(typed: str, meant: str) -> None:
    assert " ".join(word.plain for word in words_of(typed)) == meant


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("hoof sow cuar tooi", "hồ sơ của tôi"),
        ("ho62 so7 cua3 toi6", "hồ sơ của tôi"),
        ("dduwowcj ddaats nuwowcs truwowngf", "được đất nước trường"),
        ("duoc975 d9a6t1 nuoc71", "được đất nước"),
        ("thur tucj lamf giaays nayf", "thủ tục làm giấy này"),
        ("kys hafnh chisnh", "ký hành chính"),
        ("hoà thuỷ", "hòa thủy"),
    ],
)
def test_left_over_keys_give_the_marks_they_stand_for(typed: str, written: str) -> None:
    assert [w.marked for w in words_of(typed)] == [w.marked for w in words_of(written)]


@pytest.mark.parametrize("typed", [typed for typed, _ in PLAIN])
def test_decomposed_letters_are_the_same_words(typed: str) -> None:
    apart = unicodedata.normalize("NFD", typed)

    assert [w.marked for w in words_of(apart)] == [w.marked for w in words_of(typed)]


def test_offsets_are_those_of_the_text_as_typed() -> None:
    text = unicodedata.normalize("NFD", "Ờ,  hồ\u200b sơ")

    assert [text[word.start : word.end].strip("\u200b") for word in words_of(text)] == [
        unicodedata.normalize("NFD", part) for part in ("Ờ", "hồ", "sơ")
    ]


def test_a_code_keeps_its_place() -> None:
    text = "cho  hỏi h53.08–261110–0117 ạ"

    [(start, end, _)] = codes_in(text)

    assert text[start:end] == "h53.08–261110–0117"


@given(st.text(max_size=200))
def test_any_text_gives_words_inside_it(text: str) -> None:
    words = words_of(text)

    assert all(0 <= word.start < word.end <= len(text) for word in words)
    assert list(words) == sorted(words, key=lambda word: word.start)
    assert not any(char.isdecimal() for w in words for char in w.plain if w.plain.isdecimal())
