"""News and following: newest first, at once, and STOP ends everything."""

from __future__ import annotations

from bot.core.announcements.announcement import Announcement
from bot.core.announcements.answers import AnnouncementAnswers
from bot.core.announcements.pages import Pages
from bot.core.desk import Answer
from bot.core.messages import Reply
from bot.core.offices.answers import OfficeAnswers
from tests.builders import (
    CENTRE,
    STORM,
    WORDING,
    ZONE,
    FakeDirectory,
    FakeNews,
    an_announcement,
    an_ask,
)


def desk(news: FakeNews) -> AnnouncementAnswers:
    return AnnouncementAnswers(news, news, news, FakeDirectory(), WORDING, ZONE)


def test_each_announcement_is_a_bubble_with_its_issuer() -> None:
    news = FakeNews(*(an_announcement(number) for number in range(1, 5)))
    answer = desk(news).latest(an_ask("tin bão", entities=[("topic", "bão")]))

    assert len(answer.replies) == 5
    assert (
        "Nguồn: Ban chỉ huy phòng chống thiên tai, số 12/TB, 20/11/2026" in answer.replies[1].text
    )
    assert (
        answer.context["more"] == '/ask_announcements{"topic": "natural_disaster", "offset": "3"}'
    )


def test_no_announcement_says_so_and_offers_to_follow() -> None:
    answer = desk(FakeNews()).latest(an_ask("", entities=[("topic", "bão")]))

    assert "chưa có thông báo còn hiệu lực về thiên tai" in answer.replies[0].text
    assert answer.replies[0].buttons[0].payload == '/subscribe_topic{"topic": "natural_disaster"}'


def test_subscribing_takes_effect_and_tells_how_to_stop() -> None:
    answer = desk(FakeNews()).subscribe(an_ask("", entities=[("topic", "bão")]))

    wish = {"effect": "subscribe", "topic": STORM.slug, "area": None, "consent": ""}
    assert answer.effects == (wish,)
    assert "nhắn DỪNG" in answer.replies[0].text


def test_an_unknown_topic_is_not_replaced_by_the_talks_topic() -> None:
    ask = an_ask("", entities=[("topic", "bóng đá")], context={"topic": STORM.slug})
    answer = desk(FakeNews()).subscribe(ask)

    assert answer.effects == ()
    assert "chủ đề nào" in answer.replies[0].text


def test_a_bare_do_not_write_ends_everything() -> None:
    answer = desk(FakeNews(followed=[STORM.slug])).unsubscribe(an_ask("đừng nhắn nữa"))

    assert answer.effects == ({"effect": "stop"},)
    assert "Thiên tai" in answer.replies[0].text


def test_one_topic_can_be_left_alone() -> None:
    answer = desk(FakeNews(followed=[STORM.slug])).unsubscribe(
        an_ask("", entities=[("topic", "bão")])
    )

    assert answer.effects == ({"effect": "unsubscribe", "topic": STORM.slug},)


def test_what_is_followed_can_be_seen_and_ended() -> None:
    answer = desk(FakeNews(followed=[STORM.slug])).mine(an_ask())

    assert "1. Thiên tai" in answer.replies[0].text


def test_an_old_place_leads_to_todays_office() -> None:
    answer = OfficeAnswers(FakeDirectory(), WORDING).find(
        an_ask("ủy ban ở TP Tân An", "ask_office", entities=[("area", "TP Tân An")])
    )

    assert "TP Tân An nay thuộc phường Long An" in answer.replies[0].text
    assert answer.replies[0].buttons[0].phone == "02720001022"


def test_a_question_about_a_topic_never_subscribes() -> None:
    ask = an_ask("còn bão thì sao", "subscribe_topic", entities=[("topic", "bão")])

    assert desk(FakeNews(an_announcement())).subscribe(ask).effects == ()


def test_naming_a_topic_of_the_list_just_shown_subscribes() -> None:
    context = {"choices": '["/subscribe_topic{\\"topic\\": \\"natural_disaster\\"}"]'}
    ask = an_ask("bão", "ask_announcements", entities=[("topic", "bão")], context=context)

    assert desk(FakeNews()).latest(ask).effects[0]["topic"] == STORM.slug


def test_subscribing_for_a_place_keeps_the_place() -> None:
    entities = [("topic", "bão"), ("area", "phường Long An")]
    answer = desk(FakeNews()).subscribe(an_ask("báo bão ở phường Long An", entities=entities))

    assert [effect["area"] for effect in answer.effects] == ["phuong-long-an"]
    assert "tại phường Long An" in answer.replies[0].text


def test_news_of_another_province_is_not_replaced_by_ours() -> None:
    entities = [("topic", "bão"), ("area", "tp hcm")]
    answer = desk(FakeNews(an_announcement())).latest(an_ask("bão ở tp hcm", entities=entities))

    assert 'chưa biết nơi có tên "tp hcm"' in answer.replies[0].text


def test_a_bare_place_right_after_news_keeps_the_topic() -> None:
    context = {"topic": STORM.slug, "again": "/ask_announcements"}
    ask = an_ask("còn TP Tân An", "ask_office", entities=[("area", "TP Tân An")], context=context)
    news = desk(FakeNews(an_announcement()))
    answer = OfficeAnswers(FakeDirectory(), WORDING, news.latest).find(ask)

    assert "thiên tai tại phường Long An" in answer.replies[0].text
    assert answer.context["again"] == "/ask_announcements"


def test_an_office_in_another_province_is_not_replaced_by_ours() -> None:
    ask = an_ask("ubnd ở đồng nai", entities=[("office", "ubnd"), ("area", "đồng nai")])
    answer = OfficeAnswers(FakeDirectory(), WORDING).find(ask)

    assert 'chưa biết nơi có tên "đồng nai"' in answer.replies[0].text


def test_hours_alone_are_asked_of_the_office_in_talk() -> None:
    directory = FakeDirectory()
    directory.find_offices = lambda text, areas=(): [CENTRE] if text == CENTRE.slug else []  # type: ignore[method-assign]
    answer = OfficeAnswers(directory, WORDING).find(
        an_ask("mấy giờ mở cửa", context={"office": CENTRE.slug})
    )

    assert "7:00-17:00" in answer.replies[0].text


def test_where_right_after_a_procedure_is_asked_of_the_procedure() -> None:
    directory = FakeDirectory()
    directory.find_offices = lambda text, areas=(): []  # type: ignore[method-assign]
    desk_of_offices = OfficeAnswers(directory, WORDING, where=lambda ask: Answer((Reply("W"),)))
    context = {"procedure": "1.001193", "again": '/ask_fee{"procedure": "1.001193"}'}

    assert desk_of_offices.find(an_ask("o dau", context=context)).replies[0].text == "W"


RIGHT = an_announcement(9, title="Đính chính giờ mưa", code="ACDEFGH", corrects=1)


def latest(*news: Announcement) -> Answer:
    known = FakeNews(*news)
    pages = Pages("https://motcua.example")
    answers = AnnouncementAnswers(known, known, known, FakeDirectory(), WORDING, ZONE, pages)
    return answers.latest(an_ask("tin bão", entities=[("topic", "bão")]))


def test_a_corrected_notice_says_so_first_and_leads_to_the_correction() -> None:
    answer = latest(an_announcement(1, code="K7M3QXA", corrected_by=9), RIGHT)

    wrong, right = answer.replies[1], answer.replies[2]
    assert wrong.text.startswith("ĐÃ ĐÍNH CHÍNH")
    assert "ACDEFGH: Đính chính giờ mưa" in wrong.text
    assert wrong.buttons[0].title == "Xem bản đính chính"
    assert wrong.buttons[0].url == "https://motcua.example/n/ACDEFGH"
    assert right.text.startswith("ĐÍNH CHÍNH: Đính chính giờ mưa")


def test_a_withdrawn_notice_says_so_first_and_one_that_holds_does_not() -> None:
    withdrawn = an_announcement(1, held="cancelled")
    answer = latest(withdrawn, an_announcement(2), an_announcement(3, held="paused"))

    assert answer.replies[1].text.startswith("ĐÃ RÚT LẠI")
    assert "ĐÃ" not in answer.replies[2].text
    assert "ĐÃ" not in answer.replies[3].text


def test_each_announcement_gives_its_code_and_its_page() -> None:
    shown = latest(an_announcement(1, code="K7M3QXA")).replies[1]

    assert "Mã tin: K7M3QXA" in shown.text
    assert [button.url for button in shown.buttons] == [
        "https://longan.gov.vn/tin",
        "https://motcua.example/n/K7M3QXA",
    ]


def test_a_correction_is_told_from_what_it_corrects_in_the_list() -> None:
    answer = latest(an_announcement(9, title="Bão đổi hướng", corrects=1, urgent=True))

    assert any("ĐÍNH CHÍNH: Bão đổi hướng" in reply.text for reply in answer.replies)
