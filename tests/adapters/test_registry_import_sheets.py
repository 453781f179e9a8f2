"""Dossiers from Excel: whatever a clerk's sheet looks like, every row is right or named."""

from __future__ import annotations

import contextlib
import io
import random
import shutil
import tracemalloc
import zipfile
from datetime import date, datetime

import pytest
from click.testing import CliRunner

from bot.cli.registry import registry as commands
from bot.core.dossiers.codes import DossierCode
from bot.registry import workbook as limits
from bot.registry.build import import_dossiers
from bot.registry.rows import BadFile, Loaded, load, read_rows
from bot.sources.register import RegisterSource
from tests.adapters.registry_parts import NOW, built_registry
from tests.adapters.registry_sheets import HEADING, archive, changed_part, workbook

RECEIVED = datetime(2026, 11, 1, 8, 0)  # noqa: DTZ001  as a sheet keeps it
PROMISED = date(2026, 11, 30)
NEEDED = ("MaHoSo", "TrangThaiHoSo")
SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture
def target(tmp_path):
    path = tmp_path / "var" / "registry.db"
    path.parent.mkdir()
    shutil.copyfile(built_registry(), path)
    return path


@pytest.fixture
def fetch(target):
    source = RegisterSource(target, clock=lambda: NOW)
    return lambda code: source.fetch(DossierCode(code))


def a_row(number: int, status: object = 4, unit: object = "Phòng A") -> list[object]:
    return [f"H39.30-261101-{number:04}", status, RECEIVED, PROMISED, unit, "1.001193"]


def found(path, **more):
    return list(load(path, **more).rows(NEEDED))


def lines(report):
    return [item.line for found in report.problems.values() for item in found]


def test_dates_and_numbers_of_cells_are_read_as_what_they_are(target, fetch, tmp_path):
    path = workbook(tmp_path, [HEADING, a_row(1), a_row(2, 10.0)])
    report = import_dossiers(path, target, NOW)

    assert not report.problems
    assert report.dossiers.new == 2
    first = fetch("H39.30-261101-0001")
    assert (first.received_on, first.promised_on) == (RECEIVED.date(), PROMISED)
    assert (first.status, first.procedure_code) == (4, "1.001193")
    assert fetch("H39.30-261101-0002").status == 10


def test_the_same_dossiers_from_a_sheet_and_from_text_are_the_same(target, tmp_path):
    import_dossiers(workbook(tmp_path, [HEADING, a_row(1)]), target, NOW)
    text = tmp_path / "a.csv"
    row = "H39.30-261101-0001,4,20261101080000,30/11/2026,Phòng A,1.001193\n"
    text.write_text(",".join(HEADING) + "\n" + row, encoding="utf-8")

    assert import_dossiers(text, target, NOW).dossiers.unchanged == 1


def test_a_title_above_the_heading_and_marked_names_are_understood(tmp_path):
    rows = [
        ["BÁO CÁO HỒ SƠ THÁNG 11"],
        [],
        ["Mã hồ sơ", "Trạng thái hồ sơ", None, " Ngày hẹn trả "],
        ["H39.30-261101-0001", "Đang xử lý", "x", "30/11/2026"],
    ]
    (row,) = found(workbook(tmp_path, rows, merged=["A1:D1"]))

    assert (row.line, row.get("MaHoSo"), row.get("NgayHenTra")) == (
        4, "H39.30-261101-0001", "30/11/2026",
    )  # fmt: skip


def test_bad_rows_are_named_by_the_row_of_the_sheet(target, tmp_path):
    rows = [["Tiêu đề"], HEADING, a_row(1), [], a_row(2, None), ["x", 4], a_row(3)]
    report = import_dossiers(workbook(tmp_path, rows), target, NOW)

    assert lines(report) == [5, 6]
    assert report.kept == {"a.xlsx": 2}


def test_merged_cells_fill_down_and_titles_between_rows_are_no_rows(tmp_path):
    rows = [
        HEADING,
        ["I. Lĩnh vực đất đai"],
        a_row(1),
        a_row(2, unit=None),
        HEADING,
        ["II. Lĩnh vực hộ tịch"],
        a_row(3, unit=None),
    ]
    read = found(workbook(tmp_path, rows, merged=["A2:F2", "E3:E4", "A6:F6"]))

    assert [(row.line, row.get("DonViXuLy")) for row in read] == [
        (3, "Phòng A"), (4, "Phòng A"), (7, ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "form", "kept"),
    [
        ("0012345678901", "General", "0012345678901"),
        (12345678901, "0000000000000", "0012345678901"),
        (12345678901, "General", "12345678901"),
        (20261101000013, "0", "20261101000013"),
    ],
)
def test_codes_keep_every_digit_they_showed(tmp_path, value, form, kept):
    path = workbook(tmp_path, [NEEDED, [value, 4]], formats={"A2": form})

    assert found(path)[0].get("MaHoSo") == kept


def test_a_code_that_lost_digits_is_a_bad_row(target, tmp_path):
    path = workbook(tmp_path, [NEEDED, [12345678901234567890, 4]])
    report = import_dossiers(path, target, NOW)

    assert "format the column as text" in str(report.problems["a.xlsx"][0])


def test_a_procedure_code_kept_as_a_number_gets_its_zeros_back(tmp_path):
    path = workbook(tmp_path, [HEADING, ["H39.30-261101-0001", 4, 46327.5, None, "", 1.00119]])
    (row,) = found(path)

    assert row.get("MaTTHC") == "1.001190"
    assert row.get("NgayTiepNhan") == "2026-11-01T12:00:00"


def test_a_sheet_is_chosen_by_name_and_the_first_otherwise(tmp_path):
    path = workbook(tmp_path, [NEEDED, ["H39.30-261101-0001", 4]], sheets=["Bìa", "Số liệu"])

    assert len(found(path, sheet="Số liệu")) == 1
    with pytest.raises(BadFile, match=r"a\.xlsx: no column MaHoSo, TrangThaiHoSo in the first"):
        found(path)
    with pytest.raises(BadFile, match="no sheet 'x'; there are Bìa, Số liệu"):
        found(path, sheet="x")


def test_wrong_dimensions_hide_no_row(tmp_path):
    path = workbook(tmp_path, [NEEDED, *(a_row(number)[:2] for number in range(1, 9))])
    changed_part(path, "xl/worksheets/sheet1.xml", b'ref="A1:B9"', b'ref="A1"')

    assert len(found(path)) == 8


def test_what_unpacks_to_too_much_is_refused_unread(tmp_path, monkeypatch):
    bomb = archive(tmp_path, {"xl/worksheets/sheet1.xml": bytes(20_000_000)})
    assert bomb.stat().st_size < 100_000
    monkeypatch.setattr(limits, "MOST_UNPACKED", 10_000_000)
    with pytest.raises(BadFile, match="unpacks to too much"):
        found(bomb)

    texts = archive(tmp_path, {"xl/sharedStrings.xml": bytes(3_000_000)})
    monkeypatch.setattr(limits, "_MOST_BESIDE", 1_000_000)
    with pytest.raises(BadFile, match="unpacks to too much"):
        found(texts)

    parts = archive(tmp_path, {f"xl/worksheets/{number}.xml": b"" for number in range(50)})
    monkeypatch.setattr(limits, "_MOST_PARTS", 20)
    with pytest.raises(BadFile, match="unpacks to too much"):
        found(parts)


@pytest.mark.parametrize("junk", ["<a/>", "<a><b/></a>", '<row r="1"/>'])
def test_a_sheet_of_nothing_fills_no_memory(tmp_path, junk):
    path = workbook(tmp_path, [NEEDED, a_row(1)])
    changed_part(path, SHEET, b"</sheetData>", junk.encode() * 200_000 + b"</sheetData>")
    loaded = Loaded(path.name, path.read_bytes())
    tracemalloc.start()

    assert len(list(loaded.rows(NEEDED))) == 1

    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 12_000_000


def test_a_row_without_an_end_is_refused(tmp_path):
    path = workbook(tmp_path, [NEEDED, a_row(1)])
    endless = b'<row r="3">' + b"<c/>" * 150_000 + b"</row></sheetData>"
    changed_part(path, SHEET, b"</sheetData>", endless)

    with pytest.raises(BadFile, match="without an end"):
        found(path)


def test_who_serves_others_too_holds_less(tmp_path):
    data = archive(tmp_path, {"xl/worksheets/sheet1.xml": bytes(3_000_000)}).read_bytes()

    with pytest.raises(BadFile, match="unpacks to too much"):
        list(Loaded("a.xlsx", data, most_unpacked=2_000_000).rows(NEEDED))


def test_endless_rows_and_merges_end(tmp_path, monkeypatch):
    path = workbook(tmp_path, [NEEDED, ["H39.30-261101-0001", 4]], merged=["D2:D9"])
    changed_part(path, "xl/worksheets/sheet1.xml", b'row r="2"', b'row r="999999999"')
    monkeypatch.setattr(limits, "_MOST_ROWS", 1_000)
    with pytest.raises(BadFile, match="more than 1,000 rows"):
        found(path)
    monkeypatch.setattr(limits, "_MOST_MERGED", 5)
    with pytest.raises(BadFile, match="too many merged cells"):
        found(path)


def test_entities_of_a_document_type_are_not_followed(tmp_path):
    path = workbook(tmp_path, [NEEDED, ["H39.30-261101-0001", 4]])
    declared = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><worksheet '
    changed_part(path, "xl/worksheets/sheet1.xml", b"<worksheet ", declared)
    changed_part(path, "xl/worksheets/sheet1.xml", b"H39.30-261101-0001", b"H39.30-261101-&e;")

    with pytest.raises(BadFile, match="document type|not a readable workbook"):
        found(path)


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.xlsx", b"PK\x03\x04 no archive", "a damaged workbook"),
        ("a.xls", b"\xd0\xcf\x11\xe0" + bytes(100), "save it as .xlsx"),
        ("a.xlsx", b"", "no column"),
        ("a.csv", b"\x01\0\x02", "not a UTF-8 text file"),
    ],
)
def test_other_files_are_refused_with_a_cure(tmp_path, name, data, reason):
    path = tmp_path / name
    path.write_bytes(data)

    with pytest.raises(BadFile, match=reason):
        list(read_rows(path, NEEDED))


def test_a_cut_workbook_is_refused_wherever_it_is_cut(tmp_path):
    whole = workbook(tmp_path, [HEADING, *map(a_row, range(1, 30))]).read_bytes()
    path = tmp_path / "cut.xlsx"
    for length in range(4, len(whole), len(whole) // 25):
        path.write_bytes(whole[:length])
        with pytest.raises(BadFile):
            found(path)


def test_mutated_workbooks_are_read_or_refused(tmp_path):
    rows = [["Tiêu đề"], HEADING, *map(a_row, range(1, 20))]
    whole = workbook(tmp_path, rows, merged=["A1:F1", "E3:E6"]).read_bytes()
    with zipfile.ZipFile(io.BytesIO(whole)) as opened:
        parts = {item.filename: opened.read(item) for item in opened.infolist()}
    drawn = random.Random(7)
    for number in range(150):
        name = drawn.choice(list(parts))
        at = drawn.randrange(len(parts[name]))
        part = bytearray(parts[name])
        part[at : at + drawn.randrange(20)] = drawn.choice((b"", b"9", b"<", b">", b"&", b'"'))
        path = archive(tmp_path, {**parts, name: bytes(part)}, f"{number}.xlsx")
        with contextlib.suppress(BadFile):
            found(path)


def test_a_damaged_workbook_changes_nothing(target, tmp_path):
    path = workbook(tmp_path, [HEADING, *map(a_row, range(1, 2000))])
    changed_part(path, "xl/worksheets/sheet1.xml", b'r="1900"', b'r="1900" <')
    before = target.read_bytes()

    with pytest.raises(BadFile, match="not a readable workbook"):
        import_dossiers(path, target, NOW)
    assert target.read_bytes() == before


def test_the_command_takes_a_sheet(target, tmp_path, monkeypatch):
    monkeypatch.setenv("MOTCUA_DATA_DIR", str(target.parent))
    path = workbook(tmp_path, [HEADING, a_row(1)], sheets=["Bìa", "Số liệu"])
    result = CliRunner().invoke(commands, ["import-dossiers", str(path), "--sheet", "Số liệu"])

    assert result.exit_code == 0
    assert "dossiers: 1 new, 0 changed, 0 unchanged" in result.output
