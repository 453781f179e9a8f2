"""Procedures: resolved from words, from a button, or from the talk; never made up."""

from __future__ import annotations

import json

import pytest

from bot.core.dossiers.answers import DossierAnswers
from bot.core.services.answers import ServiceAnswers
from bot.core.services.catalogue import Field
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


def test_all_the_words_decide_before_the_name_inside_them() -> None:
    answer = desk(FakeCatalogue(AGAIN, hits={"mất khai sinh": [0.8]})).card(
        an_ask("mất khai sinh", "find_procedure", entities=[("procedure", "khai sinh")])
    )

    assert answer.context["procedure"] == AGAIN.code


def test_an_absent_matter_is_not_answered_with_the_procedure_in_talk() -> None:
    ask = an_ask("ly hôn làm ở đâu", "ask_where", context={"procedure": BIRTH.code})
    answer = desk(FakeCatalogue(BIRTH, absent=["ly hôn"])).where(ask)

    assert "chưa có thủ tục" in answer.replies[0].text
    assert answer.context["procedure"] is None


def test_an_unknown_code_of_a_procedure_is_said_to_be_unknown() -> None:
    ask = an_ask("1.012753.H19", "find_procedure", context={"procedure": BIRTH.code})
    answer = desk(FakeCatalogue(BIRTH)).card(ask)

    assert 'chưa có thủ tục "1.012753"' in answer.replies[0].text


@pytest.mark.parametrize(
    "text", ["có cần căn cước không", "ko có sổ hk được k", "vậy cần cccd ko"]
)
def test_a_paper_asked_about_does_not_change_the_matter(text: str) -> None:
    catalogue = FakeCatalogue(AGAIN, BIRTH, hits={text: [1.0]})
    ask = an_ask(text, "ask_requirements", context={"procedure": BIRTH.code})

    assert desk(catalogue).papers(ask).context["procedure"] == BIRTH.code


def test_the_tax_asked_for_right_after_a_procedure_is_that_procedures_cost() -> None:
    catalogue = FakeCatalogue(AGAIN, BIRTH, hits={"thuế bao nhiêu": [0.95]})
    ask = an_ask("thuế bao nhiêu", "ask_fee", context={"procedure": BIRTH.code})

    assert desk(catalogue).fee(ask).context["procedure"] == BIRTH.code


def test_a_follow_up_while_a_choice_is_open_asks_again_with_the_new_question() -> None:
    catalogue = FakeCatalogue(BIRTH, AGAIN)
    choices = json.dumps([f'/ask_where{{"procedure": "{item.code}"}}' for item in (BIRTH, AGAIN)])
    ask = an_ask("phí?", "ask_fee", context={"choices": choices, "procedure": HIDDEN.code})

    assert json.loads(desk(catalogue).fee(ask).context["choices"] or "") == [
        '/ask_fee{"procedure": "1.001193"}',
        '/ask_fee{"procedure": "1.004884"}',
    ]


def test_a_follow_up_to_a_single_offer_takes_it() -> None:
    choices = json.dumps(['/find_procedure{"procedure": "1.001193"}'])
    answer = desk(FakeCatalogue(BIRTH)).fee(
        an_ask("phí?", "ask_fee", context={"choices": choices})
    )

    assert "Miễn lệ phí" in answer.replies[0].text


IN_TALK = {"dossier_code": "000.00.19.H39-260915-0001", "procedure": "1.001193"}


def test_the_fee_after_a_dossier_is_that_dossiers() -> None:
    answer = desk(FakeCatalogue(BIRTH), FakeSource(a_dossier())).fee(
        an_ask("phí?", "ask_fee", context=IN_TALK)
    )

    assert answer.replies[0].text.startswith("Dạ, hồ sơ 000.00.19.H39-260915-0001")


def test_the_fee_after_a_dossier_and_another_procedure_is_the_procedures() -> None:
    ask = an_ask("phí?", "ask_fee", context={**IN_TALK, "procedure": AGAIN.code})
    answer = desk(FakeCatalogue(BIRTH, AGAIN), FakeSource(a_dossier())).fee(ask)

    assert answer.replies[0].text.startswith('Dạ, phí của "Đăng ký lại khai sinh"')


def test_the_fee_of_a_dossier_whose_procedure_is_unknown_is_not_made_up() -> None:
    source = FakeSource(a_dossier(procedure_code="9.999999"))
    ask = an_ask("phí?", "ask_fee", context={"dossier_code": IN_TALK["dossier_code"]})

    assert "chưa biết mức phí" in desk(FakeCatalogue(BIRTH), source).fee(ask).replies[0].text


def test_how_long_after_a_dossier_tells_its_promised_day() -> None:
    ask = an_ask("khi nào xong", "ask_duration", context=IN_TALK)
    answer = desk(FakeCatalogue(BIRTH), FakeSource(a_dossier())).duration(ask)

    assert "25/11/2026" in answer.replies[0].text


def test_fields_come_in_pages_and_their_numbers_go_on() -> None:
    catalogue = FakeCatalogue(BIRTH)
    fields = [Field(f"f{number}", f"Lĩnh vực {number}", (), 1, 0) for number in range(1, 12)]
    catalogue.fields = lambda: fields  # type: ignore[method-assign]
    first = desk(catalogue).listing(an_ask("", "list_services"))
    second = desk(catalogue).listing(an_ask("", "list_services", entities=[("offset", "8")]))

    assert first.context["more"] == '/list_services{"offset": "8"}'
    assert "9. Lĩnh vực 9" in second.replies[0].text
    assert len(json.loads(second.context["choices"] or "")) == 11


def test_the_name_of_a_field_is_no_absent_procedure() -> None:
    catalogue = FakeCatalogue(BIRTH, absent=("hộ tịch",))
    answer = desk(catalogue).card(
        an_ask("hộ tịch", "find_procedure", entities=[("procedure", "hộ tịch")])
    )

    assert answer.context["field"] == "civil_status"
