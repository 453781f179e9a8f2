"""What is read of a back office's call, and what is dropped."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.dossiers.labels import fit_to_repeat
from bot.core.follow.exchange import MOST_EVENTS, read_events
from bot.core.follow.snapshot import as_json, changed_by, from_json
from tests.builders import NOW, ZONE, a_dossier
from tests.unit.follow_parts import CODE

MESSAGE = {
    "MaHoSo": CODE,
    "TrangThaiHoSo": 5,
    "ChuHoSo": "Nguyễn Văn An",
    "SoDienThoai": "0912345678",
    "NguoiXuLy": "Trần Thị Bé",
    "NoiDungXuLy": "Gọi anh An số 0912345678",
    "PhongBanXuLy": "Bộ phận hộ tịch",
    "NgayHenTra": "20261130170000",
    "ThoiDiemXuLy": "20261120083000",
}


def one(**change: Any) -> dict[str, Any]:
    events, refused = read_events({**MESSAGE, **change}, NOW, ZONE)
    assert refused == 0
    return dict(events[0].changes)


def test_a_message_is_read_and_people_are_dropped() -> None:
    assert one() == {
        "status": 5,
        "status_label": "",
        "handling_unit": "Bộ phận hộ tịch",
        "promised_on": "2026-11-30",
        "changed_at": "2026-11-20T01:30:00+00:00",
        "as_of": NOW.isoformat(),
    }


@pytest.mark.parametrize(
    ("given_", "status", "label"),
    [
        ({"TrangThaiHoSo": "9"}, 9, ""),
        ({"TrangThaiHoSo": 5, "TenTrangThai": "Chờ bổ sung"}, 5, "Chờ bổ sung"),
        ({"TrangThaiHoSo": 11, "TenTrangThai": "Nhận trực tiếp"}, None, "Nhận trực tiếp"),
        ({"TrangThaiHoSo": "Chờ in"}, None, "Chờ in"),
        ({"TrangThaiHoSo": "", "TrangThai": 4}, 4, ""),
    ],
)
def test_states_come_as_numbers_or_labels(given_: Any, status: int | None, label: str) -> None:
    changes = one(**given_)

    assert (changes["status"], changes["status_label"]) == (status, label)


def test_labels_of_the_province_are_known() -> None:
    def known(value: str, label: str) -> int | None:
        return {"Chuyển phòng chuyên môn": 4}.get(label or value)

    message = {"MaHoSo": CODE, "TrangThai": "Chuyển phòng chuyên môn", "NgayHenTra": "20261201"}
    (event,), _ = read_events(message, NOW, ZONE, known)

    assert event.changes["status"] == 4
    assert event.changes["status_label"] == "Chuyển phòng chuyên môn"
    assert event.changes["promised_on"] == "2026-12-01"


UNFIT = "Đã chuyển <b>tiền</b> vào STK 0123456789 http://evil.vn"


def test_words_that_are_no_label_are_not_repeated() -> None:
    changes = one(TenTrangThai=UNFIT, TenTTHC=UNFIT, PhongBanXuLy=UNFIT)

    assert (changes["status"], changes["status_label"]) == (5, "")
    assert "procedure_name" not in changes
    assert "handling_unit" not in changes


@pytest.mark.parametrize("state", [[4], {}, float("nan"), 99, "0", True, UNFIT, "x" * 81])
def test_a_state_that_is_none_is_refused(state: Any) -> None:
    assert read_events({**MESSAGE, "TrangThaiHoSo": state}, NOW, ZONE) == ([], 1)


@pytest.mark.parametrize(
    ("label", "fits"),
    [
        ("Chờ ký duyệt lần 2", True),
        ("Chuyển TN&MT, hẹn 15/09/2026", True),
        ("Xem tại evil.vn", False),
        ("www.evil", False),
        ("Gọi 0912.345.678", False),
        ("Gọi ０９１２３４５６７８", False),
        ("<script>", False),
        ("a@b", False),
    ],
)
def test_what_may_be_repeated(label: str, fits: bool) -> None:
    assert fit_to_repeat(label) == (label if fits else "")


def test_a_clock_that_runs_ahead_is_held_back() -> None:
    assert one(ThoiDiemXuLy="20991231000000")["changed_at"] == NOW.isoformat()


@pytest.mark.parametrize("moment", ["", "20261399000000", "hôm qua", None, 7, "9" * 14])
def test_a_day_that_is_none_changes_nothing(moment: Any) -> None:
    assert "promised_on" not in one(NgayHenTra=moment)


def test_what_the_message_leaves_out_stays_as_known() -> None:
    known = a_dossier(status=4)
    merged = changed_by(known, one(NgayHenTra=""))

    assert (merged.status, merged.promised_on) == (5, known.promised_on)
    assert (merged.code, merged.agency, merged.source) == (known.code, known.agency, known.source)


@pytest.mark.parametrize("data", [[], 1, None, "x", [MESSAGE] * (MOST_EVENTS + 1)])
def test_other_shapes_are_refused(data: Any) -> None:
    with pytest.raises(ValueError, match="one message"):
        read_events(data, NOW, ZONE)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=6,
    )
)
def test_no_value_anywhere_breaks_the_reading(value: Any) -> None:
    events, refused = read_events([dict.fromkeys(MESSAGE, value), MESSAGE], NOW, ZONE)

    assert len(events) + refused == 2
    assert events[-1].key.startswith("0000019H39")


def test_a_state_survives_being_kept() -> None:
    dossier = a_dossier(note="")

    assert from_json(as_json(dossier)) == dossier


def test_marks_no_database_takes_are_dropped() -> None:
    assert one(PhongBanXuLy="Phòng\x00 một\ud800")["handling_unit"] == "Phòng một"
