"""Files in the editor: kept, shown, taken away; hostile ones and hostile names do nothing."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from PIL import Image

from bot.console.notice_words import notice_words
from bot.core.notices.files import MOST_DOCUMENT, MOST_PICTURE
from bot.core.staff.roles import Role
from tests.adapters.console_parts import Browser
from tests.adapters.editor_parts import NEW, PREVIEW, SHOWN, EditorPages, send
from tests.adapters.notice_pages import path
from tests.unit.test_notice_files import a_bomb

PDF = b"%PDF-1.7\n%%EOF\n"
FILES = "/console/notices/files/"


@pytest.fixture
def console(tmp_path: Path) -> Iterator[EditorPages]:
    made = EditorPages(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def lan(console: EditorPages) -> Browser:
    return console.logged_in("lan", [Role.AUTHOR])


def a_picture(colour: int = 90) -> bytes:
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "Nha ong Ba"
    Image.new("RGB", (80, 60), colour).save(file, "JPEG", exif=exif)
    return file.getvalue()


def hidden(page: str, name: str) -> str:
    found = re.search(rf'type="hidden" name="{name}" value="([^"]*)"', page)
    return found[1] if found else ""


def test_a_document_and_a_picture_are_kept_and_handed_out(
    console: EditorPages, lan: Browser
) -> None:
    files = {"attachment_file": ("Thông báo 12.pdf", PDF), "picture_file": ("a.jpg", a_picture())}
    assert send(lan, **SHOWN, **files).status_code == 303
    notice = console.draft().notice

    assert notice.attachment_name == "Thông báo 12.pdf"
    assert notice.attachment_digest == hashlib.sha256(PDF).hexdigest()
    document = lan.get(FILES + notice.attachment_digest)
    assert document.data == PDF
    assert document.content_type == "application/pdf"
    assert document.headers["Content-Disposition"].startswith("attachment;")
    assert "Thông báo 12.pdf" in unquote(document.headers["Content-Disposition"])
    picture = lan.get(FILES + notice.picture_digest)
    assert picture.content_type == "image/jpeg"
    assert picture.headers["Content-Disposition"].startswith("inline")
    assert b"Nha ong Ba" not in picture.data
    for answer in (document, picture):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"].endswith("sandbox")
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Frame-Options"] == "DENY"


def test_files_are_for_all_staff_and_nobody_else(console: EditorPages, lan: Browser) -> None:
    send(lan, **SHOWN, attachment_file=("a.pdf", PDF))
    address = FILES + console.draft().notice.attachment_digest

    for role in Role:
        assert console.logged_in(role.value, [role]).get(address).status_code == 200
    assert console.browser().get(address).status_code == 303


@pytest.mark.parametrize(
    "digest", ["x", "0" * 64, "A" * 64, "0" * 63, "0" * 65, "..%2f..%2fmotcua.db", "%00" * 64]
)
def test_what_is_no_file_of_ours_is_not_found(lan: Browser, digest: str) -> None:
    assert lan.get(FILES + digest).status_code == 404


@pytest.mark.parametrize(
    ("field", "name", "data", "code"),
    [
        ("attachment_file", "a.pdf", b"<html><script>alert(1)</script>", "document_kind"),
        ("attachment_file", "a.pdf", b"<svg onload='alert(1)'/>", "document_kind"),
        ("attachment_file", "a.pdf", b"%PDF-" + bytes(MOST_DOCUMENT), "document_large"),
        ("picture_file", "a.png", PDF, "picture_kind"),
        ("picture_file", "a.jpg", b"<svg onload='alert(1)'/>", "picture_kind"),
        ("picture_file", "a.jpg", b"\xff\xd8\xff" + bytes(MOST_PICTURE), "picture_large"),
        ("picture_file", "a.jpg", b"\xff\xd8\xff" + bytes(500), "picture_broken"),
        ("picture_file", "a.png", a_bomb(30_000, 30_000), "picture_pixels"),
    ],
    ids=range(8),
)
def test_a_file_that_cannot_go_along_is_said_and_the_words_stay(
    console: EditorPages, lan: Browser, field: str, name: str, data: bytes, code: str
) -> None:
    answer = send(lan, **SHOWN, **{field: (name, data)})

    assert answer.status_code == 422
    assert f"{notice_words()['wrong'][code]}: {name}" in answer.text
    assert SHOWN["body"] in answer.text
    assert console.store.drafts.page() == []
    assert console.store.files.find(hashlib.sha256(data).hexdigest()) is None


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../../etc/cron.d/x.pdf", "x.pdf"),
        ("..\\..\\x.pdf", "x.pdf"),
        ("thong-bao\u202efdp.html", "thong-baofdp.html.pdf"),
        ("a.html", "a.html.pdf"),
        ("'\"><img src=x onerror=alert(1)>.pdf", "'\"><img src=x onerror=alert(1)>.pdf"),
    ],
)
def test_a_name_of_a_file_does_nothing(
    console: EditorPages, lan: Browser, name: str, shown: str
) -> None:
    # A browser writes a quote in a name as %22, the client here does not.
    sent = name.replace('"', "")
    shown = shown.replace('"', "")
    assert send(lan, **SHOWN, attachment_file=(sent, PDF)).status_code == 303
    notice = console.draft().notice

    assert notice.attachment_name == shown
    for page in (path(console.draft(), "edit"), path(console.draft())):
        assert "<img src=x" not in lan.get(page).text
    answer = lan.get(FILES + notice.attachment_digest)
    assert len(answer.headers.getlist("Content-Disposition")) == 1
    assert "/" not in unquote(answer.headers["Content-Disposition"]).replace("UTF-8''", "")


def test_a_name_in_the_form_is_as_harmless(console: EditorPages, lan: Browser) -> None:
    send(lan, **SHOWN, attachment_file=("a.pdf", PDF))
    draft = console.draft()
    evil = "../\u202e\"'><script>alert(1)</script>\r\nX-Evil: 1.html"
    fields = {
        **SHOWN,
        "seen": str(draft.version),
        "attachment": draft.notice.attachment_digest,
        "attachment_name": evil,
    }
    assert lan.submit(path(draft, "edit"), path(draft, "edit"), **fields).status_code == 303

    assert console.draft().notice.attachment_name == "script> X-Evil: 1.html.pdf"
    assert "<script>alert" not in lan.get(path(console.draft(), "edit")).text


def test_a_look_does_not_lose_the_files(console: EditorPages, lan: Browser) -> None:
    files = {"attachment_file": ("b.pdf", PDF), "picture_file": ("a.jpg", a_picture())}
    page = send(lan, **SHOWN, **files, only_preview="1").text
    assert console.store.drafts.page() == []
    kept = {name: hidden(page, name) for name in ("attachment", "attachment_name", "picture")}
    assert kept["attachment_name"] == "b.pdf"
    assert ">b.pdf</a><small>1 KB</small>" in page

    assert lan.submit(NEW, NEW, **SHOWN, **kept).status_code == 303

    notice = console.draft().notice
    assert (notice.attachment_digest, notice.picture_digest) == (
        kept["attachment"], kept["picture"],
    )  # fmt: skip


def test_a_file_is_replaced_kept_and_removed(console: EditorPages, lan: Browser) -> None:
    send(lan, **SHOWN, attachment_file=("a.pdf", PDF), picture_file=("a.jpg", a_picture()))
    first = console.draft()
    edit = path(first, "edit")

    send(lan, edit, edit, **{**SHOWN, "body": "Khác."}, seen=str(first.version))
    second = console.draft()
    assert second.notice.attachment_digest == first.notice.attachment_digest
    assert second.notice.picture_digest == first.notice.picture_digest

    other = {"attachment_file": ("c.pdf", PDF + b"2"), "picture_remove": "1"}
    send(lan, edit, edit, **SHOWN, seen=str(second.version), **other)
    third = console.draft().notice
    assert third.attachment_name == "c.pdf"
    assert third.attachment_digest == hashlib.sha256(PDF + b"2").hexdigest()
    assert third.picture_digest == ""
    assert third.fingerprint != second.notice.fingerprint

    gone = {"attachment_remove": "1", "attachment_name": "c.pdf"}
    send(lan, edit, edit, **SHOWN, seen=str(console.draft().version), **gone)
    fourth = console.draft().notice
    assert (fourth.attachment_digest, fourth.attachment_name) == ("", "")


@pytest.mark.parametrize("field", ["attachment", "picture"])
@pytest.mark.parametrize("which", ["unknown", "other_kind", "no_digest"])
def test_a_digest_somebody_made_up_attaches_nothing(
    console: EditorPages, lan: Browser, field: str, which: str
) -> None:
    now = console.now
    other = console.store.files.keep(PDF, "application/pdf", "x", None, now)
    if field == "attachment":
        other = console.store.files.keep(a_picture(), "image/jpeg", "x", None, now)
    digest = {"unknown": "0" * 64, "other_kind": other, "no_digest": "../x"}[which]

    answer = lan.submit(NEW, NEW, **SHOWN, **{field: digest})

    assert answer.status_code == 422
    assert "không còn trên máy chủ" in answer.text


def test_the_preview_shows_the_picture_of_the_form(console: EditorPages, lan: Browser) -> None:
    page = send(lan, **SHOWN, picture_file=("a.jpg", a_picture()), only_preview="1").text
    digest = hidden(page, "picture")

    piece = lan.submit(NEW, PREVIEW, **SHOWN, picture=digest)

    assert piece.status_code == 200
    assert f'src="{FILES}{digest}"' in page
    assert "Ảnh chỉ được gửi khi" in piece.text


def test_a_file_of_another_kind_is_never_shown_in_the_browser(
    console: EditorPages, lan: Browser
) -> None:
    html = b"<script>alert(1)</script>"
    digest = console.store.files.keep(html, "text/html", 'x"\r\ny.html', None, console.now)

    answer = lan.get(FILES + digest)

    assert answer.content_type == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")
