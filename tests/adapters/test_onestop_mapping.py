"""Mapping files, settings and answers nobody thought of."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.dossiers.codes import DossierCode
from bot.core.errors import SettingsError
from bot.settings import Settings
from bot.sources.onestop.faults import Fault
from bot.sources.onestop.mapping import BUNDLED, read_mapping
from bot.sources.onestop.parse import Parser
from bot.sources.onestop.transport import parse_json
from bot.wiring.sources import build_sources
from tests.adapters.registry_parts import built_registry, written

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=timezone.utc)
CODE = DossierCode("H39.21-261102-0301")
NATIONAL = yaml.safe_load((BUNDLED / "national.yml").read_text(encoding="utf-8"))


class NoLabels:
    """Labels of a province that has none."""

    def state(self, value: str, label: str = "") -> tuple[str, int | None]:
        return label or value, None


def a_parser() -> Parser:
    return Parser(read_mapping("national"), NoLabels(), ZoneInfo("Asia/Ho_Chi_Minh"), "onestop")


def a_file(folder: Path, **changes: Any) -> str:
    text = yaml.safe_dump({**NATIONAL, **changes}, allow_unicode=True)
    return str(written(folder, "own.yml", text))


@pytest.mark.parametrize("name", sorted(path.stem for path in BUNDLED.glob("*.yml")))
def test_every_bundled_mapping_can_be_used(name: str) -> None:
    assert read_mapping(name).dossier["code"]


def test_an_own_file_is_read_by_its_path(tmp_path: Path) -> None:
    path = a_file(tmp_path, dossier={"code": "soBienNhan", "status": "tenTinhTrang"})

    assert read_mapping(path).dossier == {"code": "soBienNhan", "status": "tenTinhTrang"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"dossier": {"code": "MaHoSo"}}, "lacks status"),
        ({"dossier": {"code": "a", "status": "b", "owner": "c"}}, "does not know owner"),
        ({"dossier": {"code": "a", "status": "b", "agency": "ChuHoSo"}}, "about a person"),
        ({"dossier": {"code": "a", "status": "b", "agency": "x.so_dien_thoai"}}, "a person"),
        ({"progress": {"list": "x", "at": "y", "unit": "NguoiXuLy"}}, "about a person"),
        ({"ask": {"method": "DELETE", "code": "x"}}, "neither GET nor POST"),
        ({"ask": {"method": "GET"}}, "names no code"),
        ({"extra": 1}, "does not know extra"),
        ({"answer": None}, "own.yml"),
    ],
)
def test_a_bad_mapping_says_what_is_wrong(
    changes: dict[str, Any], said: str, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match=said):
        read_mapping(a_file(tmp_path, **changes))


@pytest.mark.parametrize("name", ["none", "/nowhere/x.yml", "../mappings/x"])
def test_a_missing_mapping_names_those_there_are(name: str) -> None:
    with pytest.raises(SettingsError, match="national, portal"):
        read_mapping(name)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"dossier_sources": "onestop"}, "set MOTCUA_ONESTOP_URL"),
        ({"onestop_url": "lgsp.tinh.vn"}, "MOTCUA_ONESTOP_URL must begin"),
        ({"onestop_token_url": "x"}, "MOTCUA_ONESTOP_TOKEN_URL must begin"),
        ({"onestop_token_url": "https://a.vn/t"}, "MOTCUA_ONESTOP_CLIENT_ID"),
        ({"onestop_ca": "/nowhere.pem"}, "MOTCUA_ONESTOP_CA: there is no file"),
        ({"onestop_timeout": 5}, "between 1 and 4"),
        ({"onestop_fresh_seconds": 601}, "between 1 and 600"),
        ({"onestop_mapping": "none"}, "national, portal"),
        ({"dossier_sources": "registry"}, "register, onestop"),
    ],
)
def test_a_wrong_setting_stops_the_start(more: dict[str, Any], said: str, tmp_path: Path) -> None:
    base = {"data_dir": tmp_path, "dossier_sources": "onestop register"}
    if more != {"dossier_sources": "onestop"}:
        base["onestop_url"] = "https://lgsp.tinh.vn"
    with pytest.raises(SettingsError, match=said):
        build_sources(Settings(**{**base, **more}))


def test_sources_are_asked_in_the_order_of_the_settings(tmp_path: Path) -> None:
    common = {"data_dir": tmp_path, "onestop_url": "https://lgsp.tinh.vn"}
    for names in ("onestop register", "register, onestop", "register"):
        sources = build_sources(Settings(dossier_sources=names, **common))  # type: ignore[arg-type]

        assert [source.name for source in sources] == names.replace(",", "").split()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
values = json_values | st.sampled_from(["4", 4, "20261102144500", CODE.value, "0", ""])
names = [*NATIONAL["dossier"].values(), "DanhSachTienDo"]
records = st.dictionaries(st.sampled_from(names), values, max_size=8)
steps = st.lists(st.dictionaries(st.sampled_from(["ThoiDiemXuLy", "PhongBanXuLy"]), values))
answers = st.one_of(
    json_values,
    st.fixed_dictionaries({"error_code": values, "result": st.lists(records) | json_values}),
    st.builds(
        lambda record, progress: {
            "error_code": "0",
            "result": [
                {**record, "MaHoSo": CODE.value, "TrangThaiHoSo": 4, "DanhSachTienDo": progress}
            ],
        },
        records,
        steps | json_values,
    ),
)


@settings(max_examples=400, deadline=None)
@given(answers)
def test_any_answer_is_a_dossier_or_nothing_or_a_fault(answer: Any) -> None:
    parser = a_parser()
    try:
        record = parser.record_of(CODE, answer)
        dossier = parser.dossier(record, NOW) if record is not None else None
    except Fault:
        return

    assert dossier is None or DossierCode(dossier.code) == CODE


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_any_bytes_are_json_or_a_fault(body: bytes) -> None:
    with suppress(Fault):
        parse_json(body)


@pytest.mark.parametrize("body", [b'{"a": NaN}', b"\xff\xfe{}", b"[" * 40 + b"]" * 40])
def test_what_is_nearly_json_is_a_fault(body: bytes) -> None:
    with pytest.raises(Fault):
        parse_json(body)


def test_two_different_records_of_one_dossier_are_a_fault() -> None:
    record = {"MaHoSo": CODE.value, "TrangThaiHoSo": 4}
    answer = {"error_code": "0", "result": [record, {**record, "TrangThaiHoSo": 9}]}

    with pytest.raises(Fault, match="two_answers"):
        a_parser().record_of(CODE, answer)


def test_a_code_of_the_answer_cannot_bring_other_text() -> None:
    answer = {"error_code": "0", "result": [{"MaHoSo": f"{CODE.value} ❤ư", "TrangThaiHoSo": 4}]}

    with pytest.raises(Fault, match="no_code"):
        a_parser().record_of(CODE, answer)


def test_labels_come_from_the_registry(tmp_path: Path) -> None:
    from bot.sources.onestop.labels import Labels

    labels = Labels(built_registry())

    assert labels.state("4") == ("Đang xử lý", 4)
    assert labels.state("04", "Đang xử lý tại phòng") == ("Đang xử lý tại phòng", 4)
    assert labels.state("CHO KY DUYET")[1] == 4
    assert labels.state("11", "Nhận trực tiếp") == ("Nhận trực tiếp", None)
    assert labels.state("11") == ("11", None)
