"""What a citizen reads in every state: what it means, what to do, how fresh it is."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from itertools import product
from typing import Any

import pytest

from bot.core.conversation.payloads import parse_payload
from bot.core.dossiers.days import WorkCalendar
from bot.core.dossiers.facts import facts
from bot.core.dossiers.statuses import STATUSES
from bot.core.messages import Reply
from tests.builders import NOW, TODAY, WORDING, ZONE, a_dossier

CALENDAR = WorkCalendar(frozenset({date(2026, 11, 24)}), frozenset({date(2026, 11, 28)}))
LATE, MONDAY = date(2026, 11, 18), date(2026, 11, 23)
NO_DAYS = dict.fromkeys(("received_on", "promised_on", "finished_on", "returned_on"))
STATES = [*STATUSES, None]
SITUATIONS: dict[str, dict[str, Any]] = {
    "in time": {},
    "late": {"promised_on": LATE},
    "today": {"promised_on": TODAY},
    "soon": {"promised_on": MONDAY},
    "no days": {**NO_DAYS, "changed_at": None},
    "finished": {"finished_on": date(2026, 11, 12), "returned_on": date(2026, 11, 13)},
    "stale": {"stale": True, "as_of": NOW - timedelta(hours=30)},
}
DO = {
    1: "Cơ quan chưa tiếp nhận nên chưa tính thời hạn",
    2: "Anh/chị chưa cần làm gì thêm",
    3: "Lý do ghi trong phiếu từ chối",
    4: "Anh/chị chưa cần làm gì thêm",
    5: "nộp thêm giấy tờ theo phiếu yêu cầu bổ sung",
    6: "nộp khoản tiền ghi trong thông báo",
    7: "nhận lại giấy tờ",
    8: "Lý do ghi trong thông báo của cơ quan",
    9: "nhận kết quả theo cách đã chọn",
    10: "Nếu kết quả có sai sót",
    None: "Trạng thái này do phần mềm của cơ quan đặt tên",
}


def replies(template: str = "dossiers/found", **more: Any) -> tuple[Reply, ...]:
    dossier = a_dossier(status_label="Chờ liên thông", **more)
    given = {"code": dossier.code, "code_given": True, "office": None, "aspect": None}
    return WORDING.replies(template, **given, **facts(dossier, NOW, ZONE, CALENDAR))


def said(template: str = "dossiers/found", **more: Any) -> str:
    return "\n".join(reply.text for reply in replies(template, **more))


@pytest.mark.parametrize(
    ("template", "number", "situation"),
    product(
        ["found", "brief", "overdue", "supplement", "delivery", "lost_receipt", "withdraw"],
        STATES,
        SITUATIONS,
    ),
)
def test_every_answer_in_every_situation_is_whole(
    template: str, number: int | None, situation: str
) -> None:
    folder = "dossiers" if template in ("found", "brief") else "own"
    for reply in replies(f"{folder}/{template}", status=number, **SITUATIONS[situation]):
        assert "None" not in reply.text
        assert "\n\n\n" not in reply.text
        assert "  " not in reply.text
        assert " ." not in reply.text
        assert "()" not in reply.text
        assert len(reply.text) < 1500
        assert len(reply.buttons) <= 5
        assert all(parse_payload(b.payload) for b in reply.buttons if b.payload)


@pytest.mark.parametrize(("number", "situation"), product(STATES, SITUATIONS))
def test_every_state_says_what_to_do(number: int | None, situation: str) -> None:
    text = said(status=number, **SITUATIONS[situation])
    running = number in (2, 4) and situation in ("late", "soon", "today")

    assert running or DO[number] in text


@pytest.mark.parametrize("number", [2, 4])
def test_late_tells_by_how_much_the_rights_and_the_way_to_complain(number: int) -> None:
    found = replies(status=number, promised_on=LATE)[0]

    assert "đã trễ 2 ngày làm việc" in found.text
    assert "phiếu xin lỗi" in found.text
    assert "chậm nhất một ngày trước ngày hẹn" in found.text
    assert "Chỉ được hẹn lại một lần" in found.text
    assert "✗ 18/11/2026: ngày hẹn trả (đã qua)\n▶ Hiện nay: đang giải quyết" in found.text
    assert {button.url for button in found.buttons} > {"https://pakn.dichvucong.gov.vn"}


@pytest.mark.parametrize("promised", [TODAY, MONDAY])
def test_about_to_be_late_is_told_before_it_is(promised: date) -> None:
    for text in (said(promised_on=promised), said("own/overdue", promised_on=MONDAY)):
        assert "Nếu phải dời ngày, cơ quan phải có phiếu xin lỗi" in text
        assert "Chỉ được dời một lần" in text
        assert "Mong anh/chị thông cảm" not in text


def test_a_count_of_days_names_the_days_left_out() -> None:
    assert "Cách đếm: trừ thứ Bảy, Chủ nhật và ngày lễ 24/11\n" in said()
    assert "Cách đếm: trừ thứ Bảy, Chủ nhật\n" in said(promised_on=MONDAY)
    assert "Cách đếm" not in said(promised_on=LATE)
    assert "và ngày lễ 24/11, tính cả ngày làm bù" in said(promised_on=date(2026, 12, 1))
    assert "(trừ thứ Bảy, Chủ nhật và ngày lễ 24/11)" in said("own/overdue")


def test_a_promise_for_a_day_off_is_explained() -> None:
    text = said(promised_on=date(2026, 11, 22))

    assert "Hẹn trả: Chủ nhật, 22/11/2026 (còn 1 ngày làm việc)" in text
    assert "tính đến hết thứ Hai, 23/11/2026" in text


@pytest.mark.parametrize(
    ("finished", "words"),
    [
        (date(2026, 11, 25), "thứ Tư, 25/11/2026, đúng hẹn"),
        (date(2026, 11, 20), "thứ Sáu, 20/11/2026, sớm hơn hẹn 2 ngày làm việc"),
        (date(2026, 11, 26), "thứ Năm, 26/11/2026, trễ hẹn 1 ngày làm việc"),
    ],
)
def test_a_result_says_whether_it_came_in_time(finished: date, words: str) -> None:
    assert words in said(status=9, finished_on=finished)
    assert words in said(status=10, finished_on=finished, returned_on=date(2026, 11, 30))


def test_without_a_promised_day_nothing_is_promised() -> None:
    text = said(promised_on=None)

    assert "hệ thống không ghi, anh/chị xem trên giấy hẹn" in text
    assert "ngày làm việc" not in text


@pytest.mark.parametrize("number", STATES)
def test_the_way_is_told_from_two_days_on(number: int | None) -> None:
    days = {"finished_on": date(2026, 11, 12), "returned_on": date(2026, 11, 13)}
    told = "Chặng đường của hồ sơ" in said(status=number, **days)

    assert told == (number in (2, 4, 9, 10))
    assert "Chặng đường" not in said(status=number, **NO_DAYS)


def test_the_way_of_a_returned_dossier() -> None:
    text = said(status=10, finished_on=date(2026, 11, 12), returned_on=date(2026, 11, 13))

    assert (
        "✓ 15/09/2026: tiếp nhận\n✓ 12/11/2026: có kết quả\n▶ 13/11/2026: trả kết quả\n"
        "○ 25/11/2026: ngày hẹn trả"
    ) in text


@pytest.mark.parametrize("number", STATES)
def test_every_answer_says_how_fresh_it_is(number: int | None) -> None:
    assert "Cập nhật lúc 09:00, 20/11/2026" in said(status=number)


@pytest.mark.parametrize("number", STATES)
def test_the_last_known_state_is_marked_as_such(number: int | None) -> None:
    for template in ("dossiers/found", "dossiers/brief"):
        text = said(template, status=number, **SITUATIONS["stale"])
        assert "theo lần ghi nhận cuối lúc 03:00, 19/11/2026" in text
        assert "Cập nhật lúc" not in text
    assert "đang không trả lời" in said(status=number, **SITUATIONS["stale"])


@pytest.mark.parametrize(
    ("topic", "number"),
    product(["overdue", "supplement", "delivery", "lost_receipt", "withdraw"], STATES),
)
def test_the_other_answers_mark_it_too(topic: str, number: int | None) -> None:
    text = said(f"own/{topic}", status=number, **SITUATIONS["stale"])

    assert "Ghi nhận lúc 03:00, 19/11/2026" in text
    assert "Ghi nhận lúc" not in said(f"own/{topic}", status=number)


def test_a_late_state_of_a_silent_source_is_not_held_against_the_office() -> None:
    text = said(promised_on=LATE, **SITUATIONS["stale"])

    assert "cơ quan có thể đã có kết quả mà hệ thống chưa báo" in text


def test_an_unknown_label_is_shown_as_it_is() -> None:
    assert 'trạng thái "Chờ liên thông"' in said(status=None)


def test_a_dossier_nobody_looks_at_is_to_be_asked_for() -> None:
    assert "đã chờ 4 ngày làm việc" in said(status=1, received_on=date(2026, 11, 16))
    assert "đã chờ" not in said(status=1, received_on=date(2026, 11, 18))


def test_a_result_that_lies_long_is_called_to_mind() -> None:
    assert "Kết quả đã chờ 20 ngày" in said(status=9, finished_on=date(2026, 10, 31))
    assert "đã chờ" not in said(status=9, finished_on=date(2026, 11, 12))


@pytest.mark.parametrize("number", STATES)
def test_changes_are_offered_while_there_can_be_any(number: int | None) -> None:
    titles = [button.title for button in replies(status=number)[0].buttons]

    assert ("Báo tôi khi có thay đổi" in titles) == (number not in (3, 7, 8, 10))


def on_a_sunday(template: str) -> str:
    sunday = datetime(2026, 11, 22, 3, 0, tzinfo=timezone.utc)
    dossier = a_dossier(promised_on=date(2026, 11, 22))
    known = facts(dossier, sunday, ZONE, CALENDAR)
    return "\n".join(reply.text for reply in WORDING.replies(template, owner=False, **known))


def test_a_promise_for_today_on_a_day_off_is_explained() -> None:
    assert "Hôm nay là ngày nghỉ nên tính đến hết thứ Hai, 23/11/2026" in on_a_sunday(
        "dossiers/found"
    )
    assert "tính đến hết 23/11/2026" in on_a_sunday("slips/left")


@pytest.mark.parametrize(
    ("number", "more"),
    [(1, {"received_on": date(2026, 11, 9)}), (3, {}), (7, {}), (8, {}), (None, {})],
)
def test_who_is_to_be_called_stands_on_a_button(number: int | None, more: dict[str, Any]) -> None:
    buttons = [button for reply in replies(status=number, **more) for button in reply.buttons]

    assert any(button.phone for button in buttons)


@pytest.mark.parametrize(("label", "words"), [("11", "trạng thái số 11"), ("", "chưa có tên")])
def test_a_number_is_no_name_of_a_state(label: str, words: str) -> None:
    dossier = a_dossier(status=None, status_label=label)
    (reply,) = WORDING.replies("dossiers/found", **facts(dossier, NOW, ZONE, CALENDAR))

    assert f"{words}, không có trong danh mục chung" in reply.text
    assert '"' not in reply.text
    assert "chưa rõ nghĩa" in reply.text


@pytest.mark.parametrize("label", ["Đã rút", "Đã hủy"])
def test_what_is_withdrawn_already_waits_for_no_consent(label: str) -> None:
    dossier = a_dossier(status=7, status_label=label)
    (reply,) = WORDING.replies("dossiers/found", **facts(dossier, NOW, ZONE, CALENDAR))

    assert f"{dossier.code} {label.lower()}." in reply.text
    assert "yêu cầu rút" not in reply.text
