"""What staff may read of a citizen's words: nothing that says who wrote them."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.core.conversation.masking import LONGEST, PLACEHOLDERS, mask

PIECES = st.sampled_from(
    [
        *PLACEHOLDERS, "tên là", "tên", "anh", "Nguyễn", "Văn", "an", "trần", "số nhà", "đường",
        "12", "0912345678", "000.00.19.H39-260915-0001", "ba", "bốn", "năm", "không", "gạch", "@",
        "a.vn", "https://", "là", "là:", ",", "LÊ", "ấp", "cho hỏi", "phí", "<", ">",
        "²", "❶", "٣",
    ]
)  # fmt: skip
TALK = st.lists(PIECES, max_size=60).map(" ".join)


@given(st.one_of(st.text(), TALK))
@example("Họ tên <tên> <số> Nguyễn")
@example("1 " * 400)
@example("❶" * 3000)
@example("\ufdfa" * 2000)
def test_no_digit_survives_and_masking_again_changes_nothing(text: str) -> None:
    masked = mask(text)

    assert not any(char.isdigit() for char in masked)
    assert len(masked) <= LONGEST
    assert mask(masked) == masked


@pytest.mark.parametrize(
    ("written", "masked"),
    [
        ("mã h53.08 – 261110–0117 xong chưa", "mã <mã> xong chưa"),
        ("hát ba chín chấm mười chín gạch ngang hai sáu", "hát <số>"),
        ("cccd 079 123 456 789", "cccd <số>"),
        ("stk 19001234567890 của tôi", "stk <số> của tôi"),
        ("gọi +84 912 345 678 nha", "gọi <sđt> nha"),
        ("ngày 12 tháng 3 năm 2026", "ngày <ngày>"),
        ("xem dichvucong.gov.vn/p/1", "xem <link>"),
        ("thư cho a.b@c.vn", "thư cho <email>"),
        ("biển số 62A-123.45", "biển số <số>"),
        ("số Ả Rập ٣٤٥", "số Ả Rập <số>"),
    ],
)
def test_numbers_codes_and_links_become_their_kind(written: str, masked: str) -> None:
    assert mask(written) == masked


@pytest.mark.parametrize(
    ("written", "masked"),
    [
        ("tôi là Nguyễn Văn An", "tôi là <tên>"),
        ("tên tôi là nguyễn văn an", "tên tôi là <tên>"),
        ("ten toi la le van b", "ten toi la <tên>"),
        ("hồ sơ nguyễn thị hoa", "hồ sơ <tên>"),
        ("nguyen van an hoi ho so", "<tên> ho so"),
        ("anh Hùng nhờ hỏi", "anh <tên> nhờ hỏi"),
        ("bé tên Bún", "bé tên <tên>"),
        ("Lê Thị Hoa ở Đặng Trần Côn", "<tên> ở <tên>"),
        ("NGUYỄN THỊ HOA HỎI HỒ SƠ", "<tên> HỒ SƠ"),
        ("nhà ở ấp Bình Hòa", "nhà ở ấp <địa_chỉ>"),
        ("12/4 hẻm chùa lớn", "<địa_chỉ>"),
        ("số nhà 5 đường Hùng Vương, phường ba", "số nhà <địa_chỉ>, phường ba"),
    ],
)
def test_names_and_addresses_are_hidden(written: str, masked: str) -> None:
    assert mask(written) == masked


@pytest.mark.parametrize(
    "plain",
    [
        "lệ phí cấp sổ đỏ bao nhiêu",
        "đổi tên khai sinh cần giấy gì",
        "Hồ Sơ của em tới đâu rồi",
        "phan anh cua toi toi dau roi",
        "nguyên quán ghi sao",
        "anh chị cho em hỏi ba năm sau có đổi không",
        "con tên gì cũng được",
        "địa chỉ trung tâm ở đâu",
        "CHO TÔI HỎI LỆ PHÍ KHAI SINH",
    ],
)
def test_what_says_nothing_about_anybody_stays(plain: str) -> None:
    assert mask(plain) == plain
