"""Signatures of PDFs: real ones by a throw-away authority, and files that want to do harm."""

from __future__ import annotations

import zlib
from datetime import datetime, timezone
from pathlib import Path

import pytest

from bot.core.documents.signature import Verdict
from bot.pdf.check import PdfSignatures
from bot.pdf.trust import read_roots
from tests.signed_pdfs import (
    SIGNER,
    added_field,
    added_page,
    altered,
    authority,
    encrypted,
    plain_pdf,
    signed_pdf,
)

NOW = datetime(2026, 11, 22, 2, tzinfo=timezone.utc)


@pytest.fixture
def trusting(tmp_path: Path) -> PdfSignatures:
    return PdfSignatures(authority().keep_root(tmp_path / "trust"))


def test_a_page_without_a_signature_says_so(trusting: PdfSignatures) -> None:
    found = trusting(plain_pdf(), NOW)

    assert (found.verdict, found.signed, found.whole) == (Verdict.NONE, (), True)


@pytest.mark.parametrize("der", [False, True])
def test_a_signature_of_a_trusted_authority_is_valid(tmp_path: Path, der: bool) -> None:
    folder = authority().keep_root(tmp_path / "trust", der=der)

    found = PdfSignatures(folder)(signed_pdf(), NOW)

    (signed,) = found.signed
    assert (found.verdict, found.whole, signed.why) == (Verdict.VALID, True, "")
    assert (signed.name, signed.stamped) == (SIGNER, False)
    assert signed.at is not None


def test_without_roots_the_issuer_stays_unknown_and_that_is_said() -> None:
    found = PdfSignatures()(signed_pdf(), NOW)

    assert (found.verdict, found.signed[0].why) == (Verdict.UNKNOWN, "no_anchors")


def test_an_authority_nobody_trusts_stays_unknown(trusting: PdfSignatures) -> None:
    found = trusting(signed_pdf(authority("Người lạ")), NOW)

    assert (found.verdict, found.signed[0].why) == (Verdict.UNKNOWN, "unknown_issuer")


def test_a_folder_of_roots_that_went_missing_trusts_nobody(tmp_path: Path) -> None:
    assert PdfSignatures(tmp_path / "none")(signed_pdf(), NOW).verdict is Verdict.UNKNOWN


def test_a_certificate_past_its_time_is_not_trusted(tmp_path: Path) -> None:
    short = authority("Trần Thị Cũ", years=1)

    found = PdfSignatures(short.keep_root(tmp_path / "trust"))(signed_pdf(short), NOW)

    assert (found.verdict, found.signed[0].why) == (Verdict.UNKNOWN, "expired")


def test_one_changed_byte_makes_it_invalid(trusting: PdfSignatures) -> None:
    found = trusting(altered(signed_pdf()), NOW)

    assert (found.verdict, found.signed[0].why) == (Verdict.INVALID, "altered")
    assert found.needs_paper


def test_a_page_added_later_makes_it_invalid(trusting: PdfSignatures) -> None:
    found = trusting(added_page(signed_pdf()), NOW)

    assert (found.verdict, found.whole) == (Verdict.INVALID, False)


def test_a_second_signature_leaves_the_first_one_valid(trusting: PdfSignatures) -> None:
    twice = signed_pdf(data=signed_pdf(), field="Signature2")

    found = trusting(twice, NOW)

    assert [each.verdict for each in found.signed] == [Verdict.VALID, Verdict.VALID]
    assert found.whole


def test_of_two_signatures_the_doubtful_one_counts(trusting: PdfSignatures) -> None:
    twice = signed_pdf(authority("Người lạ"), signed_pdf(), "Signature2")

    assert trusting(twice, NOW).verdict is Verdict.UNKNOWN


def test_what_hangs_behind_the_end_is_told(trusting: PdfSignatures) -> None:
    found = trusting(signed_pdf() + b"\nmore%%EOF", NOW)

    assert not found.whole
    assert found.needs_paper


def test_an_empty_place_for_a_later_signature_changes_nothing(trusting: PdfSignatures) -> None:
    assert trusting(added_field(signed_pdf()), NOW).verdict is Verdict.VALID


def test_a_password_is_told(trusting: PdfSignatures) -> None:
    found = trusting(encrypted(), NOW)

    assert (found.verdict, found.why) == (Verdict.UNREADABLE, "encrypted")


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.7\n" + b"x" * 1000,
        b"%PDF-1.7\nstartxref\n99999999\n%%EOF",
        b"%PDF-1.7\nstartxref\n9\n%%EOF",
    ],
)
def test_broken_files_are_unreadable(trusting: PdfSignatures, data: bytes) -> None:
    assert trusting(data, NOW).why == "broken"


def test_a_signed_file_that_was_cut_off_is_never_taken_for_unsigned(
    trusting: PdfSignatures,
) -> None:
    data = signed_pdf()
    for end in range(len(data) // 4, len(data) - 1, len(data) // 4):
        found = trusting(data[:end], NOW)
        assert found.verdict in (Verdict.UNREADABLE, Verdict.INVALID), end


def test_what_is_no_pdf_or_too_large_is_not_even_opened(
    trusting: PdfSignatures, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("subprocess.run", None)

    assert trusting(b"<html>", NOW).why == "not_pdf"
    assert trusting(b"%PDF-" + bytes(10 * 2**20), NOW).why == "too_large"


def bomb(megabytes: int) -> bytes:
    """A file whose list of objects unpacks to far more than it has."""
    pressed = zlib.compress(bytes(megabytes << 20), 9)
    head = b"%PDF-1.7\n"
    body = (
        b"1 0 obj\n<< /Type /XRef /Size 2 /W [1 2 1] /Root 2 0 R /Filter /FlateDecode /Length "
        + str(len(pressed)).encode()
        + b" >>\nstream\n"
        + pressed
        + b"\nendstream\nendobj\n"
    )
    return head + body + b"startxref\n" + str(len(head)).encode() + b"\n%%EOF"


def test_a_bomb_costs_neither_memory_nor_patience(trusting: PdfSignatures) -> None:
    found = trusting(bomb(200), NOW)

    assert found.verdict is Verdict.UNREADABLE
    assert found.why in ("broken", "too_much", "too_long")


def test_a_process_that_takes_too_long_is_killed(tmp_path: Path) -> None:
    found = PdfSignatures(patience=0.01)(signed_pdf(), NOW)

    assert (found.verdict, found.why) == (Verdict.UNREADABLE, "too_long")


def test_pages_that_lead_in_circles_end(trusting: PdfSignatures) -> None:
    objects = [
        b"1 0 obj\n<< /Type /Catalog /Pages 2 0 R /AcroForm 3 0 R >>\nendobj\n",
        b"2 0 obj\n<< /Type /Pages /Kids [2 0 R] /Count 1 >>\nendobj\n",
        b"3 0 obj\n<< /Fields [4 0 R] >>\nendobj\n",
        b"4 0 obj\n<< /T (a) /Kids [4 0 R] >>\nendobj\n",
    ]
    data, places = b"%PDF-1.7\n", []
    for each in objects:
        places.append(len(data))
        data += each
    table = b"xref\n0 5\n0000000000 65535 f \n"
    table += b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % len(data)

    assert trusting(data + table + end, NOW).verdict in (Verdict.UNREADABLE, Verdict.NONE)


def test_roots_are_read_and_what_is_none_is_named(tmp_path: Path) -> None:
    folder = authority().keep_root(tmp_path / "trust")
    authority().keep_root(folder, der=True)
    (folder / "bad.crt").write_bytes(b"not a certificate")
    (folder / "readme.txt").write_text("nothing")

    roots, bad = read_roots(folder)

    assert (len(roots), bad) == (2, ["bad.crt"])
