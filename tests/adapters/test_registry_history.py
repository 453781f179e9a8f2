"""Imports leave a trace exactly once, and the trace outlives every rebuild."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from datetime import datetime, timedelta

import pytest

from bot.core.dossiers.codes import DossierCode
from bot.core.errors import SourceUnavailable
from bot.registry.build import build, import_dossiers
from bot.registry.changes import Changes
from bot.registry.owners import OwnerDigests
from bot.registry.rows import BadFile
from bot.sources.register import RegisterSource
from tests.adapters.registry_parts import NOW, PROVINCE, built_registry, written

HEAD = "MaHoSo,TrangThaiHoSo,NgayTiepNhan,NgayHenTra,ThoiDiemXuLy,DonViXuLy,SoDienThoai\n"
LATER = NOW + timedelta(days=1)
OWNERS = OwnerDigests("a secret")


@pytest.fixture
def target(tmp_path):
    path = tmp_path / "var" / "registry.db"
    path.parent.mkdir()
    shutil.copyfile(built_registry(), path)
    return path


@pytest.fixture
def changes(target):
    opened = Changes(target)
    yield opened
    opened.close()


@pytest.fixture
def bring(target, tmp_path):
    def import_rows(*rows, now=NOW, name="a.csv", head=HEAD):
        text = head + "".join(f"{row}\n" for row in rows)
        return import_dossiers(written(tmp_path, name, text), target, now, owners=OWNERS)

    return import_rows


@pytest.fixture
def fetch(target):
    source = RegisterSource(target, clock=lambda: NOW)
    return lambda code: source.fetch(DossierCode(code))


def a_row(number, status=4, promised="20261130170000", changed="20261120090000", unit="Phòng A"):
    return (
        f"H39.30-261101-{number:04},{status},20261101080000,{promised},{changed},{unit},0900000641"
    )


def contents(path):
    """Return every row of the file; numbers of bytes do not matter."""
    connection = sqlite3.connect(path)
    try:
        return list(connection.iterdump())
    finally:
        connection.close()


def test_the_same_file_again_changes_nothing(target, changes, bring):
    first = bring(a_row(1), a_row(2))
    before, stamp = target.read_bytes(), target.stat().st_mtime_ns
    again = bring(a_row(1), a_row(2), now=LATER)

    assert (first.dossiers.new, first.dossiers.noted) == (2, 2)
    assert (again.dossiers.new, again.dossiers.changed, again.dossiers.unchanged) == (0, 0, 2)
    assert again.dossiers.noted == 0
    assert (target.read_bytes(), target.stat().st_mtime_ns) == (before, stamp)
    assert len(changes.since(0, 100)) == 2


def test_a_changed_row_gives_one_change(changes, bring):
    bring(a_row(1), a_row(2))
    last = changes.last()
    report = bring(a_row(1, 9, changed="20261123101500"), a_row(2), now=LATER)
    (change,) = changes.since(last, 100)

    assert (report.dossiers.changed, report.dossiers.unchanged) == (1, 1)
    assert (change.code, change.key) == (
        "H39.30-261101-0001",
        "H392611010001".replace("H39", "H3930"),
    )
    assert (change.status, change.label, change.first) == (9, "Đã xử lý xong", False)
    assert change.changed_at == datetime.fromisoformat("2026-11-23T10:15:00+07:00")
    assert (change.noticed_at, change.number) == (LATER, last + 1)
    assert changes.last() == last + 1


def test_numbers_grow_and_pages_follow_each_other(changes, bring):
    last = changes.last()
    bring(*(a_row(number, changed=f"202611{30 - number:02}090000") for number in range(1, 8)))
    pages = [changes.since(last, 3), changes.since(last + 3, 3), changes.since(last + 6, 3)]

    assert [len(page) for page in pages] == [3, 3, 1]
    numbers = [change.number for page in pages for change in page]
    assert numbers == list(range(last + 1, last + 8))
    assert [change.code[-1] for page in pages for change in page] == list(
        "7654321"
    )  # as they came


def test_a_moved_promise_is_noted_a_new_unit_or_another_spelling_is_not(changes, bring, fetch):
    bring(a_row(1), a_row(2), a_row(3))
    last = changes.last()
    bring(a_row(1, promised="20261207170000"), a_row(2, unit="Phòng B"), a_row(3, "ĐANG XỬ LÝ"))

    assert [change.code[-1] for change in changes.since(last, 9)] == ["1"]
    assert fetch("H39.30-261101-0002").handling_unit == "Phòng B"


def test_a_code_twice_in_a_file_counts_once_with_its_last_row(changes, bring, fetch):
    rows = (a_row(1, 2), a_row(1, 4), a_row(2))
    report = bring(*rows)
    last = changes.last()
    again = bring(*rows, now=LATER)

    assert (report.kept, report.dossiers.new, report.dossiers.repeated) == ({"a.csv": 3}, 2, 1)
    assert fetch("h39.30-261101-0001").status == 4
    assert (again.dossiers.unchanged, changes.since(last, 9)) == (2, [])


def test_rows_absent_from_a_later_file_stay(bring, fetch):
    bring(a_row(1), a_row(2))
    bring(a_row(2, 9), name="b.csv", now=LATER)

    assert fetch("H39.30-261101-0001").status == 4
    assert fetch("H39.30-261101-0001").as_of == NOW
    assert fetch("H39.30-261101-0002").as_of == LATER


def test_a_later_file_that_repeats_a_dossier_says_how_fresh_it_is(bring, fetch, changes):
    bring(a_row(1))
    last = changes.last()
    bring(a_row(1), a_row(2), now=LATER)

    assert fetch("H39.30-261101-0001").as_of == LATER
    assert [change.code[-1] for change in changes.since(last, 9)] == ["2"]


def test_columns_a_file_lacks_keep_what_was_there(bring, fetch, changes):
    bring(a_row(1))
    bring("H39.30-261101-0001,9", head="MaHoSo,TrangThaiHoSo\n", name="steps.csv")
    found = fetch("H39.30-261101-0001")

    assert (found.status, found.handling_unit, found.promised_on.day) == (9, "Phòng A", 30)
    assert found.changed_at is None  # the time on file was that of the state before
    assert changes.of(DossierCode(found.code))[-1].changed_at is None


def test_an_empty_cell_clears_what_was_there(bring, fetch):
    bring(a_row(1))
    bring(a_row(1, promised=""))

    assert fetch("H39.30-261101-0001").promised_on is None


def test_an_old_file_brings_back_what_it_says_and_when(bring, fetch):
    bring(a_row(1, 4))
    bring(a_row(1, 9), name="b.csv", now=LATER)
    bring(a_row(1, 4), now=LATER + timedelta(days=1))

    found = fetch("H39.30-261101-0001")
    assert (found.status, found.as_of) == (4, NOW)


def test_a_rebuild_keeps_dossiers_history_and_numbers(target, changes, bring, fetch):
    bring(a_row(1))
    bring(a_row(1, 9), now=LATER)
    before, last = changes.since(0, 99), changes.last()
    build(PROVINCE, target, LATER, force=True, owners=OWNERS)

    assert (changes.since(0, 99), changes.last()) == (before, last)
    assert fetch("H39.30-261101-0001").status == 9
    assert bring(a_row(1, 9), now=LATER).dossiers.unchanged == 1
    bring(a_row(1, 10), now=LATER)
    assert [change.number for change in changes.since(last, 9)] == [last + 1]


def test_numbers_are_not_given_again_when_the_file_was_lost(target, changes, bring):
    bring(a_row(1), a_row(2))
    last = changes.last()
    target.unlink()
    build(PROVINCE, target, LATER)

    assert changes.last() > last
    bring(a_row(1), now=LATER)
    assert len(changes.since(last, 9)) == 1


def test_a_damaged_file_is_put_aside_and_numbers_go_on(target, changes, bring, caplog):
    bring(a_row(1))
    last = changes.last()
    target.write_bytes(b"no database")
    build(PROVINCE, target, LATER)

    assert changes.last() > last
    assert target.with_name("registry.db.damaged").read_bytes() == b"no database"
    assert "event=registry_damaged" in caplog.text


def test_a_registry_of_an_older_version_is_carried_over(target, changes, fetch):
    connection = sqlite3.connect(target)
    for statement in (
        "drop table history", "drop table imports", "alter table dossiers drop column note",
        "alter table dossiers drop column owner_phone",
        "alter table dossiers drop column owner_secret",
        "update dossiers set origin = 'import' where code = 'H53.08-261110-0117'",
        "update meta set value = '2' where name = 'version'",
    ):  # fmt: skip
        connection.execute(statement)
    connection.commit()
    connection.close()
    with pytest.raises(SourceUnavailable):
        changes.since(0, 1)
    with pytest.raises(BadFile, match="another version"):
        import_dossiers(PROVINCE / "dossiers.csv", target, NOW)
    build(PROVINCE, target, NOW, force=True)

    assert fetch("H53.08-261110-0117").note == ""
    assert changes.since(0, 9) == []


def test_a_changed_dossier_of_the_province_is_noticed_at_the_rebuild(target, changes, tmp_path):
    province = tmp_path / "province"
    shutil.copytree(PROVINCE, province)
    path = province / "dossiers.csv"
    rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
    old = next(row for row in rows if row.startswith("H53.08-261110-0117"))
    new = old.replace(",2,0,2,", ",4,0,2,")
    assert new != old
    path.write_text("".join(rows[:100]).replace(old, new), encoding="utf-8")
    build(province, target, LATER)
    (change,) = changes.since(0, 99)

    assert (change.code, change.status, change.first) == ("H53.08-261110-0117", 4, False)
    assert change.changed_at.date() == (LATER - timedelta(days=1)).date()
    codes = [row.split(",")[0] for row in rows[1:]]
    assert len(RegisterSource(target).states(codes)) == 99  # those taken out of the file are gone


_KILLED = """
import os, signal, sys
from datetime import datetime, timezone
from pathlib import Path
from bot.registry import build
build.enter = lambda *arguments: os.kill(os.getpid(), signal.SIGKILL)
source, target = map(Path, sys.argv[1:])
build.import_dossiers(source, target, datetime.now(timezone.utc))
"""


def test_an_import_killed_after_its_last_row_leaves_nothing(target, bring, fetch, tmp_path):
    bring(a_row(1))
    before = target.read_bytes()
    path = written(tmp_path, "b.csv", HEAD + a_row(1, 9) + "\n")
    command = [sys.executable, "-c", _KILLED, str(path), str(target)]

    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert target.read_bytes() == before
    assert bring(a_row(1, 9)).dossiers.changed == 1
    assert len(list(target.parent.glob(".registry.db.*"))) == 1  # the lock alone


def test_a_killed_import_leaves_the_register_as_it_was(target, bring, fetch):
    bring(a_row(1))
    draft = target.with_name(f".{target.name}.{os.getpid() + 1}")
    draft.write_bytes(b"half")
    draft.with_name(draft.name + "-journal").write_bytes(b"half")
    bring(a_row(1, 9))

    assert fetch("H39.30-261101-0001").status == 9
    assert {path.name for path in target.parent.iterdir()} == {"registry.db", ".registry.db.lock"}
