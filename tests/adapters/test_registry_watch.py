"""The watched folder: every file is read whole, once, and never in another's way."""

from __future__ import annotations

import logging
import os
import shutil
import sqlite3
from datetime import timedelta

import pytest
from click.testing import CliRunner

from bot.cli.registry import registry as commands
from bot.core.dossiers.codes import DossierCode
from bot.core.errors import DossierNotFound
from bot.registry.build import build, import_dossiers
from bot.registry.changes import Changes
from bot.registry.watch import FolderWatch
from bot.sources.register import RegisterSource
from tests.adapters.registry_parts import NOW, PROVINCE, built_registry
from tests.adapters.registry_sheets import HEADING, workbook

HEAD = "MaHoSo,TrangThaiHoSo\n"


class Desk:
    """A folder, a register and a watch whose time passes only by sleeping."""

    def __init__(self, root):
        self.folder, self.target = root / "in", root / "var" / "registry.db"
        self.folder.mkdir()
        self.target.parent.mkdir()
        shutil.copyfile(built_registry(), self.target)
        self.now = NOW
        self.failure: Exception | None = None
        self.changes = Changes(self.target)
        self.watch = self.anew()

    def anew(self):
        """Return a watch that remembers nothing, as after a restart."""
        return FolderWatch(self.folder, self.target, self.bring_in, lambda: self.now, self.sleep)

    def bring_in(self, file, now):
        if self.failure:
            raise self.failure
        return import_dossiers(file, self.target, now)

    def sleep(self, seconds):
        self.now += timedelta(seconds=seconds)

    def put(self, name, *rows):
        path = self.folder / name
        path.write_text(HEAD + "".join(f"{row}\n" for row in rows), encoding="utf-8")
        return path

    def status(self, code):
        try:
            return RegisterSource(self.target).fetch(DossierCode(code)).status
        except DossierNotFound:
            return None


@pytest.fixture
def desk(tmp_path):
    made = Desk(tmp_path)
    yield made
    made.changes.close()


ONE, TWO = "H39.30-261101-0001", "H39.30-261101-0002"


def test_a_file_is_imported_when_two_looks_found_it_the_same(desk):
    desk.put("a.csv", f"{ONE},4")
    first, second, third = desk.watch.look(), desk.watch.look(), desk.watch.look()

    assert (first.waiting, first.imported) == (1, 0)
    assert (second.imported, second.known) == (1, 0)
    assert (third.imported, third.known, third.waiting) == (0, 0, 0)
    assert desk.status(ONE) == 4


def test_a_file_still_being_written_is_left_until_it_stands_still(desk):
    path = desk.put("a.csv", f"{ONE},4")
    desk.watch.look()
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{TWO},")
    assert desk.watch.look().imported == 0
    with path.open("a", encoding="utf-8") as file:
        file.write("5\n")
    assert desk.watch.look().imported == 0

    assert desk.watch.look().imported == 1
    assert (desk.status(ONE), desk.status(TWO)) == (4, 5)


def test_a_file_that_moves_on_between_look_and_reading_is_not_read(desk):
    path = desk.put("a.csv", f"{ONE},4")
    desk.watch.look()
    look = next(iter(desk.watch._seen.values()))
    path.write_text(HEAD + f"{ONE},5\n{TWO},5\n", encoding="utf-8")

    assert desk.watch._read("a.csv", look) is None


def test_a_changed_file_is_imported_again_a_touched_one_is_not(desk):
    path = desk.put("a.csv", f"{ONE},4")
    desk.watch.once()
    last = desk.changes.last()
    os.utime(path, (1_800_000_000, 1_800_000_000))
    assert (desk.watch.once().known, desk.changes.since(last, 9)) == (1, [])
    desk.put("a.csv", f"{ONE},9")

    assert desk.watch.once().imported == 1
    assert [change.status for change in desk.changes.since(last, 9)] == [9]


def test_a_state_that_comes_back_is_a_change_too(desk):
    for status in (4, 5, 4):
        desk.put("a.csv", f"{ONE},{status}")
        assert desk.watch.once().imported == 1

    history = desk.changes.of(DossierCode(ONE))
    assert [change.status for change in history] == [4, 5, 4]


def test_a_file_that_appears_again_is_no_news(desk):
    path = desk.put("a.csv", f"{ONE},4")
    desk.watch.once()
    desk.put("b.csv", f"{ONE},9")
    desk.watch.once()
    kept = path.read_bytes()
    path.unlink()
    desk.watch.look()
    path.write_bytes(kept)
    (desk.folder / "copy of a.csv").write_bytes(kept)
    stamp = desk.target.stat().st_mtime_ns

    assert desk.watch.once().known == 2
    assert desk.anew().once().known == 3  # after a restart too
    assert desk.target.stat().st_mtime_ns == stamp
    assert desk.status(ONE) == 9


def test_what_was_imported_is_remembered_over_a_rebuild(desk):
    desk.put("a.csv", f"{ONE},4")
    desk.watch.once()
    build(PROVINCE, desk.target, NOW, force=True)

    assert (desk.anew().once().known, desk.status(ONE)) == (1, 4)


def test_the_error_of_one_file_does_not_stop_the_others(desk, caplog):
    (desk.folder / "a.csv").write_bytes(b"\0\1\2")
    (desk.folder / "b.xlsx").write_bytes(b"PK\x03\x04")
    desk.put("c.csv", f"{ONE},4", "Nguyễn Văn Mẫu,4", f"{TWO},")
    with caplog.at_level(logging.INFO):
        outcome = desk.watch.once()

    assert (outcome.failed, outcome.imported, outcome.bad_rows) == (2, 1, 2)
    assert desk.status(ONE) == 4
    assert "event=import_refused file=a.csv" in caplog.text
    assert "event=imported file=c.csv" in caplog.text
    assert "new=1 changed=0 unchanged=0 bad=2" in caplog.text
    assert "line=4 reason='TrangThaiHoSo is missing'" in caplog.text
    assert "Mẫu" not in caplog.text
    assert desk.watch.once().failed == 0  # refused once, looked at again when it changes


def test_a_failure_of_the_disk_is_tried_again_after_a_minute(desk):
    desk.put("a.csv", f"{ONE},4")
    desk.failure = sqlite3.OperationalError("database or disk is full")
    assert desk.watch.once().failed == 1
    desk.failure = None
    assert desk.watch.once().imported == 0
    desk.now += timedelta(minutes=1)

    assert desk.watch.once().imported == 1


def test_an_import_killed_midway_is_done_again(desk, monkeypatch):
    desk.put("a.csv", f"{ONE},4")
    monkeypatch.setattr("bot.registry.build.enter", _killed)
    with pytest.raises(KeyboardInterrupt):
        desk.watch.once()
    assert desk.status(ONE) is None
    monkeypatch.undo()

    assert desk.anew().once().imported == 1
    assert [change.status for change in desk.changes.of(DossierCode(ONE))] == [4]


def _killed(*arguments):
    raise KeyboardInterrupt


def test_links_folders_and_passing_files_are_left_alone(desk, tmp_path):
    outside = tmp_path / "outside.csv"
    outside.write_text(HEAD + f"{ONE},4\n", encoding="utf-8")
    (desk.folder / "link.csv").symlink_to(outside)
    (desk.folder / "sub").mkdir()
    (desk.folder / "sub.csv").mkdir()
    shutil.copyfile(outside, desk.folder / "sub" / "a.csv")
    for name in (".a.csv", "~$a.xlsx", "a.csv.part", "a.tmp", "a.txt"):
        shutil.copyfile(outside, desk.folder / name)
    os.mkfifo(desk.folder / "pipe.csv")
    outcome = desk.watch.once()

    assert (outcome.imported, outcome.failed, outcome.waiting) == (0, 0, 0)
    assert desk.status(ONE) is None


def test_a_file_that_becomes_a_link_is_not_followed(desk, tmp_path):
    path = desk.put("a.csv", f"{ONE},4")
    desk.watch.look()
    look = next(iter(desk.watch._seen.values()))
    path.unlink()
    path.symlink_to(tmp_path / "elsewhere.csv")

    with pytest.raises(OSError, match="symbolic links"):
        desk.watch._read("a.csv", look)


def test_sheets_are_watched_and_older_files_come_first(desk):
    old = desk.put("z.csv", f"{ONE},4")
    new = workbook(desk.folder, [HEADING, [ONE, 9]], name="a.xlsx")
    os.utime(old, (1_800_000_000, 1_800_000_000))
    os.utime(new, (1_800_000_100, 1_800_000_100))

    assert desk.watch.once().imported == 2
    assert desk.status(ONE) == 9


def test_a_folder_that_went_away_is_said_and_waited_for(desk, caplog):
    desk.folder.rmdir()
    assert desk.watch.look().failed == 1
    assert "event=watch_unreadable" in caplog.text
    desk.folder.mkdir()
    desk.put("a.csv", f"{ONE},4")

    assert desk.watch.once().imported == 1


def test_the_command_looks_twice_and_says_what_it_did(desk, monkeypatch):
    monkeypatch.setenv("MOTCUA_DATA_DIR", str(desk.target.parent))
    desk.put("a.csv", f"{ONE},4")
    run = ["watch", str(desk.folder), "--once", "--interval", "0.2"]
    result = CliRunner().invoke(commands, run)

    assert result.exit_code == 0
    assert "1 imported, 0 known, 0 refused" in result.output
    desk.put("b.csv", f"{TWO},")
    assert CliRunner().invoke(commands, run).exit_code == 1
