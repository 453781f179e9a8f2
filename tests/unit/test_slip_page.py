"""What a link shows: slips always, other codes within the budget, and never why not."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timezone

import pytest

from bot.core.dossiers.codes import DossierCode
from bot.core.dossiers.dossier import Dossier
from bot.core.dossiers.slip_page import Finding, SlipPages
from bot.core.dossiers.slips import Slips
from bot.core.errors import DossierNotFound, SourceUnavailable
from tests.builders import a_dossier

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=timezone.utc)
KNOWN = DossierCode("H53.16-260916-0012")
OTHER = DossierCode("H53.16-260916-0099")
SLIPS = Slips({"a": b"only for tests"}, "a", lambda digest: False)


@dataclass
class OneDossier:
    """A source that knows one dossier, and may be silent."""

    silent: bool = False
    name: str = "one"

    def fetch(self, code: DossierCode) -> Dossier:
        if self.silent:
            raise SourceUnavailable
        if code != KNOWN:
            raise DossierNotFound
        return a_dossier(code=KNOWN.value)


@dataclass
class Book:
    """Allows ``left`` more codes; remembers what was counted."""

    left: int = 100
    noted: list[tuple[str, str, bool]] = field(default_factory=list)

    def allowed(self, origin: str, now: datetime) -> bool:
        return self.left > 0

    def note(self, origin: str, code: DossierCode, now: datetime, *, wrong: bool) -> bool:
        self.noted.append((origin, code.key, wrong))
        self.left -= 1
        return self.left >= 0


def pages(book: Book | None = None, silent: bool = False) -> SlipPages:
    return SlipPages(SLIPS, [OneDossier(silent)], book or Book(), timezone.utc)


def test_a_slip_is_answered_and_costs_nothing() -> None:
    book = Book(left=0)

    view = pages(book).view(SLIPS.sign(KNOWN), "here", NOW)

    assert view.finding is Finding.FOUND
    assert view.dossier.code == KNOWN.value
    assert view.token == SLIPS.sign(KNOWN)
    assert book.noted == []


def test_a_forged_slip_is_a_plain_code() -> None:
    book = Book()

    view = pages(book).view(f"{KNOWN.value}.A.AAAAAAAAAAAAAAAA", "here", NOW)

    assert (view.finding, view.forged, view.token) == (Finding.FOUND, True, "")
    assert book.noted == [("here", KNOWN.key, False)]


def test_a_bare_code_shows_the_same_and_is_no_forgery() -> None:
    view = pages().view(KNOWN.value.lower(), "here", NOW)

    assert (view.finding, view.forged, view.token) == (Finding.FOUND, False, "")


def test_an_unknown_code_counts_as_wrong() -> None:
    book = Book()

    assert pages(book).view(OTHER.value, "here", NOW).finding is Finding.UNKNOWN
    assert book.noted == [("here", OTHER.key, True)]


def test_nothing_is_looked_up_when_too_many_were_tried() -> None:
    book = Book(left=0)

    for code in (KNOWN, OTHER):
        view = pages(book).view(code.value, "here", NOW)
        assert (view.finding, view.code) == (Finding.TOO_MANY, "")
    assert book.noted == []


def test_a_silent_source_is_not_an_unknown_code_and_costs_nothing() -> None:
    book = Book()

    view = pages(book, silent=True).view(KNOWN.value, "here", NOW)

    assert view.finding is Finding.SILENT
    assert book.noted == []


@pytest.mark.parametrize("text", ["", "favicon.ico", "..", "1.001193", "x" * 500, "\x00", "đơn"])
def test_what_is_no_code_is_unknown_and_costs_nothing(text: str) -> None:
    book = Book()

    view = pages(book).view(text, "here", NOW)

    assert (view.finding, view.code) == (Finding.UNKNOWN, "")
    assert book.noted == []


@pytest.mark.parametrize("end", [".A", ".A.", ".A.ABCD", "."])
def test_a_slip_cut_off_is_still_read_and_warned_about(end: str) -> None:
    view = pages().view(KNOWN.value + end, "here", NOW)

    assert (view.finding, view.forged) == (Finding.FOUND, True)
