"""Building and importing: good rows are kept, bad rows are named, nothing is half done."""

import json
import os
import shutil
import sqlite3
import threading
import tracemalloc

import pytest
from click.testing import CliRunner

from bot.cli.registry import registry as commands
from bot.core.dossiers.codes import DossierCode
from bot.core.errors import DossierNotFound
from bot.registry import rows
from bot.registry.build import build, import_dossiers, import_procedures
from bot.registry.read import Registry
from bot.registry.rows import BadFile, load
from bot.sources.register import RegisterSource
from tests.adapters.registry_parts import NOW, PROVINCE, built_registry, written

HEAD = "MaHoSo,TrangThaiHoSo,NgayTiepNhan,NgayHenTra,ChuHoSo,MaTTHC,DonViXuLy\n"


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


def problems(report):
    return [(item.line, item.reason) for found in report.problems.values() for item in found]


def test_an_unchanged_province_is_not_built_again(target):
    stamp = target.stat().st_mtime_ns

    assert not build(PROVINCE, target, NOW).built
    assert target.stat().st_mtime_ns == stamp
    assert build(PROVINCE, target, NOW, force=True).built


def test_a_damaged_registry_is_built_anew(target):
    target.write_bytes(b"no database")

    assert build(PROVINCE, target, NOW).built
    assert Registry(target).find("1.001193")


def test_a_failed_build_leaves_the_old_file_and_no_draft(target, tmp_path):
    province = tmp_path / "province"
    shutil.copytree(PROVINCE, province)
    (province / "procedures.csv").write_text("name\nx\n", encoding="utf-8")

    with pytest.raises(BadFile, match="no column code"):
        build(province, target, NOW)

    assert Registry(target).find("1.001193")
    assert {path.name for path in target.parent.iterdir()} == {"registry.db", ".registry.db.lock"}


def test_a_missing_file_of_the_province_is_named(tmp_path):
    with pytest.raises(BadFile, match=r"province\.yml is missing|\.csv is missing"):
        build(tmp_path, tmp_path / "registry.db", NOW)


def test_reading_takes_the_memory_of_what_is_there(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"x" * 3_000_000)

    tracemalloc.start()
    try:
        loaded = load(path)
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()
    assert loaded.data == path.read_bytes()


def test_a_pipe_tells_no_size_and_is_read_to_its_end(tmp_path):
    path, told = tmp_path / "pipe.csv", b"x" * 200_000
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=[told])
    writer.start()

    assert load(path).data == told
    writer.join()


@pytest.mark.parametrize("size", [8, 9])
def test_a_file_larger_than_allowed_is_refused(tmp_path, monkeypatch, size):
    monkeypatch.setattr(rows, "_MOST_BYTES", 8)
    path = tmp_path / "a.csv"
    path.write_bytes(b"x" * size)

    if size > 8:
        with pytest.raises(BadFile, match="divide it"):
            load(path)
    else:
        assert load(path).data == b"x" * size


def test_dossiers_are_inserted_and_updated(target, fetch, tmp_path):
    text = HEAD + "H39.30-261101-0001,2,20261101080000,20261130170000,Tên Giả,1.001193,UBND\n"
    import_dossiers(written(tmp_path, "a.csv", text), target, NOW)
    assert fetch("H39.30-261101-0001").status == 2

    text = HEAD + "h39.30-261101-0001,Đã trả kết quả,01/11/2026,2026-11-30,Tên Giả,1.001193,UBND\n"
    import_dossiers(written(tmp_path, "b.csv", text), target, NOW)
    found = fetch("H39.30-261101-0001")
    assert (found.status, found.received_on.isoformat()) == (10, "2026-11-01")
    assert found.promised_on.isoformat() == "2026-11-30"
    assert "Tên Giả".encode() not in target.read_bytes()


def test_bad_rows_are_named_by_line_and_good_rows_kept(target, fetch, tmp_path):
    rows = [
        "H39.30-261101-0001,2,20261101080000,,,,",
        ",2,20261101080000,,,,",
        "H39.30-261101-0002,,20261101080000,,,,",
        "H39.30-261101-0003,2,2026-31-31,,,,",
        "080012345678,2,20261101080000,,,,",
        "1.001193,2,20261101080000,,,,",
        "H39.30-261101-0004,2",
        '"H39.30-261101-0005",Trạng thái lạ,"2026-11-01T08:00:00+07:00",,"Nguyễn\nVăn Mẫu",,',
        "H39.30-261101-0006,4,-3,,,,",
        "H39.30-261101-0007,11,,,,,",
    ]
    report = import_dossiers(written(tmp_path, "a.csv", HEAD + "\n".join(rows)), target, NOW)

    assert [line for line, _ in problems(report)] == [3, 4, 5, 6, 7, 8, 11]
    assert report.kept == {"a.csv": 3}
    assert fetch("H39.30-261101-0001").status == 2
    assert (fetch("H39.30-261101-0005").status, fetch("H39.30-261101-0005").status_label) == (
        None, "Trạng thái lạ",
    )  # fmt: skip
    assert fetch("H39.30-261101-0007").status is None
    assert all("080012345678" not in reason for _, reason in problems(report))


def test_json_rows_are_imported_with_their_lines(target, fetch, tmp_path):
    good = {
        "MaHoSo": "H53.11-261103-0009",
        "TrangThaiHoSo": 5,
        "NgayHenTra": None,
        "TaiLieuNop": [],
    }
    text = "[\n" + json.dumps(good) + ",\n" + json.dumps({"MaHoSo": "x"}) + ',\n{"MaHoSo": \n'
    report = import_dossiers(written(tmp_path, "a.json", text), target, NOW)

    assert fetch("H53.11-261103-0009").status == 5
    assert [line for line, _ in problems(report)] == [3, 4]


@pytest.mark.parametrize("text", ['{"data": [%s]}', "%s", "[%s]"])
def test_json_may_be_a_list_wrapped_or_one_object(target, fetch, tmp_path, text):
    row = json.dumps({"MaHoSo": "H53.11-261103-0010", "TrangThaiHoSo": "9"})
    import_dossiers(written(tmp_path, "a.json", text % row), target, NOW)

    assert fetch("H53.11-261103-0010").status == 9


def test_other_delimiters_and_a_byte_order_mark_are_read(target, fetch, tmp_path):
    text = "\ufeffMaHoSo;TrangThaiHoSo\nH53.11-261103-0011;2\n"
    import_dossiers(written(tmp_path, "a.csv", text), target, NOW)

    assert fetch("H53.11-261103-0011").status == 2


def test_imports_survive_a_new_build(target, fetch, tmp_path):
    text = HEAD + "H39.30-261101-0001,2,20261101080000,,,,\n"
    import_dossiers(written(tmp_path, "a.csv", text), target, NOW)
    build(PROVINCE, target, NOW, force=True)

    assert fetch("H39.30-261101-0001").status == 2
    with pytest.raises(DossierNotFound):
        fetch("H39.30-261101-0002")


def test_imported_procedures_are_found_and_end_their_absence(target, tmp_path):
    registry = Registry(target)
    assert list(registry.search("giấy phép lao động")) == []
    text = (
        "code,name_vi,short_name_vi,aliases_vi,topic,level,channels,source_url\n"
        "1.000105,Cấp giấy phép lao động cho người nước ngoài,,"
        "giấy phép lao động,labour,tinh,online,\n"
        "abc,Không có mã,,,,,,\n"
        "1.000106,,,,,,,\n"
        "1.000107,Thủ tục có đường dẫn lạ,,,,,,javascript:alert(1)\n"
        "5.000108,Thủ tục nội bộ,,,,,,\n"
    )
    report = import_procedures(written(tmp_path, "p.csv", text), target, NOW)

    assert [line for line, _ in problems(report)] == [3, 4, 5, 6]
    best = registry.search("em muốn hỏi giấy phép lao động ạ")[0]
    assert (best.procedure.code, best.procedure.field) == ("1.000105", "labour")
    assert registry.find_field("lao động").count == 1


def test_a_reader_keeps_a_whole_file_while_another_is_written(target, tmp_path):
    opened = sqlite3.connect(f"file:{target}?mode=ro&immutable=1", uri=True)
    before = opened.execute("select count(*) from dossiers").fetchone()
    text = HEAD + "H39.30-261101-0001,2,20261101080000,,,,\n"
    import_dossiers(written(tmp_path, "a.csv", text), target, NOW)

    assert opened.execute("select count(*) from dossiers").fetchone() == before
    opened.close()


@pytest.fixture
def run(target, monkeypatch):
    monkeypatch.setenv("MOTCUA_DATA_DIR", str(target.parent))

    def invoke(*arguments):
        return CliRunner().invoke(commands, list(arguments))

    return invoke


def test_the_commands_say_what_they_did(run, tmp_path):
    run("build")  # the registry of the tests was built without the desk's secret
    assert "up to date" in run("build").output
    text = HEAD + "H39.30-261101-0001,2,,,,,\nH39.30-261101-0002,,,,,,\n"
    result = run("import-dossiers", str(written(tmp_path, "a.csv", text)))

    assert result.exit_code == 1
    assert "a.csv: 1 kept, 1 bad" in result.output
    assert "line 3: TrangThaiHoSo is missing" in result.output


def test_a_clean_import_ends_well_and_a_wrong_file_does_not(run, tmp_path):
    good = HEAD + "H39.30-261101-0001,2,,,,,\n"
    assert run("import-dossiers", str(written(tmp_path, "a.csv", good))).exit_code == 0
    wrong = written(tmp_path, "b.csv", "a,b\n1,2\n")
    result = run("import-dossiers", str(wrong))
    assert result.exit_code == 1
    assert "no column MaHoSo, TrangThaiHoSo" in result.output
