"""The registry of the demo province: what it holds and how it is read."""

import csv
import shutil
import threading
from datetime import date, datetime, timedelta, timezone

import pytest

from bot.core.dossiers.codes import DossierCode
from bot.core.errors import DossierNotFound, SourceUnavailable
from bot.core.vietnamese import fold
from bot.registry.announcements import read_announcements
from bot.registry.build import build
from bot.registry.read import Registry
from bot.sources.register import RegisterSource
from tests.adapters.registry_parts import NOW, PROVINCE, built_registry


@pytest.fixture(scope="module")
def registry():
    return Registry(built_registry())


@pytest.fixture
def register():
    return RegisterSource(built_registry(), clock=lambda: NOW)


def rows_of(name):
    with (PROVINCE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_procedure_of_the_file_is_found_by_code_and_by_name(registry):
    for row in rows_of("procedures.csv"):
        assert registry.find(row["code"]).name == row["name_vi"]
        found = [match.procedure.code for match in registry.search(row["short_name_vi"], 3)]
        assert row["code"] in found, row["short_name_vi"]


def test_local_suffixes_of_a_code_do_not_matter(registry):
    assert registry.find("1.012783.H39").code == "1.012783"
    assert registry.find("2.000815.000.00.00.H55.02").code == "2.000815"
    assert registry.find("9.999999") is None
    assert registry.find("H39.21-261102-0042") is None


def test_aliases_are_tidy():
    taken = {}
    for row in rows_of("procedures.csv"):
        names = {fold(row["name_vi"]), fold(row["short_name_vi"])}
        for alias in filter(None, row["aliases_vi"].split("; ")):
            assert fold(alias) not in names, row["code"]
            taken.setdefault(fold(alias), []).append(row["code"])
        assert not row["name_vi"].endswith((".", ":", ";"))
    assert [alias for alias, codes in taken.items() if len(codes) > 1] == ["ly lich"]


def test_notes_name_procedures_that_exist(registry):
    for row in rows_of("procedures.csv"):
        for word in row["note_vi"].replace("(", " ").replace(")", " ").replace(",", " ").split():
            if word.rstrip(".;")[:2] in ("1.", "2.", "3."):
                assert registry.find(word.rstrip(".;")), (row["code"], word)


def test_recalled_details_are_marked(registry):
    assert not registry.find("1.001776").details_known
    assert registry.find("1.001193").details_known
    assert registry.find("1.001193").online


def test_fields_gather_procedures(registry):
    total = sum(registry.in_field(field.slug)[1] for field in registry.fields())

    assert total == len(rows_of("procedures.csv"))
    page, count = registry.in_field("land", online_only=True, offset=5, limit=5)
    assert len(page) == 5
    assert count == registry.find_field("đất đai").online_count
    assert registry.find_field("y tế").count == 0
    assert registry.find_field("chuyện khác hẳn") is None


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("cúp điện bến lức", "outage"),
        ("sot xuat huyet", "epidemic"),
        ("tin lừa đảo", "security"),
        ("disaster", "disaster"),
        ("lịch tiêm chủng", "schedule"),
        ("bóng đá", None),
    ],
)
def test_topics_are_found_by_everyday_words(registry, text, slug):
    topic = registry.topics.find(text)

    assert (topic and topic.slug) == slug


@pytest.mark.parametrize(
    ("text", "slugs"),
    [
        ("huyện Bến Lức", ["huyen-ben-luc"]),
        ("ben luc", ["xa-ben-luc", "huyen-ben-luc"]),
        ("TP Tân An", ["tp-tan-an"]),
        ("Long An", ["tinh-long-an", "phuong-long-an"]),
        ("Tây Ninh", ["tinh-tay-ninh", "tp-tay-ninh"]),
        ("phường 3 tân an", ["cu-phuong-3"]),
        ("xã Tân Thạnh", ["xa-tan-thanh"]),
        ("giữ an ninh trật tự", []),
        ("Hà Nội", []),
    ],
)
def test_areas_are_found_by_old_and_new_names(registry, text, slugs):
    assert [area.slug for area in registry.find_areas(text)][: len(slugs) or None] == slugs


def test_an_old_place_leads_to_todays(registry):
    old = registry.find_areas("thành phố Tân An")[0]

    assert [area.name for area in registry.successors(old)] == [
        "Phường Long An", "Phường Tân An", "Phường Khánh Hậu",
    ]  # fmt: skip
    today = registry.find_areas("xã Bến Lức")[0]
    assert registry.successors(today) == [today]


def test_every_successor_and_office_area_exists(registry):
    slugs = {row["slug"] for row in rows_of("areas.csv")}
    for row in rows_of("areas.csv"):
        assert set(row["became"].split()) <= slugs
        assert row["parent"] in slugs | {""}
    for row in rows_of("offices.csv"):
        assert row["area"] in slugs


@pytest.mark.parametrize(
    ("text", "office"),
    [
        ("ubnd xã lương hòa", "ubnd-xa-luong-hoa"),
        ("uy ban phuong long an", "ubnd-phuong-long-an"),
        ("công an bến lức", "cong-an-xa-ben-luc"),
        ("bhxh đức hòa", "bao-hiem-xa-hoi-duc-hoa"),
        ("cơ quan thuế", "thue-tinh"),
        ("làm hộ chiếu ở đâu", "phong-xuat-nhap-canh"),
        ("bến lức", "ubnd-xa-ben-luc"),
        ("trung tâm phục vụ hành chính công", "trung-tam-hanh-chinh-cong"),
        ("công an xã tân lập", "ubnd-xa-tan-lap"),
        ("công an ở tp tân an", "cong-an-phuong-long-an"),
    ],
)
def test_offices_are_found_by_kind_and_place(registry, text, office):
    assert registry.find_offices(text)[0].slug == office


def test_the_nearest_offices_are_near(registry):
    near = registry.nearest(10.6378, 106.4892, limit=4)

    assert all("Bến Lức" in office.name for office in near)
    assert registry.main_office().slug == "trung-tam-hanh-chinh-cong"


def test_dossiers_are_read_with_days_that_do_not_age(register):
    running = register.fetch(DossierCode("H39.21–2611O2-OO42"))
    assert (running.status, running.promised_on) == (4, date(2026, 11, 20))  # two working days
    assert running.received_on == date(2026, 11, 2)

    later = RegisterSource(built_registry(), clock=lambda: NOW + timedelta(days=365))
    assert later.fetch(DossierCode("H39.21-261102-0042")).promised_on == date(2027, 11, 22)


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("000.00.19.H39-260915-0001", 4),
        ("000.17.22.H39-261020-0003", 5),
        ("H53.08-261110-0117", 2),
        ("G01.899.909-260916-890028", 9),
        ("38.98.H39-261001-0013", 10),
        ("H39.04-261105-00021", 6),
    ],
)
def test_the_dossiers_of_the_readme_exist(register, code, status):
    found = register.fetch(DossierCode(code))

    assert (found.code, found.status, found.source) == (code, status, "register")
    assert found.agency
    assert found.procedure_name


def test_all_states_and_shapes_are_there():
    rows = rows_of("dossiers.csv")

    assert {row["TrangThaiHoSo"] for row in rows} >= {str(number) for number in range(1, 11)}
    assert len({DossierCode(row["MaHoSo"]).key for row in rows}) == len(rows) == 300
    for row in rows:
        assert [code.key for code in DossierCode.find_all(row["MaHoSo"])] == [
            DossierCode(row["MaHoSo"]).key
        ]


def test_an_unknown_code_is_not_found(register):
    with pytest.raises(DossierNotFound):
        register.fetch(DossierCode("H39.21-261102-9999"))


@pytest.mark.parametrize("content", [None, b"", b"this is no database", b"SQLite format 3\0" * 99])
def test_a_broken_file_is_unavailable_never_not_found(tmp_path, content):
    path = tmp_path / "registry.db"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(SourceUnavailable):
        RegisterSource(path, clock=lambda: NOW).fetch(DossierCode("H39.21-261102-0042"))
    with pytest.raises(SourceUnavailable):
        Registry(path).fields()


def test_nothing_personal_reaches_the_file():
    stored = built_registry().read_bytes()

    for row in rows_of("dossiers.csv"):
        assert row["ChuHoSo"].encode() not in stored
        assert row["SoDienThoai"].encode() not in stored


def test_a_replaced_file_is_noticed_by_every_thread(tmp_path):
    path = tmp_path / "registry.db"
    shutil.copyfile(built_registry(), path)
    registry = Registry(path)
    before = registry.province["hotline"]
    province = tmp_path / "province"
    shutil.copytree(PROVINCE, province)
    facts = (province / "province.yml").read_text(encoding="utf-8")
    (province / "province.yml").write_text(facts.replace(before, "1900 1022"), encoding="utf-8")

    assert build(province, path, NOW).built
    seen = []
    threads = [
        threading.Thread(target=lambda: seen.append(registry.province["hotline"]))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert seen == ["1900 1022"] * 4


def test_announcements_are_relative_to_now_and_cover_every_topic(registry):
    rows = read_announcements(PROVINCE / "announcements.yml", NOW)

    assert len(rows) == 20
    assert {row["topic"] for row in rows} == {topic.slug for topic in registry.all()}
    areas = {row["slug"] for row in rows_of("areas.csv")}
    for row in rows:
        assert row["published_at"] <= NOW < row["expires_at"]
        assert row["published_at"].tzinfo
        assert row["area"] in {None, *areas}
        assert row["issuer"]
        assert row["number"] or row["url"]
        assert row["demo"]
    assert rows == sorted(rows, key=lambda row: (row["published_at"], row["source_id"]))


def test_the_announcement_clock_is_the_given_one():
    later = datetime(2027, 1, 1, tzinfo=timezone.utc)
    rows = read_announcements(PROVINCE / "announcements.yml", later)

    assert later - timedelta(days=1) < max(row["published_at"] for row in rows) <= later
