"""Is this message real: never called safe, compared with our notices and with known tricks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from bot.core.announcements.announcement import Announcement
from bot.core.announcements.tricks import Tricks
from bot.core.announcements.verify import VerifyAnswers
from bot.core.conversation.payloads import parse_payload
from bot.core.desk import Answer
from bot.wiring.desk import read_words
from tests.builders import NOW, WORDING, ZONE, FakeNews, an_announcement, an_ask

TRICKS = Tricks.from_lists(read_words("scams/tricks"))
BODY = (
    "Áp thấp nhiệt đới gây mưa to, gió giật cấp 6 trên toàn tỉnh từ chiều nay đến hết ngày mai. "
    "Chằng chống nhà cửa, cắt tỉa cành cây gần nhà. Không ra đồng khi có giông, sét."
)
STORM = an_announcement(1, title="Áp thấp nhiệt đới gây mưa to", body=BODY)
WARNING = an_announcement(
    2,
    title="Cảnh báo giả danh cán bộ xã yêu cầu cập nhật VNeID",
    body="Kẻ gian giả danh cán bộ xã gọi điện yêu cầu cập nhật VNeID do sáp nhập.",
)


class Board:
    """What was published."""

    def __init__(self, *notices: Announcement) -> None:
        self._notices = notices

    def recent(self, limit: int = 20) -> Sequence[Announcement]:
        return self._notices[:limit]


def verified(text: str, *notices: Announcement, **more: Any) -> Answer:
    answers = VerifyAnswers(Board(*notices), FakeNews(), TRICKS, WORDING, ZONE)
    return answers.verify(an_ask(text, "verify_notice", **more))


def said(text: str, *notices: Announcement) -> str:
    return "\n".join(reply.text for reply in verified(text, *notices).replies)


def test_a_copy_of_our_notice_is_shown_as_published_with_its_page() -> None:
    answer = verified(f"tin này có thật không: {BODY}", STORM, WARNING)

    assert "trùng với thông báo đã đăng" in answer.replies[0].text
    assert "có thể bị sửa đường dẫn" in answer.replies[0].text
    assert BODY in answer.replies[1].text
    assert answer.replies[1].buttons[0].url == STORM.url


def test_a_link_that_the_notice_does_not_have_is_named() -> None:
    text = said(f"{BODY} Xem tại http://baobao-vn.top/x", STORM)

    assert "trùng với thông báo" in text
    assert "baobao-vn.top" in text
    assert "Đừng bấm" in text


def test_a_trick_added_to_our_notice_is_a_trick() -> None:
    text = said(f"{BODY} Bà con chuyển tiền ủng hộ vào tài khoản cá nhân 0123.", STORM)

    assert "giống chiêu lừa" in text
    assert "trùng với thông báo" not in text


def test_an_expired_copy_is_told_as_expired() -> None:
    old = an_announcement(body=BODY, expires_at=NOW - timedelta(hours=1))

    assert "hết hiệu lực" in said(BODY, old)


def test_what_is_published_later_is_not_known_yet() -> None:
    later = an_announcement(body=BODY, published_at=NOW + timedelta(hours=1))

    assert "trùng với thông báo" not in said(BODY, later)


def test_an_official_number_shows_the_notice_to_compare_with() -> None:
    text = said("văn bản 12/TB có thật không", STORM)

    assert "gần giống" in text
    assert "không nói chắc được" in text


def test_a_call_about_vneid_is_a_trick_with_the_warning_published() -> None:
    text = said("cán bộ xã gọi kêu cập nhật VNeID do sáp nhập, có thật không", STORM, WARNING)

    assert "giống chiêu lừa" in text
    assert "đã cảnh báo: Cảnh báo giả danh cán bộ xã" in text
    assert "không bao giờ" in text
    assert "156" in text


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("họ gửi file apk kêu cài app dịch vụ công", "app"),
        ("nó đòi mã otp", "otp"),
        ("tôi nhận được tin nhắn báo phạt nguội", "fine"),
        ("số lạ nói khóa thuê bao sau 2 tiếng", "sim"),
        ("người ta nhắn con tui được học bổng, trúng thưởng", "gift"),
        ("cơ quan thuế nhắn hoàn thuế", "tax"),
        ("công an gọi dọa bắt vì ma túy", "arrest"),
        ("điện lực gọi dọa cắt điện", "power"),
        ("đóng phí vào tài khoản cá nhân", "payment"),
        ("cong an goi keu cap nhat vneid", "identity"),
    ],
)
def test_known_tricks_are_told_by_their_words(text: str, slug: str) -> None:
    assert slug in [trick.slug for trick in TRICKS.seen_in(text)]


@pytest.mark.parametrize(
    "text",
    [
        "lỡ chuyển khoản cho bọn lừa rồi giờ làm sao",
        "trót đọc mã otp cho người ta rồi",
        "tôi lỡ bấm vào link lạ",
        "bị lừa mấy triệu rồi",
    ],
)
def test_harm_done_gets_the_urgent_steps_first(text: str) -> None:
    answer = verified(text, STORM)

    assert "Gọi ngân hàng" in answer.replies[0].text
    assert answer.replies[-1].buttons[0].phone == "113"


def test_who_has_not_paid_yet_is_not_told_to_block_accounts() -> None:
    assert not TRICKS.harm_done("họ kêu chuyển tiền, tôi chưa chuyển")


def test_a_foreign_address_that_looks_official_is_not_ours() -> None:
    text = said("dichvucong-gov.vip với dichvucong.gov.vn trang nào thật")

    assert "dichvucong-gov.vip: không phải đuôi .gov.vn" in text
    assert "dichvucong.gov.vn: có đuôi .gov.vn" in text


def test_mail_names_and_places_are_not_links() -> None:
    assert TRICKS.hosts_in("TP.HCM, anh@gmail.com, ngày 12.11.2026, mã H39.04") == ()


def test_a_bare_question_asks_for_the_message() -> None:
    assert "chép nội dung" in said("tin này có thật không")


def test_what_nobody_published_is_called_neither_true_nor_false() -> None:
    text = said("nghe đồn xã sắp thu lại sổ hộ khẩu giấy của dân", STORM)

    assert "chưa tìm thấy" in text
    assert "chưa nói được là thật hay giả" in text


@pytest.mark.parametrize(
    "text",
    ["", BODY, "nó đòi mã otp", "12/TB", "bit.ly/abc", "lỡ chuyển tiền", "xã thu sổ hộ khẩu giấy"],
)
def test_nothing_is_ever_called_safe_and_every_button_works(text: str) -> None:
    answer = verified(text, STORM)

    for reply in answer.replies:
        assert "an toàn" not in reply.text
        assert len(reply.buttons) <= 5
        assert all(parse_payload(b.payload) for b in reply.buttons if b.payload)
