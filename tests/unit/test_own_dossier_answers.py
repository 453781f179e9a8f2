"""One's own dossier: late or not, papers, result, receipt, taking back; by its state first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from bot.core.conversation.payloads import parse_payload
from bot.core.desk import Answer
from bot.core.dossiers.answers import DossierAnswers
from bot.core.dossiers.own import OwnDossierAnswers
from bot.core.dossiers.statuses import STATUSES
from bot.core.errors import SourceUnavailable
from bot.core.offices.directory import Area, Office
from bot.wiring.desk import read_aspects
from tests.builders import (
    CENTRE,
    WORDING,
    ZONE,
    FakeCatalogue,
    FakeDirectory,
    FakeSource,
    a_dossier,
    a_procedure,
    an_ask,
)

CODE = "000.00.19.H39-260915-0001"
LATE = {"promised_on": date(2026, 11, 18)}
QUESTIONS = ("overdue", "supplement", "delivery", "lost_receipt", "withdraw")


class OneOffice(FakeDirectory):
    """Knows the receiving office of the test dossier, and one whose name only resembles it."""

    def find_offices(self, text: str, areas: Sequence[Area] = ()) -> Sequence[Office]:
        like = replace(CENTRE, name="UBND phường Long An Đông", phone="0272 000 9999")
        here = replace(CENTRE, name="UBND phường Long An", phone="0272 000 0129")
        return [like, here] if "Long An" in text else []


def own(*sources: FakeSource) -> OwnDossierAnswers:
    dossiers = DossierAnswers(sources, FakeCatalogue(a_procedure()), WORDING, ZONE)
    return OwnDossierAnswers(dossiers, OneOffice(), WORDING, read_aspects("own"))


def asked(question: str, text: str, *sources: FakeSource, **more: Any) -> Answer:
    answer: Answer = getattr(own(*sources), question)(an_ask(text, question, **more))
    return answer


def said(answer: Answer) -> str:
    return "\n".join(reply.text for reply in answer.replies)


def test_a_late_dossier_hears_how_late_its_rights_and_whom_to_call() -> None:
    answer = asked("overdue", f"{CODE} trễ rồi", FakeSource(a_dossier(**LATE)))
    text = said(answer)

    assert "đã trễ hẹn 2 ngày làm việc" in text
    assert "phiếu xin lỗi" in text
    assert "Chỉ được hẹn lại một lần" in text
    assert answer.replies[1].buttons[0].phone == "02720000129"
    assert "/request_human" in [button.payload for button in answer.replies[1].buttons]


def test_a_dossier_that_is_not_late_is_told_so_with_its_day() -> None:
    text = said(asked("overdue", f"{CODE} sao trễ vậy", FakeSource(a_dossier())))

    assert "chưa trễ" in text
    assert "thứ Tư, 25/11/2026, còn 3 ngày làm việc" in text
    assert "phiếu xin lỗi" not in text


def test_the_promised_day_itself_is_not_late() -> None:
    source = FakeSource(a_dossier(promised_on=date(2026, 11, 20)))

    assert "chưa tính là trễ" in said(asked("overdue", CODE, source))


def test_days_that_wait_for_the_citizen_are_not_late() -> None:
    text = said(asked("overdue", CODE, FakeSource(a_dossier(status=5, **LATE))))

    assert "tạm ngưng" in text
    assert "đã trễ" not in text


def test_a_result_that_came_late_is_owned_up_to() -> None:
    source = FakeSource(a_dossier(status=9, finished_on=date(2026, 11, 19), **LATE))

    assert "trễ hẹn 1 ngày làm việc" in said(asked("overdue", CODE, source))


def test_without_a_code_the_code_is_asked_for_and_the_rights_are_told() -> None:
    text = said(asked("overdue", "sao trễ hoài"))

    assert "gửi mã hồ sơ" in text
    assert "phiếu xin lỗi" in text


def test_a_receipt_number_is_explained_before_the_rights() -> None:
    text = said(asked("overdue", "mã biên nhận 530826100021 bị trễ"))

    assert text.index("số biên nhận") < text.index("phiếu xin lỗi")
    assert "530826100021" not in text


def test_a_silent_source_is_not_taken_for_an_unknown_dossier() -> None:
    text = said(asked("overdue", CODE, FakeSource(error=SourceUnavailable())))

    assert "không trả lời" in text
    assert "chưa tìm thấy" not in text


def test_papers_missing_in_a_dossier_named_show_its_state_first() -> None:
    answer = asked("supplement", f"{CODE} thiếu giấy gì", FakeSource(a_dossier(status=5)))

    assert "đang chờ anh/chị bổ sung giấy tờ" in answer.replies[0].text
    assert "ách bổ sung" in answer.replies[1].text
    assert answer.context["dossier_code"] == CODE


def test_a_request_for_papers_that_nobody_noted_is_not_believed() -> None:
    text = said(asked("supplement", CODE, FakeSource(a_dossier())))

    assert "chưa ghi yêu cầu bổ sung" in text


def test_a_refusal_is_answered_by_reason_new_try_and_petition() -> None:
    text = said(asked("supplement", "hồ sơ bị từ chối thì làm sao"))

    assert "nêu rõ lý do" in text
    assert "khiếu nại" in text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nhờ chồng lấy giùm được không", "Giấy ủy quyền"),
        ("gửi về nhà được không", "bưu điện"),
        ("tải bản điện tử ở đâu", "tài khoản của anh/chị"),
        ("đi lấy cần mang theo gì", "Căn cước của mình"),
        ("thứ bảy có trả kết quả không", "Thứ Bảy"),
        ("nhận kết quả ở đâu", "Tại quầy"),
        ("đổi địa chỉ nhận hộ chiếu", "Tại quầy"),
    ],
)
def test_how_a_result_is_collected_depends_on_the_question(text: str, words: str) -> None:
    assert words in said(asked("delivery", text))


def test_a_waiting_result_is_collected_at_the_office_with_its_hours() -> None:
    source = FakeSource(a_dossier(status=9, finished_on=date(2026, 11, 19)))
    text = said(asked("delivery", "em nhờ chị lấy giùm", source, context={"dossier_code": CODE}))

    assert "đã có kết quả" in text
    assert "UBND phường Long An, 61 Nguyễn Huệ" in text
    assert "7:00-17:00" in text
    assert "Giấy ủy quyền" in text


def test_another_procedure_named_is_not_the_dossier_in_talk() -> None:
    answer = asked(
        "delivery",
        "lấy hộ chiếu ở đâu",
        FakeSource(a_dossier()),
        context={"dossier_code": CODE},
        entities=[("procedure", "hộ chiếu")],
    )

    assert CODE not in said(answer)


def test_who_still_has_the_code_has_lost_little() -> None:
    text = said(asked("lost_receipt", f"mất giấy hẹn, mã {CODE}", FakeSource(a_dossier())))

    assert "còn mã là còn tra được" in text
    assert "25/11/2026" in text


def test_a_finished_dossier_is_not_withdrawn() -> None:
    source = FakeSource(a_dossier(status=10, returned_on=date(2026, 11, 19)))

    assert "không còn rút được" in said(asked("withdraw", CODE, source))
    assert "xin rút" in said(asked("withdraw", CODE, FakeSource(a_dossier())))


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("number", [*STATUSES, None])
def test_no_state_shows_the_handling_unit_and_every_button_works(
    question: str, number: int | None
) -> None:
    dossier = a_dossier(status=number, finished_on=date(2026, 11, 19), **LATE)
    answer = asked(question, CODE, FakeSource(dossier))

    assert dossier.handling_unit not in said(answer)
    for reply in answer.replies:
        assert reply.text
        assert len(reply.buttons) <= 5
        assert reply.meta["dossier_code"] == CODE
        assert all(parse_payload(b.payload) for b in reply.buttons if b.payload)
