"""The search for planted words finds them however they are written."""

from __future__ import annotations

import json
import sqlite3
import unicodedata
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.traces import in_bytes, in_files, in_tables

NAME, PHONE = "Phan Ngọc Tường Lam", "0918273645"


@pytest.mark.parametrize(
    "data",
    [
        NAME.encode(),
        NAME.upper().encode(),
        unicodedata.normalize("NFD", NAME).encode(),
        f"x{NAME}y".encode("utf-16-le"),
        NAME.encode("utf-16-be"),
        json.dumps({"a": NAME}).encode(),
        quote(NAME).encode(),
        b"\xff\x00" + NAME.lower().encode(),
    ],
)
def test_a_name_is_found(data: bytes) -> None:
    assert in_bytes(data, [NAME, "Somebody Else"]) == {NAME}


@pytest.mark.parametrize(
    "text", [PHONE, "0918 273 645", "0918.273.645", "(0918) 273-645", "x 09182736459"]
)
def test_a_number_is_found_with_gaps(text: str) -> None:
    assert in_bytes(f"gọi {text} ạ".encode(), [PHONE]) == {PHONE}


def test_numbers_of_different_lines_are_not_joined() -> None:
    assert in_bytes(b"at=0918273\nport=645", [PHONE]) == set()


def test_tables_and_files_are_searched(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    connection = sqlite3.connect(path)
    connection.execute("create table t (one, two)")
    connection.execute("insert into t values (?, ?)", [json.dumps({"a": NAME}), PHONE.encode()])
    connection.commit()
    connection.close()

    assert set(in_tables(path, [NAME, PHONE])) == {("t", "one", NAME), ("t", "two", PHONE)}
    assert set(in_files(tmp_path, [PHONE])) == {("a.db", PHONE)}
