"""Is this message real: never called safe, compared with our notices and with known tricks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.core.announcements.announcement import Announcement, Topic
from bot.core.announcements.pages import Pages
from bot.core.announcements.tricks import Tricks
from bot.core.announcements.verify import VerifyAnswers
from bot.core.conversation.payloads import parse_payload
from bot.core.desk import Answer
from bot.core.notices.notice import Notice
from bot.core.notices.words import NoticeWords
from bot.core.plain import written_out
from bot.registry.snapshot import named as spoken
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

    def by_code(self, code: str) -> Announcement | None:
        return next((each for each in self._notices if each.code == code), None)

    def named(self, ids: Iterable[int]) -> Mapping[int, Announcement]:
        return {each.id: each for each in self._notices if each.id in set(ids)}


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


CODE = "K7M3QXA"
PAGES = Pages("https://motcua.example")
CODED = an_announcement(1, title="Áp thấp nhiệt đới gây mưa to", body=BODY, code=CODE)
RIGHT = an_announcement(
    9, title="Đính chính giờ mưa", body="Mưa từ sáng mai.", code="ACDEFGH", corrects=1
)
WRONG = replace(CODED, corrected_by=9)


def told(text: str, *notices: Announcement) -> Answer:
    answers = VerifyAnswers(Board(*notices), FakeNews(), TRICKS, WORDING, ZONE, PAGES)
    return answers.verify(an_ask(text, "verify_notice"))


def links(answer: Answer) -> list[str]:
    return [button.url for reply in answer.replies for button in reply.buttons if button.url]


def test_a_code_finds_its_notice_and_gives_its_page() -> None:
    answer = told(f"mã tin {CODE.lower()} có thật không", CODED, WARNING)

    assert f"mã tin {CODE} là của thông báo đã đăng" in answer.replies[0].text
    assert BODY in answer.replies[1].text
    assert f"https://motcua.example/n/{CODE}" in links(answer)


def test_a_code_without_the_words_around_it_is_enough() -> None:
    assert "là của thông báo đã đăng" in told(CODE, CODED).replies[0].text


def test_a_code_nothing_bears_is_said_so() -> None:
    text = told("Mã tin: ACDEFGH. Tin này thật không", CODED).replies[0].text

    assert "không có thông báo nào đã đăng mang mã tin ACDEFGH" in text


def test_a_code_of_what_is_published_later_is_not_known_yet() -> None:
    later = replace(CODED, published_at=NOW + timedelta(hours=1))

    text = told(f"Mã tin: {CODE} có thật không", later).replies[0].text

    assert f"không có thông báo nào đã đăng mang mã tin {CODE}" in text


def test_a_real_code_under_other_words_is_told_as_different() -> None:
    false = (
        "Sở Giáo dục thông báo học sinh toàn tỉnh được nghỉ học từ sáng mai đến hết tuần sau, "
        f"phụ huynh báo lại cho các gia đình cùng lớp để khỏi đưa con đến trường. Mã tin: {CODE}"
    )

    answer = told(false, CODED)

    assert "khác bản đã đăng" in answer.replies[0].text
    assert "đừng làm theo" in answer.replies[0].text
    assert BODY in answer.replies[1].text


def test_a_trick_with_a_real_code_is_a_trick() -> None:
    text = told(f"{CODE}: gửi mã OTP để cập nhật VNeID", CODED).replies[0].text

    assert "giống chiêu lừa" in text


def test_the_whole_message_as_we_send_it_is_ours() -> None:
    words = NoticeWords(WORDING, FakeNews(), str, PAGES)
    notice = Notice("natural_disaster", CODED.title, "Mưa to từ chiều nay. Kê cao đồ đạc.", "Đài")
    short = replace(CODED, body=notice.body)
    sent = written_out(words.preview(notice, NOW, CODE)).text

    answer = told(sent, short)

    assert "trùng với thông báo đã đăng" in answer.replies[0].text
    assert "Đừng bấm đường dẫn đó" not in answer.replies[0].text  # our own page is not strange


@pytest.mark.parametrize("text", [BODY, f"mã tin {CODE}", "văn bản 12/TB có thật không"])
def test_what_was_corrected_is_told_first_with_the_way_to_the_correction(text: str) -> None:
    wrong, right = replace(WRONG, number="12/TB"), replace(RIGHT, number=None)

    answer = told(text, right, wrong)

    before, _, _ = answer.replies[0].text.partition(CODED.title)
    assert "ĐÃ ĐÍNH CHÍNH" in before
    assert links(answer)[0] == "https://motcua.example/n/ACDEFGH"


@pytest.mark.parametrize("text", [BODY, f"mã tin {CODE}"])
def test_what_was_withdrawn_is_told_first_and_what_holds_is_not(text: str) -> None:
    withdrawn = told(text, replace(CODED, held="cancelled")).replies[0].text

    assert withdrawn.startswith("ĐÃ RÚT LẠI")
    assert "ĐÃ" not in told(text, CODED).replies[0].text
    assert "ĐÃ" not in told(text, replace(CODED, held="paused")).replies[0].text


class SpokenTopics(FakeNews):
    """Topics found in the middle of a text, marks optional, as the registry does."""

    def find(self, text: str) -> Topic | None:
        slug = spoken(text, [(each.slug, (each.name, *each.aliases)) for each in self.all()])
        return next((each for each in self.all() if each.slug == slug), None)


@pytest.mark.parametrize(
    "text", ["thông báo này có phải của tỉnh không", "thong bao nay cua tinh ha", "thông báo giả?"]
)
def test_the_word_for_a_notice_is_not_the_word_for_a_storm(text: str) -> None:
    answers = VerifyAnswers(Board(), SpokenTopics(), TRICKS, WORDING, ZONE)
    told = "\n".join(each.text for each in answers.verify(an_ask(text, "verify_notice")).replies)

    assert "chép nội dung" in told, "nothing was pasted: ask for it"


def test_a_storm_in_a_question_is_still_its_topic() -> None:
    answers = VerifyAnswers(Board(), SpokenTopics(), TRICKS, WORDING, ZONE)
    answer = answers.verify(an_ask("thông báo bão này có thật không", "verify_notice"))

    titles = [button.title for reply in answer.replies for button in reply.buttons]
    assert "Thông báo về thiên tai" in titles
