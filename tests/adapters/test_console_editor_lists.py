"""Lists of citizens in the editor: reported first, kept when a person says so, never guessed."""

from __future__ import annotations

import base64
import html
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.console.notice_lists import MOST_BYTES, ListRefused, packed, read_list, unpacked
from bot.console.notice_words import notice_words
from bot.core.notices.uploads import read_ids
from bot.core.staff.roles import Role
from bot.store.schema import audit
from bot.store.schema_drafts import audience_lists
from tests.adapters.console_parts import Browser
from tests.adapters.editor_parts import SHOWN, EditorPages, send
from tests.adapters.notice_pages import path

ONLY_LIST = {**SHOWN, "followers": ""}


@pytest.fixture
def console(tmp_path: Path) -> Iterator[EditorPages]:
    made = EditorPages(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def lan(console: EditorPages) -> Browser:
    return console.logged_in("lan", [Role.AUTHOR])


@pytest.fixture
def people(console: EditorPages) -> list[int]:
    made = [console.store.citizens.open_session("web", name, console.now) for name in "abc"]
    return [each.id for each in made]


def waiting(answer: Any) -> str:
    found = re.search(r'name="list_ids" value="([^"]*)"', answer.text)
    return html.unescape(found[1]) if found else ""


def lists(console: EditorPages) -> int:
    with console.store._db.read() as connection:
        return int(connection.execute(select(func.count()).select_from(audience_lists)).scalar())


def test_a_list_is_reported_and_then_used(
    console: EditorPages, lan: Browser, people: list[int]
) -> None:
    text = "\n".join(["id", *map(str, people), "999999", "x<b>", str(people[0])])
    answer = send(lan, **ONLY_LIST, list_file=("a.txt", text.encode()), check_list="1")

    assert answer.status_code == 200
    assert "<strong>3</strong> người" in answer.text
    assert "1 mã số" in answer.text
    assert "Dòng 6</span><small>không phải mã số" in answer.text
    assert "Dòng 7</span><small>đã có ở dòng trước" in answer.text
    assert (lists(console), console.store.drafts.page()) == (0, [])

    used = send(lan, **ONLY_LIST, list_ids=waiting(answer), use_list="1")
    digest = re.search(r'name="uploaded" value="(\w+)"', used.text)
    assert digest
    assert digest[1] == read_ids(map(str, people)).digest  # of those it names today
    assert "Đang dùng danh sách 3 người" in used.text
    assert lists(console) == 1
    with console.store._db.read() as connection:
        rows = connection.execute(audit.select().where(audit.c.action == "list_kept")).all()
    assert [row.actor for row in rows] == [f"staff:{console.store.staff.find('lan').staff.id}"]

    assert send(lan, **ONLY_LIST, uploaded=digest[1]).status_code == 303
    audience = console.draft().notice.audience
    assert (audience.uploaded, audience.topics) == (digest[1], ())
    assert "Đang dùng danh sách 3 người" in lan.get(path(console.draft(), "edit")).text


def test_a_list_nobody_has_decided_on_is_neither_used_nor_forgotten(
    console: EditorPages, lan: Browser, people: list[int]
) -> None:
    data = "\n".join(map(str, people)).encode()
    first = send(lan, **SHOWN, list_file=("a.csv", data))
    assert first.status_code == 200
    assert "Dùng danh sách này" in first.text

    again = send(lan, **SHOWN, list_ids=waiting(first))
    assert "Dùng danh sách này" in again.text
    assert console.store.drafts.page() == []

    dropped = send(lan, **SHOWN, list_ids=waiting(first), drop_list="1")
    assert "Dùng danh sách này" not in dropped.text
    assert send(lan, **SHOWN).status_code == 303
    assert console.draft().notice.audience.uploaded == ""
    assert lists(console) == 0


def test_those_who_said_stop_are_counted(
    console: EditorPages, lan: Browser, people: list[int]
) -> None:
    from sqlalchemy import update

    from bot.store.schema import citizens

    with console.store._db.write() as connection:
        own = citizens.c.id == people[0]
        connection.execute(update(citizens).where(own).values(stopped_at=console.now))

    data = "\n".join(map(str, people)).encode()
    answer = send(lan, **SHOWN, list_file=("a.csv", data), check_list="1")

    assert "1 người đã nhắn DỪNG" in answer.text


def test_a_list_of_nobody_is_not_used(console: EditorPages, lan: Browser) -> None:
    answer = send(lan, **SHOWN, list_file=("a.csv", b"5\n6"), check_list="1")
    assert "Dùng danh sách này" not in answer.text

    send(lan, **SHOWN, list_ids=waiting(answer), use_list="1")

    assert lists(console) == 0


def test_a_list_is_taken_out_again(console: EditorPages, lan: Browser, people: list[int]) -> None:
    ids = packed(read_ids(map(str, people)))
    used = send(lan, **SHOWN, list_ids=ids, use_list="1")
    digest = re.search(r'name="uploaded" value="(\w+)"', used.text)
    assert digest
    send(lan, **SHOWN, uploaded=digest[1])
    draft = console.draft()
    edit = path(draft, "edit")

    send(lan, edit, edit, **SHOWN, seen=str(draft.version), uploaded=digest[1], list_remove="1")

    assert console.draft().notice.audience.uploaded == ""


@pytest.mark.parametrize("digest", ["x", "../..", "<script>", "0" * 63])
def test_a_digest_that_is_none_is_no_list(console: EditorPages, lan: Browser, digest: str) -> None:
    assert send(lan, **SHOWN, uploaded=digest).status_code == 303
    assert console.draft().notice.audience.uploaded == ""


@pytest.mark.parametrize(
    ("data", "ids", "bad"),
    [
        (b"1\n2\n3", (1, 2, 3), []),
        ("\ufeffid\r\n7\r\n\r\n8\r\n".encode(), (7, 8), []),
        ("mã số\n5\n".encode("utf-16"), (5,), []),
        (b"delivery,citizen,channel\n1,11,web\n2,12,zalo\n", (11, 12), []),
        ("Tên;Mã người dân\nLan;4\nMinh;x\n".encode(), (4,), [3]),
        (b'name,id\n"two\nlines",4\nx,y\n', (4,), [4]),
        (b"id,name\n1\n,\n2,b\n", (1, 2), []),
        (b"=1+1\n-3\n0\n1e3\n1.5\n99999999999999999999\n6", (6,), [2, 3, 4, 5, 6]),
    ],
)
def test_lists_are_read_row_by_row(data: bytes, ids: tuple[int, ...], bad: list[int]) -> None:
    found = read_list(data)

    assert found.ids == ids
    assert [row.line for row in found.bad] == bad


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"name,phone\nLan,0900000001\n", "no_column"),
        (b"id,citizen\n1,2\n", "no_column"),
        (b"\xff\xd8\xff\xe0", "unreadable"),
        (b"PK\x03\x04\xff", "unreadable"),
        (b"id\n", "empty"),
        (b"id,x\n" + b'"' + b"x" * 200_000, "unreadable"),
        (b"\n".join(b"%d" % number for number in range(1, 1_000_002)), "too_many"),
    ],
    ids=range(7),
)
def test_what_is_no_list_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(ListRefused) as error:
        read_list(data)
    assert error.value.code == code
    assert notice_words()["lists"]["wrong"][code]


def test_a_file_that_is_no_list_is_said_and_keeps_nothing(
    console: EditorPages, lan: Browser
) -> None:
    answer = send(lan, **SHOWN, list_file=("a.xlsx", b"PK\x03\x04\xff\xfe"))

    assert answer.status_code == 422
    assert notice_words()["lists"]["wrong"]["unreadable"] in answer.text
    assert console.store.drafts.page() == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("x", "unreadable"),
        ("<script>", "unreadable"),
        (base64.b64encode(b"no zlib").decode(), "unreadable"),
        (base64.b64encode(zlib.compress(b"1 x")).decode(), "too_many"),
        (base64.b64encode(zlib.compress(b" " * (MOST_BYTES + 1))).decode(), "too_many"),
    ],
    ids=range(5),
)
def test_a_waiting_list_somebody_made_up_is_refused(text: str, code: str) -> None:
    with pytest.raises(ListRefused) as error:
        unpacked(text)
    assert error.value.code == code


def test_ids_somebody_made_up_are_read_as_strictly() -> None:
    made = base64.b64encode(zlib.compress(b"5 -9 0 20")).decode()
    assert unpacked(made).ids == (5, 16)
    many = read_ids(map(str, range(1, 200_001)))
    assert unpacked(packed(many)).ids == many.ids
    assert len(packed(many)) < 10_000
