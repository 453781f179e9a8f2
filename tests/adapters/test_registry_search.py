"""The search of the demo province against its gold queries."""

import csv
from pathlib import Path

import pytest

from bot.core.errors import SourceUnavailable
from bot.core.services.search import CONFIDENT
from bot.registry.read import Registry
from tests.adapters.registry_parts import built_registry

GOLD = Path("tests/nlu/gold_procedures.csv")


@pytest.fixture(scope="module")
def province_registry():
    return Registry(built_registry())


@pytest.fixture(scope="module")
def gold():
    with GOLD.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_right_procedure_comes_first(province_registry, gold):
    asked = [row for row in gold if row["codes"]]
    first = third = 0
    for row in asked:
        found = [match.procedure.code for match in province_registry.search(row["query"], 3)]
        wanted = set(row["codes"].split())
        first += bool(wanted & set(found[:1]))
        third += bool(wanted & set(found))

    assert len(asked) >= 120
    assert first / len(asked) >= 0.95
    assert third / len(asked) >= 0.97


def test_a_confident_answer_is_right(province_registry, gold):
    wrong = [
        row["query"]
        for row in gold
        for match in province_registry.search(row["query"], 1)
        if match.score >= CONFIDENT and match.procedure.code not in row["codes"].split()
    ]

    assert wrong == []


def test_what_is_not_in_the_list_is_not_found(province_registry, gold):
    absent = [row["query"] for row in gold if not row["codes"]]
    found = [query for query in absent if province_registry.search(query)]

    assert len(found) / len(absent) <= 0.05, found


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("2.000815.000.00.00.H55.02", "2.000815"),
        ("thủ tục 1.004222 làm sao", "1.004222"),
        ("mất giấy khai sinh", "2.000635"),
        ("tách sổ hộ khẩu", "1.010038"),
        ("nhận con nuôi", "2.001263"),
        ("làm đám cưới ngoài đường", "1.013274"),
        ("làm hộ chiếu mất bao lâu", "1.001456"),
        ("cưới vợ người lào", "2.000806"),
        ("bl xe máy bị mất", "3.000348"),
    ],
)
def test_known_traps_lead_to_the_right_place(province_registry, query, first):
    assert province_registry.search(query)[0].procedure.code == first


@pytest.mark.parametrize(
    "query", ["", " ", '"', "\\", "a" * 5000, "* OR NEAR(", "🙏" * 50, "9.999999"]
)
def test_odd_queries_find_nothing_and_break_nothing(province_registry, query):
    assert list(province_registry.search(query)) == []


def test_a_missing_file_is_said_to_be_unavailable(tmp_path):
    with pytest.raises(SourceUnavailable):
        Registry(tmp_path / "none.db").search("khai sinh")


@pytest.mark.parametrize(
    ("query", "absent"),
    [
        ("trợ cấp thất nghiệp cần giấy tờ gì", "Trợ cấp thất nghiệp"),
        ("hoãn nghĩa vụ quân sự", "Khám, hoãn, miễn nghĩa vụ quân sự"),
        ("đăng ký khai sinh", None),
        ("bao giờ có kết quả", None),
        ("có mất tiền không", None),
    ],
)
def test_a_matter_the_list_lacks_is_named(province_registry, query, absent):
    assert province_registry.absent(query) == absent
