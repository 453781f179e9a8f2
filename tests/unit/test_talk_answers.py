"""Answers about the talk itself: pointers that know the dossier or procedure, and erasing."""

from __future__ import annotations

from bot.core.conversation.answers import TalkAnswers
from bot.core.dossiers.answers import DossierAnswers
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


def talk(*sources: FakeSource, absent: tuple[str, ...] = ()) -> TalkAnswers:
    catalogue = FakeCatalogue(a_procedure(), absent=absent)
    dossiers = DossierAnswers(sources, catalogue, WORDING, ZONE)
    services = ServiceAnswers(catalogue, WORDING, dossiers)
    return TalkAnswers(WORDING, catalogue, dossiers, services, lambda payload, ask: None)


def test_a_late_dossier_with_its_code_is_looked_up_at_once() -> None:
    ask = an_ask(f"{CODE} trễ rồi", "ask_overdue")

    assert f"hồ sơ {CODE}" in talk(FakeSource(a_dossier())).point_the_way(ask).replies[0].text


def test_a_late_dossier_without_code_gets_the_rule_and_asks_for_the_code() -> None:
    answer = talk().point_the_way(an_ask("sao trễ hoài", "ask_overdue"))

    assert "gửi mã hồ sơ" in answer.replies[0].text


def test_papers_missing_in_a_dossier_named_show_its_state_first() -> None:
    answer = talk(FakeSource(a_dossier(status=5))).point_the_way(
        an_ask(f"{CODE} thiếu giấy gì", "ask_supplement")
    )

    assert "đang chờ anh/chị bổ sung giấy tờ" in answer.replies[0].text
    assert "Cách bổ sung" in answer.replies[1].text
    assert answer.context["dossier_code"] == CODE


def test_filing_the_procedure_in_talk_leads_to_its_page() -> None:
    ask = an_ask("nộp luôn giúp", "submit_dossier", context={"procedure": "1.001193"})
    answer = talk().point_the_way(ask)

    assert "Đăng ký khai sinh" in answer.replies[0].text
    assert answer.replies[0].buttons[0].url == "https://dichvucong.gov.vn/x"


def test_insisting_on_erasing_right_after_the_question_erases() -> None:
    pending = '/delete_my_data{"confirmed": "yes"}'
    asked = talk().delete_my_data(an_ask("xóa dữ liệu", "delete_my_data"))
    done = talk().delete_my_data(
        an_ask("ừ xóa đi", "delete_my_data", context={"pending": pending})
    )

    assert asked.effects == ()
    assert done.effects == ({"effect": "erase"},)


def test_a_paper_the_list_lacks_is_named_even_when_nothing_was_understood() -> None:
    answer = talk(absent=("an toàn thực phẩm",)).not_understood(an_ask("giấy an toàn thực phẩm"))

    assert 'chưa có thủ tục "an toàn thực phẩm"' in answer.replies[0].text
