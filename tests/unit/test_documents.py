"""Documents as values: what makes two the same, what a notice begins with, what signatures say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timezone
from typing import Any

import pytest

from bot.core.documents.document import Document, DocumentState, IncomingDocument, notice_of
from bot.core.documents.signature import Signature, Signed, Verdict, together

NOW = datetime(2026, 11, 22, 2, tzinfo=timezone.utc)


def incoming(**changes: Any) -> IncomingDocument:
    values: dict[str, Any] = {
        "number": "12/TB-UBND",
        "day": date(2026, 11, 20),
        "signer": "Nguyễn Văn Mẫu",
        "abstract": "Về việc tạm ngừng cấp nước",
        "issuer": "UBND xã Bến Lức",
        "name": "12-TB.pdf",
        "data": b"%PDF-1.7 x",
        **changes,
    }
    return IncomingDocument(**values)


def kept(**changes: Any) -> Document:
    values: dict[str, Any] = {
        "id": 1,
        "number": "12/TB-UBND",
        "day": date(2026, 11, 2),
        "signer": "Nguyễn Văn Mẫu",
        "abstract": "Về việc tạm ngừng cấp nước",
        "issuer": "UBND xã Bến Lức",
        "file_name": "12-TB.pdf",
        "file_digest": "d" * 64,
        "version": 1,
        "state": DocumentState.WAITING,
        "signature": Signature(Verdict.NONE),
        "came_at": NOW,
        **changes,
    }
    return Document(**values)


def test_spaces_case_and_composition_make_no_other_document() -> None:
    one = incoming(number="12 / tb-ubnd", issuer="UBND  xã Bến Lức ")

    assert one.identity == incoming().identity


@pytest.mark.parametrize(
    "change",
    [{"number": "13/TB-UBND"}, {"day": date(2026, 11, 21)}, {"issuer": "UBND xã Đức Hòa"}],
)
def test_number_day_and_issuer_make_another_document(change: Any) -> None:
    assert incoming(**change).identity != incoming().identity


@pytest.mark.parametrize("change", [{"signer": "B"}, {"abstract": "B"}, {"data": b"%PDF-1.7 y"}])
def test_what_a_document_says_makes_its_mark(change: Any) -> None:
    assert incoming(**change).mark != incoming().mark
    assert incoming(name="other.pdf").mark == incoming().mark


def test_the_name_of_a_file_is_for_people_only() -> None:
    assert incoming(name="../../x/Công văn\u202e.pdf").file_name == "Công văn.pdf"
    assert incoming(name="/..").file_name == "van-ban.pdf"


def test_a_notice_begins_with_what_the_document_says() -> None:
    notice = notice_of(kept())

    assert (notice.title, notice.body) == ("Về việc tạm ngừng cấp nước", "")
    assert (notice.number, notice.document_date) == ("12/TB-UBND", "02/11/2026")
    assert notice.issuer == "UBND xã Bến Lức"
    assert (notice.attachment_name, notice.attachment_digest) == ("12-TB.pdf", "d" * 64)
    assert notice.audience.is_empty


def test_a_long_abstract_is_cut_in_the_title_and_whole_in_the_text() -> None:
    abstract = "Về việc " + "tạm ngừng cấp nước " * 20

    notice = notice_of(kept(abstract=abstract))

    assert len(notice.title) <= 200
    assert notice.title.endswith("…")
    assert notice.body == abstract.strip()


def test_an_abstract_cannot_cut_a_message() -> None:
    assert notice_of(kept(abstract="---")).title == ""


def test_several_signatures_are_worth_the_worst_of_them() -> None:
    each = [Signed("A", verdict) for verdict in (Verdict.VALID, Verdict.UNKNOWN, Verdict.INVALID)]

    assert [together(each[:n], whole=True).verdict.value for n in (0, 1, 2, 3)] == [
        "none", "valid", "unknown", "invalid",
    ]  # fmt: skip


def test_the_paper_is_needed_where_the_file_may_not_be_believed() -> None:
    needs = {each: Signature(each).needs_paper for each in Verdict}

    assert [each.value for each in needs if needs[each]] == ["unreadable", "invalid"]
    assert Signature(Verdict.VALID, whole=False).needs_paper


def test_signatures_survive_their_storage() -> None:
    signed = Signed("Nguyễn Văn Mẫu", Verdict.UNKNOWN, NOW, stamped=True, why="expired")
    signature = Signature(Verdict.UNKNOWN, (signed, replace(signed, at=None)), whole=False)

    assert Signature.from_json(signature.as_json()) == signature
