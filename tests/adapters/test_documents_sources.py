"""Folders documents come from: every way of listing them, and every bad one."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.core.documents.source import Entry, EntryUnusable, Problem, StillWriting
from bot.core.errors import SourceUnavailable
from bot.sources.documents import FolderSource

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
PDF = b"%PDF-1.7\nx\n%%EOF\n"
ROW = {
    "SoKyHieu": "12/TB-UBND",
    "NgayBanHanh": "20/11/2026",
    "NguoiKy": "Nguyễn Văn Mẫu",
    "TrichYeu": "Về việc tạm ngừng cấp nước",
    "CoQuanBanHanh": "UBND xã Bến Lức",
}


def source(folder: Path, during: Callable[[], object] = lambda: None) -> FolderSource:
    """A folder; ``during`` happens while it waits to see what moves."""
    return FolderSource(folder, ZONE, lambda _seconds: during() and None)


def problems(found: Any) -> list[Problem]:
    return [each for each in found if isinstance(each, Problem)]


def only(found: Any) -> Entry:
    (entry,) = found
    assert isinstance(entry, Entry), entry
    return entry


def put(folder: Path, stem: str = "12-TB", data: bytes = PDF, **changes: Any) -> None:
    (folder / f"{stem}.pdf").write_bytes(data)
    row = json.dumps({**ROW, **changes}, ensure_ascii=False)
    (folder / f"{stem}.json").write_text(row, encoding="utf-8")


def test_a_description_lies_beside_its_pdf(tmp_path: Path) -> None:
    put(tmp_path)
    opened_by = source(tmp_path)

    entry = only(opened_by.entries(None))
    opened = opened_by.open(entry, "")

    assert opened
    document = opened.document
    assert (document.number, document.day) == ("12/TB-UBND", date(2026, 11, 20))
    assert (document.issuer, document.signer) == ("UBND xã Bến Lức", "Nguyễn Văn Mẫu")
    assert (document.name, document.data) == ("12-TB.pdf", PDF)


@pytest.mark.parametrize(
    "heading",
    [
        "number,date,signer,abstract,issuer,file",
        "SoKyHieu,NgayBanHanh,NguoiKy,TrichYeu,CoQuanBanHanh,TepDinhKem",
        "Số ký hiệu,Ngày ban hành,Người ký,Trích yếu,Cơ quan ban hành,Tệp đính kèm",
    ],
)
def test_a_list_names_its_files(tmp_path: Path, heading: str) -> None:
    row = "12/TB,20261120,Mẫu,Về việc,UBND,a.pdf"
    (tmp_path / "index.csv").write_text(f"{heading}\n{row}\n", encoding="utf-8-sig")
    (tmp_path / "a.pdf").write_bytes(PDF)
    listed = source(tmp_path)

    entry = only(listed.entries(None))

    assert (entry.number, entry.day, entry.signer) == ("12/TB", date(2026, 11, 20), "Mẫu")
    assert (entry.where, entry.line) == ("index.csv", 2)
    assert listed.open(entry, "")


def test_a_list_may_be_json(tmp_path: Path) -> None:
    rows = [{**ROW, "TepDinhKem": "a.pdf", "NgayBanHanh": "2026-11-20"}, {**ROW, "file": "b.pdf"}]
    (tmp_path / "index.json").write_text(json.dumps(rows), encoding="utf-8")

    assert [each.file for each in source(tmp_path).entries(None)] == ["a.pdf", "b.pdf"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"SoKyHieu": ""}, "SoKyHieu is missing"),
        ({"NgayBanHanh": "hôm qua"}, "no date"),
        ({"NgayBanHanh": "32/01/2026"}, "no date"),
        ({"TrichYeu": "x" * 2001}, "longer than 2000"),
        ({"CoQuanBanHanh": " "}, "CoQuanBanHanh is missing"),
        ({"TrichYeu": "a\x00b"}, "cannot be seen"),
        ({"TepDinhKem": "../secret.pdf"}, "must be the name of a file beside it"),
        ({"TepDinhKem": "/etc/passwd"}, "must be the name of a file beside it"),
        ({"TepDinhKem": "..\\secret.pdf"}, "must be the name of a file beside it"),
        ({"TepDinhKem": ".hidden.pdf"}, "must be the name of a file beside it"),
        ({"TepDinhKem": "x.exe"}, "is no PDF"),
    ],
)
def test_a_bad_entry_is_told_with_its_line_and_the_good_ones_stay(
    tmp_path: Path, change: dict[str, str], why: str
) -> None:
    rows = [{**ROW, "TepDinhKem": "a.pdf", **change}, {**ROW, "TepDinhKem": "b.pdf"}]
    lines = ",\n".join(json.dumps(row) for row in rows)
    (tmp_path / "index.json").write_text(f"[\n{lines}]", encoding="utf-8")

    bad, good = source(tmp_path).entries(None)

    assert isinstance(bad, Problem)
    assert bad.line == 2
    assert why in str(bad)
    assert isinstance(good, Entry)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("20261120", 20),
        ("20261120235900", 20),
        ("2026-11-20", 20),
        ("20/11/2026", 20),
        ("2026-11-19T17:00:00+00:00", 20),
        ("2026-11-20T23:00:00+07:00", 20),
    ],
)
def test_days_are_those_of_the_province(tmp_path: Path, text: str, day: int) -> None:
    put(tmp_path, NgayBanHanh=text)

    assert only(source(tmp_path).entries(None)).day == date(2026, 11, day)


def test_marks_nobody_sees_are_left_out(tmp_path: Path) -> None:
    put(tmp_path, TrichYeu="Về\u200b việc \u202eabc")

    assert only(source(tmp_path).entries(None)).abstract == "Về việc abc"


def test_a_pdf_that_is_missing_is_told(tmp_path: Path) -> None:
    put(tmp_path)
    (tmp_path / "12-TB.pdf").unlink()
    listed = source(tmp_path)

    with pytest.raises(EntryUnusable, match=r"12-TB\.pdf is not there"):
        listed.open(only(listed.entries(None)), "")


def test_what_is_still_being_written_is_left_for_later(tmp_path: Path) -> None:
    put(tmp_path, "ready")
    put(tmp_path, "moving", b"%PDF-1.7 half")

    def grow() -> None:
        with (tmp_path / "moving.pdf").open("ab") as file:
            file.write(b" more %%EOF")

    listed = source(tmp_path, grow)
    entries = {each.file: each for each in listed.entries(None) if isinstance(each, Entry)}

    assert listed.open(entries["ready.pdf"], "")
    with pytest.raises(StillWriting):
        listed.open(entries["moving.pdf"], "")
    listed = source(tmp_path)
    entries = {each.file: each for each in listed.entries(None) if isinstance(each, Entry)}
    assert listed.open(entries["moving.pdf"], "")


def test_a_pdf_without_its_end_is_still_being_written(tmp_path: Path) -> None:
    put(tmp_path, data=PDF[:-7])
    listed = source(tmp_path)

    with pytest.raises(StillWriting):
        listed.open(only(listed.entries(None)), "")


def test_a_list_that_grows_meanwhile_is_left_for_later(tmp_path: Path) -> None:
    (tmp_path / "index.csv").write_text("number\n")

    (found,) = source(
        tmp_path, lambda: (tmp_path / "index.csv").write_text("number,date\n")
    ).entries(None)

    assert isinstance(found, Problem)
    assert found.code == "waiting"


def test_nothing_is_waited_for_where_nothing_changed(tmp_path: Path) -> None:
    put(tmp_path)
    waited: list[float] = []
    listed = FolderSource(tmp_path, ZONE, waited.append)

    listed.entries(None)
    listed.entries(None)

    assert len(waited) == 1


def test_what_did_not_change_is_not_opened_again(tmp_path: Path) -> None:
    put(tmp_path)
    listed = source(tmp_path)
    entry = only(listed.entries(None))
    opened = listed.open(entry, "")
    assert opened

    assert listed.open(entry, opened.stamp) is None
    put(tmp_path, data=PDF + b"%%EOF")
    assert listed.open(only(listed.entries(None)), opened.stamp)


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    put(tmp_path, "secret")
    put(folder)
    (folder / "12-TB.pdf").unlink()
    (folder / "12-TB.pdf").symlink_to(tmp_path / "secret.pdf")
    (folder / "index.json").symlink_to(tmp_path / "secret.json")
    listed = source(folder)

    with pytest.raises(StillWriting):  # not among what the folder holds
        listed.open(only(listed.entries(None)), "")


def test_a_pipe_in_the_folder_holds_nobody_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "index.csv")

    assert source(tmp_path).entries(None) == []


@pytest.mark.parametrize(("data", "why"), [(b"<html>", "no PDF"), (bytes(11 << 20), "larger")])
def test_what_is_no_pdf_or_too_large_is_told(tmp_path: Path, data: bytes, why: str) -> None:
    put(tmp_path, data=data)
    listed = source(tmp_path)

    with pytest.raises(EntryUnusable, match=why):
        listed.open(only(listed.entries(None)), "")


def test_a_folder_that_is_gone_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable, match="MOTCUA_DOCUMENT_SOURCE"):
        source(tmp_path / "gone").entries(None)


@pytest.mark.parametrize("text", ["", "{", "[1, 2]", "not json", "\x00\x01"])
def test_a_list_that_is_none_is_a_problem_and_no_end(tmp_path: Path, text: str) -> None:
    (tmp_path / "index.json").write_text(text)
    put(tmp_path)

    found = source(tmp_path).entries(None)

    assert problems(found)
    assert [each for each in found if isinstance(each, Entry)]
