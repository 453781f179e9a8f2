"""Procedures: resolved from words, from a button, or from the talk; never made up."""

from __future__ import annotations

import json

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

BIRTH = a_procedure()
AGAIN = a_procedure(code="1.004884", short_name="Đăng ký lại khai sinh", fee_kind="by_province")
HIDDEN = a_procedure(code="1.001776", verification="code_seen_details_recalled")


def desk(catalogue: FakeCatalogue, *sources: FakeSource) -> ServiceAnswers:
    dossiers = DossierAnswers(sources, catalogue, WORDING, ZONE)
    return ServiceAnswers(catalogue, WORDING, dossiers)


def test_a_clear_match_is_answered_and_remembered() -> None:
    catalogue = FakeCatalogue(BIRTH, hits={"khai sinh": [0.9]})
    answer = desk(catalogue).card(
        an_ask("", "find_procedure", entities=[("procedure", "khai sinh")])
    )

    assert "Đăng ký khai sinh" in answer.replies[0].text
    assert answer.context["procedure"] == "1.001193"
    assert answer.replies[0].meta["procedure"] == "1.001193"


def test_a_follow_up_keeps_the_procedure_of_the_talk() -> None:
    answer = desk(FakeCatalogue(BIRTH)).fee(
        an_ask("còn phí?", "ask_fee", context={"procedure": "1.001193"})
    )

    assert "Miễn lệ phí" in answer.replies[0].text


def test_two_close_matches_become_a_short_choice_that_keeps_the_question() -> None:
    catalogue = FakeCatalogue(BIRTH, AGAIN, hits={"khai sinh": [0.74, 0.73]})
    answer = desk(catalogue).fee(an_ask("", "ask_fee", entities=[("procedure", "khai sinh")]))

    assert json.loads(answer.context["choices"] or "") == [
        '/ask_fee{"procedure": "1.001193"}',
        '/ask_fee{"procedure": "1.004884"}',
    ]


def test_one_doubtful_match_becomes_a_question_that_yes_answers() -> None:
    catalogue = FakeCatalogue(BIRTH, hits={"khai xinh": [0.6]})
    answer = desk(catalogue).card(
        an_ask("", "find_procedure", entities=[("procedure", "khai xinh")])
    )

    assert answer.context["pending"] == '/find_procedure{"procedure": "1.001193"}'


def test_an_absent_procedure_gets_an_honest_no_with_the_portal() -> None:
    answer = desk(FakeCatalogue(BIRTH)).card(
        an_ask("", "find_procedure", entities=[("procedure", "lương hưu")])
    )

    assert 'chưa có thủ tục "lương hưu"' in answer.replies[0].text
    assert any(button.url for button in answer.replies[0].buttons)


def test_recalled_details_are_never_shown() -> None:
    answer = desk(FakeCatalogue(HIDDEN)).papers(
        an_ask("", "ask_requirements", entities=[("procedure", "1.001776")])
    )

    assert "giấy chứng sinh" not in answer.replies[0].text
    assert "chưa có chi tiết đã kiểm chứng" in answer.replies[0].text


def test_a_fee_the_province_sets_is_told_as_such() -> None:
    answer = desk(FakeCatalogue(AGAIN)).fee(
        an_ask("", "ask_fee", entities=[("procedure", "1.004884")])
    )

    assert "Hội đồng nhân dân tỉnh" in answer.replies[0].text


def test_a_fee_question_with_a_code_is_about_that_dossiers_procedure() -> None:
    code = "000.00.19.H39-260915-0001"
    answer = desk(FakeCatalogue(BIRTH), FakeSource(a_dossier())).fee(
        an_ask(f"{code} phải đóng mấy đồng", "ask_fee", entities=[("dossier_code", code)])
    )

    assert code in answer.replies[0].text
    assert "Miễn lệ phí" in answer.replies[0].text


def test_without_any_procedure_the_desk_asks_which() -> None:
    answer = desk(FakeCatalogue(BIRTH)).duration(an_ask("bao lâu", "ask_duration"))

    assert "mất bao lâu cho thủ tục nào" in answer.replies[0].text


def test_a_field_is_shown_page_by_page() -> None:
    many = [a_procedure(code=f"1.00000{number}") for number in range(7)]
    services = desk(FakeCatalogue(*many))

    first = services.listing(an_ask("", "list_services", entities=[("field", "hộ tịch")]))
    second = services.listing(
        an_ask("", "list_services", entities=[("field", "civil_status"), ("offset", "5")])
    )

    assert first.context["more"] == '/list_services{"field": "civil_status", "offset": "5"}'
    assert second.context["more"] is None
    assert len(json.loads(second.context["choices"] or "")) == 2


def test_an_unknown_field_shows_the_known_ones() -> None:
    answer = desk(FakeCatalogue(BIRTH)).listing(
        an_ask("", "list_services", entities=[("field", "vũ trụ")])
    )

    assert 'chưa có lĩnh vực "vũ trụ"' in answer.replies[0].text
