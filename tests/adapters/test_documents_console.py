"""The pages of documents: a notice of one with a click, doubtful signatures said aloud."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.console.document_parts import document_words
from bot.console.documents import add_documents
from bot.core.documents.document import Document, DocumentState, IncomingDocument
from bot.core.documents.signature import Signature, Signed, Verdict
from bot.core.staff.roles import Role
from bot.wiring.documents import build_document_pages
from tests.adapters.console_parts import START, Browser
from tests.adapters.notice_pages import Pages as NoticePages
from tests.adapters.test_console_policy import routes
from tests.privacy_page import tables_under

WORDS = document_words()
PDF = b"%PDF-1.7 page"


class Pages(NoticePages):
    """The console with its pages of notices and documents."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        add_documents(self.app, build_document_pages(self.parts.settings, self.store))

    def come(self, verdict: Verdict = Verdict.VALID, **changes: Any) -> Document:
        """Let a document come in, signed by one person."""
        whole, why = changes.pop("whole", True), changes.pop("why", "")
        values: dict[str, Any] = {
            "number": "12/TB-UBND",
            "day": date(2026, 11, 20),
            "signer": "Nguyễn Văn Mẫu",
            "abstract": "Về việc tạm ngừng cấp nước",
            "issuer": "UBND xã Bến Lức",
            "name": "12-TB.pdf",
            "data": PDF,
            **changes,
        }
        signed = (Signed("Nguyễn Văn Mẫu", verdict, START, why=why),)
        signature = Signature(verdict, () if verdict is Verdict.NONE else signed, whole)
        return self.store.documents.take_in(IncomingDocument(**values), signature, self.now)[0]

    def again(self, document: Document) -> Document:
        found = self.store.documents.find(document.id)
        assert found
        return found


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Pages]:
    made = Pages(tmp_path / "var")
    yield made
    made.store.close()


@pytest.fixture
def lan(console: Pages) -> Browser:
    return console.logged_in("lan", {Role.AUTHOR})


def act(browser: Browser, document: Document, name: str, **fields: str) -> Any:
    page = f"/console/documents/{document.id}"
    return browser.submit(page, f"{page}/{name}", **fields)


def test_all_staff_look_and_only_authors_act(console: Pages) -> None:
    needed = {
        endpoint.rpartition(".")[2]: view.needs
        for _, _, endpoint, view in routes(console)
        if endpoint.startswith("console_documents.")
    }

    assert needed.pop("draft") == needed.pop("skip") == {Role.AUTHOR}
    assert sorted(needed) == ["file", "listing", "show"]
    assert set(needed.values()) == {frozenset(Role)}


def test_somebody_else_sees_no_buttons_and_is_refused(console: Pages) -> None:
    document = console.come()
    minh = console.logged_in("minh", {Role.APPROVER, Role.ADMIN})

    page = minh.get(f"/console/documents/{document.id}")
    answer = minh.submit("/console/account", f"/console/documents/{document.id}/draft")

    assert page.status_code == 200
    assert "Soạn thông báo từ văn bản này" not in page.text
    assert answer.status_code == 403
    assert console.store.drafts.page() == []


def test_without_its_token_a_form_changes_nothing(console: Pages, lan: Browser) -> None:
    document = console.come()

    for name in ("draft", "skip"):
        path = f"/console/documents/{document.id}/{name}"
        assert lan.client.post(path, data={"reason": "x"}).status_code == 400
    assert console.again(document) == document


def test_what_waits_is_listed_with_what_its_signature_is_worth(
    console: Pages, lan: Browser
) -> None:
    for number, verdict in enumerate(Verdict):
        console.come(verdict, number=f"{number}/TB")

    text = lan.get("/console/documents").text

    for verdict in Verdict:
        assert WORDS["verdicts"][verdict.value]["title"] in text
    assert WORDS["not_whole"]["title"] not in text
    assert "0/TB · ngày 20/11/2026 · UBND xã Bến Lức · Nguyễn Văn Mẫu ký" in text
    assert 'href="/console/documents"' in lan.get("/console/").text


def test_the_list_goes_by_state(console: Pages, lan: Browser) -> None:
    waiting, skipped = console.come(abstract="Văn bản chờ"), console.come(number="2/TB")
    act(lan, skipped, "skip", reason="Nội bộ")

    assert f'href="/console/documents/{waiting.id}"' in lan.get("/console/documents").text
    assert f'href="/console/documents/{skipped.id}"' not in lan.get("/console/documents").text
    only = lan.get("/console/documents?state=skipped").text
    assert f'href="/console/documents/{waiting.id}"' not in only
    both = lan.get("/console/documents?state=all").text
    assert all(f'href="/console/documents/{each.id}"' in both for each in (waiting, skipped))


@pytest.mark.parametrize("query", ["?before=-1", "?before=x", "?before=99999999999999999999"])
def test_odd_addresses_show_a_list(lan: Browser, query: str) -> None:
    assert lan.get(f"/console/documents{query}").status_code == 200
    assert lan.get("/console/documents/99999999999999999999").status_code == 404
    assert lan.get("/console/documents/7/file").status_code == 404


def test_the_pdf_is_saved_and_never_opened_among_our_pages(console: Pages, lan: Browser) -> None:
    document = console.come(name='Công văn "12".pdf\r\nX: y')

    answer = lan.get(f"/console/documents/{document.id}/file")

    assert (answer.data, answer.content_type) == (PDF, "application/pdf")
    header = answer.headers["Content-Disposition"]
    assert header.startswith("attachment; filename*=UTF-8''C%C3%B4ng")
    assert "\r" not in header
    assert '"' not in header
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_notice_is_begun_from_a_document_and_its_editor_opens(
    console: Pages, lan: Browser
) -> None:
    document = console.come()

    answer = act(lan, document, "draft")

    (draft,) = console.store.drafts.page()
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/console/notices/{draft.id}/edit"
    editor = lan.get(answer.headers["Location"]).text
    for text in ("Về việc tạm ngừng cấp nước", "12/TB-UBND", "20/11/2026", "UBND xã Bến Lức"):
        assert text in editor
    assert draft.notice.attachment_digest == document.file_digest
    page = lan.get(f"/console/documents/{document.id}").text
    assert f'href="/console/notices/{draft.id}"' in page
    assert "Soạn thông báo từ văn bản này" not in page
    notice = lan.get(f"/console/notices/{draft.id}").text
    assert f'href="/console/documents/{document.id}"' in notice


def test_pressing_twice_leads_to_the_same_notice(console: Pages, lan: Browser) -> None:
    document = console.come()
    token = re.search(
        r'name="csrf_token" value="([^"]+)"', lan.get(f"/console/documents/{document.id}").text
    )
    assert token
    path, data = f"/console/documents/{document.id}/draft", {"csrf_token": token[1]}

    answers = [lan.client.post(path, data=data) for _ in range(2)]

    assert [each.headers["Location"] for each in answers] == ["/console/notices/1/edit"] * 2
    assert len(console.store.drafts.page()) == 1


def test_of_two_authors_the_second_is_told_of_the_first(console: Pages, lan: Browser) -> None:
    document = console.come()
    tam = console.logged_in("tam", {Role.AUTHOR})
    token = re.search(
        r'name="csrf_token" value="([^"]+)"', tam.get(f"/console/documents/{document.id}").text
    )
    assert token
    act(lan, document, "draft")

    answer = tam.client.post(
        f"/console/documents/{document.id}/draft", data={"csrf_token": token[1]}
    )

    assert answer.status_code == 409
    assert WORDS["refused"]["taken"] in answer.text
    assert 'href="/console/notices/1"' in answer.text
    assert len(console.store.drafts.page()) == 1


@pytest.mark.parametrize(
    ("verdict", "whole"),
    [(Verdict.INVALID, True), (Verdict.UNREADABLE, True), (Verdict.VALID, False)],
)
def test_a_doubtful_signature_is_said_aloud_and_needs_the_paper(
    console: Pages, lan: Browser, verdict: Verdict, whole: bool
) -> None:
    document = console.come(verdict, whole=whole, why="altered")

    page = lan.get(f"/console/documents/{document.id}").text
    refused = act(lan, document, "draft")
    accepted = act(lan, document, "draft", paper="1")

    assert 'role="alert"' in page
    shown = WORDS["verdicts"][verdict.value] if whole else WORDS["not_whole"]
    listed = lan.get("/console/documents?state=all").text
    assert f'<span class="chip bad">{shown["title"]}</span>' in listed
    assert WORDS["verdicts"]["valid"]["title"] not in listed
    assert "Anh/chị cần đối chiếu bản giấy" in page
    assert "Tôi đã đối chiếu bản giấy" in page
    assert refused.status_code == 422
    assert WORDS["refused"]["paper"] in refused.text
    assert accepted.status_code == 303
    assert console.again(document).paper
    assert "đã đối chiếu bản giấy." in lan.get(f"/console/documents/{document.id}").text


@pytest.mark.parametrize("verdict", [Verdict.VALID, Verdict.UNKNOWN, Verdict.NONE])
def test_others_need_no_paper_but_say_what_they_are(
    console: Pages, lan: Browser, verdict: Verdict
) -> None:
    document = console.come(verdict)

    page = lan.get(f"/console/documents/{document.id}").text

    assert "Tôi đã đối chiếu" not in page
    assert WORDS["verdicts"][verdict.value]["note"] in page
    assert (WORDS["revocation"] in page) == (verdict is not Verdict.NONE)


def test_skipping_needs_a_reason_and_keeps_it(console: Pages, lan: Browser) -> None:
    document = console.come()

    refused = act(lan, document, "skip", reason=" ")
    done = act(lan, document, "skip", reason="Văn bản <nội bộ>")

    assert refused.status_code == 422
    assert WORDS["refused"]["reason_missing"] in refused.text
    assert done.headers["Location"] == "/console/documents?said=skipped"
    assert console.again(document).state is DocumentState.SKIPPED
    page = lan.get(f"/console/documents/{document.id}").text
    assert "Văn bản &lt;nội bộ&gt;" in page
    assert "Soạn thông báo từ văn bản này" in page


def test_a_changed_document_leads_to_what_was_made_of_the_old_one(
    console: Pages, lan: Browser
) -> None:
    first = console.come()
    act(lan, first, "draft")

    second = console.come(data=b"%PDF-1.7 changed")

    page = lan.get(f"/console/documents/{second.id}").text
    assert "Bản thay đổi, lần 2" in page
    assert 'href="/console/notices/1"' in page
    assert "Bản thay đổi" in lan.get("/console/documents").text


def test_a_replaced_version_leads_to_the_new_one(console: Pages, lan: Browser) -> None:
    first = console.come()
    second = console.come(data=b"%PDF-1.7 changed")

    page = lan.get(f"/console/documents/{first.id}").text

    assert f'href="/console/documents/{second.id}"' in page
    assert "Soạn thông báo từ văn bản này" not in page


def test_what_a_document_says_cannot_run(console: Pages, lan: Browser) -> None:
    mark = '"><script>alert(1)</script>'
    document = console.come(
        abstract=mark, issuer=mark, signer=mark, number=mark, name=f"{mark}.pdf"
    )
    act(lan, document, "draft")

    for path in ("", "?state=all", f"/{document.id}"):
        assert "<script>alert" not in lan.get(f"/console/documents{path}").text
    assert "<script>alert" not in lan.get("/console/notices/1").text
    assert "<script>alert" not in lan.get("/console/notices/1/edit").text


def test_every_verdict_and_cause_has_its_words() -> None:
    assert set(WORDS["verdicts"]) == {each.value for each in Verdict}
    assert set(WORDS["states"]) == {each.value for each in DocumentState}
    package = Path(__file__).parents[2] / "bot" / "pdf"
    code = "".join(path.read_text() for path in package.glob("*.py"))
    causes = set(re.findall(r'(?:why=|_unreadable\(|INVALID, |UNKNOWN, )"(\w+)"', code))
    causes |= set(re.findall(r'"[A-Z_]+": "(\w+)"', code))
    assert causes <= {*WORDS["why"], *WORDS["unreadable"]}
    assert len(causes) > 8


def test_the_data_map_names_both_tables() -> None:
    listed = {row["table"] for row in tables_under("Tables")}

    assert {"`documents`", "`document_sources`"} <= listed
