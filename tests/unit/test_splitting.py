"""Bubbles cut to a platform's limits."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.messages import Button, Reply
from bot.core.splitting import FILLER, Limits, split_reply, split_text

LIMITS = Limits(text=40, buttons=2, title=10, payload=20)


def buttons(count):
    return tuple(Button(f"Nút {n}", payload=f"/go_{n}") for n in range(count))


def test_a_short_text_stays_whole():
    assert split_text("Dạ, chào anh/chị.", 2000) == ("Dạ, chào anh/chị.",)


def test_a_text_is_cut_at_a_paragraph_before_a_line():
    text = "Hồ sơ đã xong.\nMời đến nhận.\n\nGiờ làm việc: sáng.\nChiều nghỉ."

    assert split_text(text, 45)[0] == "Hồ sơ đã xong.\nMời đến nhận."


def test_a_text_is_cut_at_a_sentence_before_a_space():
    text = "Dạ, hồ sơ đã có kết quả rồi ạ. Mời anh/chị đến nhận"

    assert split_text(text, 40) == ("Dạ, hồ sơ đã có kết quả rồi ạ.", "Mời anh/chị đến nhận")


def test_a_list_number_does_not_end_a_sentence():
    first, second = split_text("Dạ, cần các giấy tờ sau ạ. 1. Tờ khai", 32)

    assert (first, second) == ("Dạ, cần các giấy tờ sau ạ.", "1. Tờ khai")


def test_marks_written_apart_are_counted_as_the_citizen_sees_them():
    apart = unicodedata.normalize("NFD", "ấ" * 2000)

    assert [len(piece) for piece in split_text(apart, 2000)] == [2000]


def test_a_word_longer_than_the_limit_is_cut_hard():
    assert split_text("x" * 95, 40) == ("x" * 40, "x" * 40, "x" * 15)


def test_a_hard_cut_keeps_a_mark_with_its_letter():
    first, second = split_text("a" * 9 + "q\u0303" + "b" * 5, 10)

    assert second.startswith("q\u0303")
    assert first == "a" * 9


@given(st.text(), st.integers(min_value=1, max_value=60))
def test_nothing_but_spaces_is_ever_lost(text, limit):
    pieces = split_text(text, limit)

    # Compared as NFC again: a cut between a letter and its mark may not compose anew.
    whole = "".join("".join(pieces).split())
    assert whole == "".join(unicodedata.normalize("NFC", text).split())
    assert all(0 < len(piece) <= limit for piece in pieces)


def test_buttons_stand_under_the_last_piece_of_text():
    parts = split_reply(
        Reply("Một câu khá dài để phải cắt. Câu thứ hai ở đây.", buttons(2)), LIMITS
    )

    assert [len(part.buttons) for part in parts] == [0, 2]


def test_buttons_beyond_the_limit_follow_in_bubbles_of_their_own():
    parts = split_reply(Reply("Chọn giúp em ạ", buttons(5)), LIMITS)

    assert [part.text for part in parts] == ["Chọn giúp em ạ", FILLER, FILLER]
    assert [button.payload for part in parts for button in part.buttons] == [
        f"/go_{n}" for n in range(5)
    ]


def test_a_long_title_is_shortened_and_a_long_payload_dropped():
    reply = Reply("Chọn", (Button("Một tiêu đề dài", payload="/a"), Button("B", payload="/" * 21)))

    (part,) = split_reply(reply, LIMITS)

    assert part.buttons == (Button("Một tiêu…", payload="/a"),)


def test_a_picture_keeps_its_caption():
    reply = Reply("Mã QR của anh/chị", image_url="https://x.vn/a.png")

    assert split_reply(reply, LIMITS) == (reply,)


def test_a_picture_with_buttons_goes_before_the_text_that_carries_them():
    first, second = split_reply(Reply("Chọn", buttons(1), "https://x.vn/a.png"), LIMITS)

    assert (first.text, first.image_url, first.buttons) == ("", "https://x.vn/a.png", ())
    assert (second.text, second.image_url, len(second.buttons)) == ("Chọn", None, 1)


def test_a_picture_with_buttons_and_no_text_gets_a_filler():
    parts = split_reply(Reply("", buttons(1), "https://x.vn/a.png"), LIMITS)

    assert [part.text for part in parts] == ["", FILLER]


def test_meta_is_kept_on_every_part():
    parts = split_reply(Reply("câu dài " * 20, meta={"intent": "greet"}), LIMITS)

    assert len(parts) > 1
    assert all(part.meta == {"intent": "greet"} for part in parts)


@pytest.mark.parametrize("text", ["", "  \n "])
def test_an_empty_bubble_gives_no_parts(text):
    assert split_reply(Reply(text), LIMITS) == ()
