"""Attacks on what an approver sees, and on the pages themselves: none of them gets through."""

from __future__ import annotations

import base64
import re
import tracemalloc
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.console import notice_files
from bot.console.notice_lists import ListRefused, unpacked
from bot.core.documents.signature import Signature, Verdict
from bot.core.notices.approval import Hand
from bot.core.notices.notice import Notice
from bot.core.notices.states import State
from bot.core.staff.roles import Role
from bot.store.schema import audit
from tests.adapters.console_parts import Browser
from tests.adapters.editor_parts import NEW, PREVIEW, SHOWN, EditorPages, send
from tests.adapters.notice_pages import do, path, submitted
from tests.adapters.test_console_editor_lists import ONLY_LIST, waiting
from tests.adapters.test_console_policy import OPEN, SAFE, routes
from tests.adapters.test_documents_console import Pages as DocumentPages
from tests.adapters.test_documents_console import act

PDF = b"%PDF-1.7 another"


@pytest.fixture
def console(tmp_path: Path) -> Iterator[EditorPages]:
    made = EditorPages(tmp_path)
    made.app.config["PROPAGATE_EXCEPTIONS"] = False
    yield made
    made.store.close()


@pytest.fixture
def lan(console: EditorPages) -> Browser:
    return console.logged_in("lan", [Role.AUTHOR])


@pytest.fixture
def minh(console: EditorPages) -> Browser:
    return console.logged_in("minh", [Role.APPROVER])


def listed(browser: Browser, data: bytes) -> str:
    """Bring a list along, use it, and return its digest."""
    report = send(browser, **ONLY_LIST, list_file=("a.txt", data), check_list="1")
    used = send(browser, **ONLY_LIST, list_ids=waiting(report), use_list="1")
    found = re.search(r'name="uploaded" value="(\w+)"', used.text)
    assert found
    return found[1]


def test_nobody_joins_a_list_after_its_notice_was_approved(
    console: EditorPages, lan: Browser, minh: Browser
) -> None:
    first = console.store.citizens.open_session("web", "a", console.now)
    data = "\n".join(str(first.id + number) for number in range(5)).encode()
    digest = listed(lan, data)
    assert send(lan, **ONLY_LIST, uploaded=digest).status_code == 303
    assert do(lan, console.draft(), "submit").status_code == 303
    assert do(minh, console.draft(), "approve").status_code == 303

    for name in "bcd":
        console.store.citizens.open_session("web", name, console.now)
    again = listed(lan, data)

    assert again != digest
    assert console.draft().state is State.APPROVED
    assert console.store.lists.size(digest) == 1
    assert console.store.lists.size(again) == 4


def test_whoever_was_erased_is_on_no_list(console: EditorPages, lan: Browser) -> None:
    gone, here = (console.store.citizens.open_session("web", n, console.now) for n in "ab")
    data = f"{gone.id}\n{here.id}".encode()
    digest = listed(lan, data)
    assert console.store.privacy.erase(gone.id, console.now)

    assert listed(lan, data) != digest
    assert console.store.lists.size(digest) == 1


def test_a_list_that_could_come_later_is_not_submitted(console: EditorPages, lan: Browser) -> None:
    assert send(lan, **ONLY_LIST, uploaded="0" * 64).status_code == 303

    answer = do(lan, console.draft(), "submit")

    assert answer.status_code == 422
    assert "Danh sách người nhận không còn" in answer.text
    assert console.draft().state is State.DRAFT


def test_a_change_in_between_is_not_submitted_unlooked_at(
    console: EditorPages, lan: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(lan, **SHOWN)
    good = console.draft()
    bad = replace(good.notice, issuer="")  # blocks
    find = console.store.drafts.find

    def overtaken(draft_id: int) -> object:
        seen = find(draft_id)
        if seen and seen.version == good.version:
            who = console.store.staff.find("lan").staff
            hand = Hand.of(who)
            console.store.drafts.edit(good.id, hand, bad, good.version, console.now)
        return seen

    page = path(good)
    token = re.search(r'name="csrf_token" value="([^"]+)"', lan.get(page).text)
    assert token
    monkeypatch.setattr(console.store.drafts, "find", overtaken)
    values = {"csrf_token": token[1], "seen": str(good.version + 1)}
    answer = lan.client.post(path(good, "submit"), data=values)

    assert answer.status_code == 409
    assert find(good.id).state is State.DRAFT


def test_letters_that_hide_or_turn_a_text_are_not_kept(
    console: EditorPages, lan: Browser, minh: Browser
) -> None:
    words = {
        "title": "Mưa\0 lớn \u202eở xã Một chiều nay",
        "body": "Kê\x1b cao\u2067.\r\nGọi 114.",
    }
    draft = submitted(console, lan, **words)

    assert draft.notice.title == "Mưa lớn ở xã Một chiều nay"
    assert draft.notice.body == "Kê cao.\nGọi 114."
    assert Notice.from_json(draft.notice.as_json()).fingerprint == draft.fingerprint
    assert do(minh, draft, "return", reason="\0 ").status_code == 409  # no reason at all
    assert do(minh, draft, "return", reason="Sai\0.").status_code == 303
    assert console.draft().reason == "Sai."


@pytest.mark.parametrize("field", ["send_at", "expires_at"])
def test_a_moment_before_all_moments_is_said(lan: Browser, field: str) -> None:
    assert send(lan, **{**SHOWN, field: "0001-01-01T00:00"}).status_code == 422


def test_numbers_beyond_every_row_are_not_found(lan: Browser, minh: Browser) -> None:
    far = "9" * 30
    assert send(lan, f"{PREVIEW}?draft=-{far}", **SHOWN).status_code == 404
    assert send(lan, f"{PREVIEW}?draft={far}", **SHOWN).status_code == 404
    assert lan.get(f"/console/notices/{far}").status_code == 404
    moment = {"choice": "arrived", "at": "0001-01-01T00:00:00+23:59"}
    answer = minh.submit("/console/account", "/console/unsure/1/all", **moment)
    assert answer.status_code == 400


def test_a_small_field_does_not_become_millions_of_steps() -> None:
    bomb = base64.b64encode(zlib.compress(b"1 " * 5_000_000)).decode()
    assert len(bomb) < 20_000

    tracemalloc.start()
    with pytest.raises(ListRefused, match="too_many"):
        unpacked(bomb)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 40 * 2**20
    whole = base64.b64encode(zlib.compress(b" ".join([b"1"] * 1_000_000))).decode()
    assert len(unpacked(whole).ids) == 1_000_000


def test_a_file_nobody_published_stays_in_no_cache(console: EditorPages, lan: Browser) -> None:
    send(lan, **SHOWN, attachment_file=("a.pdf", PDF))
    digest = console.draft().notice.attachment_digest

    answer = lan.get(f"/console/notices/files/{digest}")

    assert answer.headers["Cache-Control"] == "no-store"
    assert lan.get(NEW).headers["Cache-Control"] == "no-store"


def test_one_person_does_not_fill_the_disk(
    console: EditorPages, lan: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notice_files, "MOST_A_DAY", 2 * len(PDF) + 1)
    for number in b"12":
        answer = send(lan, **SHOWN, attachment_file=("a.pdf", PDF + bytes([number])))
    assert answer.status_code == 422
    assert "quá 300 MB" in answer.text
    mai = console.logged_in("mai", [Role.AUTHOR])
    assert send(mai, **SHOWN, attachment_file=("a.pdf", PDF + b"3")).status_code == 303

    console.wait(hours=25)
    lan.log_in("lan")
    assert send(lan, **SHOWN, attachment_file=("a.pdf", PDF + b"2")).status_code == 303


@pytest.mark.parametrize("code", ["A%00CDEFG", "A'--", "A" * 400], ids=range(3))
def test_the_store_is_asked_for_codes_only(
    console: EditorPages, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    """PostgreSQL takes no NUL: whoever sent one got an error of ours."""
    asked: list[str] = []
    monkeypatch.setattr(console.store.announcements, "by_code", asked.append)

    for ending in ("", "/anh", "/van-ban"):
        assert console.browser().get(f"/n/{code}{ending}").status_code == 404
    assert asked == []


def test_every_route_of_the_whole_desk_keeps_the_policy(tmp_path: Path) -> None:
    console = DocumentPages(tmp_path)
    everybody = console.logged_in("lan", set(Role))
    nobody = console.browser()
    checked = set()
    for method, where, endpoint, view in routes(console):
        if method not in SAFE:
            for data in ({}, {"csrf_token": "guess"}):
                answer = everybody.client.open(where, method=method, data=data)
                assert answer.status_code == 400, endpoint
        elif endpoint not in OPEN:
            assert view.needs, endpoint
            assert nobody.get(where).status_code == 303, endpoint
        checked.add(endpoint.partition(".")[0])
    assert checked >= {"console_unsure", "console_notice_files", "console_documents"}

    console.app.config["WTF_CSRF_METHODS"] = set()
    for method, where, endpoint, _ in routes(console):
        if endpoint not in OPEN:
            answer = nobody.client.open(where, method=method)
            assert answer.status_code == 303, endpoint
    console.store.close()


def test_another_file_under_a_documents_name_is_said(tmp_path: Path) -> None:
    console = DocumentPages(tmp_path)
    lan = console.logged_in("lan", [Role.AUTHOR])
    assert act(lan, console.come(), "draft").status_code == 303
    draft = console.draft()
    assert "không phải tệp của văn bản" not in lan.get(path(draft)).text

    edit = path(draft, "edit")
    other = {"seen": str(draft.version), "attachment_file": ("12-TB.pdf", PDF)}
    assert send(lan, edit, edit, **SHOWN, **other).status_code == 303

    assert "không phải tệp của văn bản" in lan.get(path(draft)).text
    console.store.close()


def test_a_signature_judged_anew_leaves_a_line(tmp_path: Path) -> None:
    console = DocumentPages(tmp_path)
    document = console.come(Verdict.UNKNOWN)
    documents = console.store.documents

    documents.check_again(document.id, document.signature, console.now, "command:root")
    documents.check_again(document.id, Signature(Verdict.VALID), console.now, "command:root")

    with console.store._db.read() as connection:
        query = select(audit).where(audit.c.action == "document_checked")
        rows = connection.execute(query).all()
    assert [(row.actor, row.subject) for row in rows] == [("command:root", "document:1")]
    assert console.again(document).signature.verdict is Verdict.VALID
    console.store.close()
