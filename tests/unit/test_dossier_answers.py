"""What a citizen reads about a dossier: as much as the law lets a bare code show, no more."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from bot.core.dossiers.answers import DossierAnswers
from bot.core.dossiers.codes import DossierCode
from bot.core.dossiers.statuses import STATUSES
from bot.core.errors import SourceUnavailable
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


def answers(*sources: FakeSource) -> DossierAnswers:
    return DossierAnswers(sources, FakeCatalogue(a_procedure()), WORDING, ZONE)


def said(text: str, *sources: FakeSource, **more: object) -> str:
    ask = an_ask(text, "lookup_dossier", **more)
    return "\n".join(reply.text for reply in answers(*sources).lookup(ask).replies)


def test_a_running_dossier_shows_the_promised_day_with_weekday_and_days_left() -> None:
    text = said(CODE.lower(), FakeSource(a_dossier()))

    assert f"hồ sơ {CODE} đang được giải quyết" in text
    assert "thứ Tư, 25/11/2026 (còn 3 ngày làm việc)" in text


def test_a_late_dossier_says_how_late_and_what_the_office_owes() -> None:
    text = said(CODE, FakeSource(a_dossier(promised_on=date(2026, 11, 18))))

    assert "đã trễ 2 ngày làm việc" in text
    assert "phiếu xin lỗi" in text


def test_a_dossier_due_today_is_not_late() -> None:
    text = said(CODE, FakeSource(a_dossier(promised_on=date(2026, 11, 20))))

    assert "Hẹn trả: hôm nay" in text
    assert "trễ" not in text


def test_days_that_wait_for_the_citizen_are_never_late() -> None:
    text = said(CODE, FakeSource(a_dossier(status=5, promised_on=date(2026, 11, 2))))

    assert "nộp thêm giấy tờ" in text
    assert "trễ" not in text


@pytest.mark.parametrize("number", STATUSES)
def test_a_bare_code_never_shows_the_handling_unit(number: int) -> None:
    dossier = a_dossier(status=number, finished_on=date(2026, 11, 19))

    assert dossier.handling_unit not in said(CODE, FakeSource(dossier))


def test_an_unknown_vendor_label_is_shown_as_it_is() -> None:
    dossier = a_dossier(status=None, status_label="Chờ liên thông thuế")

    assert "Chờ liên thông thuế" in said(CODE, FakeSource(dossier))


def test_a_silent_source_never_becomes_not_found() -> None:
    text = said(CODE, FakeSource(), FakeSource(error=SourceUnavailable()))

    assert "chưa tìm thấy" not in text
    assert "không trả lời" in text


def test_a_later_source_answers_while_an_earlier_one_is_silent() -> None:
    text = said(CODE, FakeSource(error=SourceUnavailable()), FakeSource(a_dossier()))

    assert "đang được giải quyết" in text


def test_an_unknown_code_is_told_as_not_found_here_with_the_ways_on() -> None:
    assert "chưa tìm thấy hồ sơ H53.08-261110-0117" in said("H53.08-261110-0117", FakeSource())


def test_without_a_code_the_talks_dossier_is_meant() -> None:
    text = said("xong chưa em", FakeSource(a_dossier()), context={"dossier_code": CODE})

    assert CODE in text


def test_another_number_is_never_answered_with_the_talks_dossier() -> None:
    text = said("012345678901", FakeSource(a_dossier()), context={"dossier_code": CODE})

    assert CODE not in text
    assert "không lưu các số này" in text
    assert "012345678901" not in text


def test_the_question_mark_asks_for_another_code() -> None:
    ask = an_ask("", "lookup_dossier", entities=[("dossier_code", "?")])
    reply = answers(FakeSource()).lookup(ask).replies[0]

    assert "gửi giúp mã hồ sơ" in reply.text


def test_a_procedure_code_leads_to_the_procedure() -> None:
    assert 'mã thủ tục "Đăng ký khai sinh"' in said("1.001193", FakeSource())


def test_a_tail_alone_is_not_searched() -> None:
    assert "phần cuối" in said("210915-0001", FakeSource(a_dossier()))


def test_every_reply_names_its_dossier_for_the_page() -> None:
    ask = an_ask(CODE, "lookup_dossier")
    reply = answers(FakeSource(a_dossier())).lookup(ask).replies[0]

    assert reply.meta["dossier_code"] == CODE


def test_a_dictated_code_is_understood() -> None:
    text = said(
        "mã là ba số không chấm không không chấm mười chín chấm hát ba chín gạch ngang "
        "hai sáu không chín mười lăm gạch không không không một",
        FakeSource(a_dossier()),
    )

    assert f"hồ sơ {CODE} đang được giải quyết" in text


def test_a_dossier_brings_its_procedure_into_talk() -> None:
    ask = an_ask(CODE, "lookup_dossier", context={"procedure": "3.000347"})

    assert answers(FakeSource(a_dossier())).lookup(ask).context["procedure"] == "1.001193"


def test_two_codes_can_be_chosen_from() -> None:
    other = a_dossier(code="H53.08-261110-0117")
    ask = an_ask(f"{CODE} và H53.08-261110-0117", "lookup_dossier")
    answer = answers(FakeSource(a_dossier(), other)).lookup(ask)

    assert len(json.loads(answer.context["choices"] or "")) == 2


def test_a_receipt_number_of_digits_is_not_called_a_personal_number() -> None:
    assert "số biên nhận chỉ có chữ số" in said("tra số biên nhận 000123456")


def test_a_public_remark_is_for_everybody_with_the_code() -> None:
    assert "Ghi chú của cơ quan: Mang bản chính" in said(
        CODE, FakeSource(a_dossier(note="Mang bản chính"))
    )


@pytest.mark.parametrize(
    "name", ["ask_code", "not_found", "result_code", "receipt_number", "broken"]
)
def test_the_example_is_nobodys_code(name: str) -> None:
    data = {"code": "X", "fault": "day", "last": None}
    (reply,) = WORDING.replies(f"dossiers/{name}", **data)
    (example,) = DossierCode.find_all(reply.text)

    with (Path("data/province/dossiers.csv")).open(encoding="utf-8") as rows:
        assert example.value not in rows.read()
