"""Answers about the talk itself: pointers that know the dossier or procedure, and erasing."""

from __future__ import annotations

from dataclasses import replace

from bot.core.conversation.answers import TalkAnswers
from bot.core.conversation.payloads import ERASE, parse_payload
from bot.core.dossiers.answers import DossierAnswers
from bot.core.faq.answers import FaqAnswers
from bot.core.faq.book import FaqBook, Question
from bot.core.services.answers import ServiceAnswers
from tests.builders import (
    WORDING,
    ZONE,
    FakeCatalogue,
    FakeSource,
    a_dossier,
    a_procedure,
    an_ask,
)

CODE = "000.00.19.H39-260915-0001"
OLD_PAPERS = Question(
    "old_papers", "Giấy tờ ghi tên xã cũ còn dùng được không?", "Dạ, còn dùng được."
)


def talk(*sources: FakeSource, absent: tuple[str, ...] = ()) -> TalkAnswers:
    catalogue = FakeCatalogue(a_procedure(), absent=absent)
    dossiers = DossierAnswers(sources, catalogue, WORDING, ZONE)
    services = ServiceAnswers(catalogue, WORDING, dossiers)
    faq = FaqAnswers(FaqBook([OLD_PAPERS]), WORDING)
    return TalkAnswers(WORDING, catalogue, dossiers, services, lambda payload, ask: None, faq)


def test_paying_for_a_dossier_named_shows_its_state_first() -> None:
    ask = an_ask(f"{CODE} đóng tiền sao", "pay_fee")
    answer = talk(FakeSource(a_dossier(status=6))).point_the_way(ask)

    assert "đang chờ anh/chị nộp tiền" in answer.replies[0].text
    assert "nộp phí, lệ phí" in answer.replies[1].text
    assert answer.context["dossier_code"] == CODE


def test_filing_the_procedure_in_talk_leads_to_its_page() -> None:
    ask = an_ask("nộp luôn giúp", "submit_dossier", context={"procedure": "1.001193"})
    answer = talk().point_the_way(ask)

    assert "Đăng ký khai sinh" in answer.replies[0].text
    assert answer.replies[0].buttons[0].url == "https://dichvucong.gov.vn/x"


def test_a_guess_never_erases_only_the_button_does() -> None:
    context = {"pending": ERASE}
    asked = talk().delete_my_data(an_ask("xóa dữ liệu", "delete_my_data"))
    guessed = talk().delete_my_data(an_ask("đừng xóa", "delete_my_data", context=context))
    taken_for_yes = talk().affirm(an_ask("đừng", "affirm", context=context))
    button = parse_payload(ERASE)
    assert button is not None
    pressed = replace(an_ask("", "delete_my_data"), entities=button.entities)

    assert asked.effects == guessed.effects == taken_for_yes.effects == ()
    assert guessed.context["pending"] == taken_for_yes.context["pending"] == ERASE
    assert talk().delete_my_data(pressed).effects == ({"effect": "erase"},)


def test_a_paper_the_list_lacks_is_named_even_when_nothing_was_understood() -> None:
    answer = talk(absent=("an toàn thực phẩm",)).not_understood(an_ask("giấy an toàn thực phẩm"))

    assert 'chưa có thủ tục "an toàn thực phẩm"' in answer.replies[0].text


def test_a_frequent_question_is_asked_about_before_it_is_answered() -> None:
    offered = talk().not_understood(an_ask("giay to ghi ten xa cu xai duoc hong", "nlu_fallback"))
    pending = offered.context["pending"] or ""
    picked = parse_payload(pending)

    assert "còn dùng được không" in offered.replies[0].text
    assert picked is not None
    asked = replace(an_ask("", "nlu_fallback"), entities=picked.entities)
    assert talk().not_understood(asked).replies[0].text == "Dạ, còn dùng được."


def test_what_is_foreign_is_refused_unless_it_is_a_frequent_question() -> None:
    weather = talk().out_of_scope(an_ask("mai trời có mưa không", "out_of_scope"))
    papers = talk().out_of_scope(an_ask("giấy tờ ghi tên xã cũ dùng được không", "out_of_scope"))

    assert "ngoài phạm vi" in weather.replies[0].text
    assert "có phải anh/chị muốn hỏi" in papers.replies[0].text


def test_cancelling_claims_only_what_is_so() -> None:
    nothing = talk().cancel(an_ask("thôi không bỏ nữa", "cancel"))
    asked = talk().cancel(an_ask("thôi", "cancel", context={"pending": ERASE}))

    assert "không thay đổi gì" in nothing.replies[0].text
    assert "dừng việc đang hỏi" in asked.replies[0].text
    for answer in (nothing, asked):
        assert "mình" not in answer.replies[0].text
