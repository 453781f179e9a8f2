"""Looking for documents: each content once, wherever and however often it is cut short."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import Any

from bot.core.documents.document import Document, DocumentState, IncomingDocument
from bot.core.documents.signature import Signature, Verdict
from bot.core.documents.source import WAITING, Entry, EntryUnusable, Opened, Problem, StillWriting
from bot.core.errors import SourceUnavailable
from bot.core.work.document_lane import DocumentLane, Fate, Intake, Turn

NOW = datetime(2026, 11, 22, 2, tzinfo=timezone.utc)
REST = timedelta(minutes=10)


def entry(file: str = "a.pdf", **changes: Any) -> Entry:
    values: dict[str, Any] = {
        "where": "index.csv",
        "line": 2,
        "number": file,
        "day": date(2026, 11, 20),
        "signer": "",
        "abstract": "Về việc",
        "issuer": "UBND",
        "file": file,
        **changes,
    }
    return Entry(**values)


@dataclass
class Source:
    """A source of files by name; what stands there instead of bytes is raised."""

    files: dict[str, bytes | Exception]
    more: list[Problem] = field(default_factory=list)
    silent: bool = False
    asked: list[datetime | None] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    name: str = "folder 1"

    def entries(self, since: datetime | None) -> list[Entry | Problem]:
        self.asked.append(since)
        if self.silent:
            raise SourceUnavailable("away")
        return [*self.more, *map(entry, self.files)]

    def open(self, each: Entry, before: str) -> Opened | None:
        found = self.files[each.file]
        if isinstance(found, Exception):
            raise found
        stamp = found.decode()
        if stamp == before:
            return None
        self.opened.append(each.file)
        values = {n: getattr(each, n) for n in ("number", "day", "signer", "abstract", "issuer")}
        return Opened(IncomingDocument(**values, name=each.file, data=found), stamp)


@dataclass
class Documents:
    """A store that remembers by mark, and one turn for everybody."""

    kept: list[IncomingDocument] = field(default_factory=list)
    due_at: datetime = NOW
    turn: Turn = field(default_factory=lambda: Turn(None, 0))
    breaks: Callable[[], None] = lambda: None

    def begin(self, source: str, now: datetime, again_at: datetime) -> Turn | None:
        if now < self.due_at:
            return None
        self.due_at = again_at
        return self.turn

    def end(
        self, source: str, failures: int, again_at: datetime, looked_at: datetime | None
    ) -> None:
        self.due_at, self.turn = again_at, Turn(looked_at or self.turn.looked_at, failures)

    def knows(self, document: IncomingDocument) -> bool:
        return any(each.mark == document.mark for each in self.kept)

    def take_in(
        self, document: IncomingDocument, signature: Signature, now: datetime, actor: str
    ) -> tuple[Document, bool]:
        self.breaks()
        earlier = sum(each.identity == document.identity for each in self.kept)
        self.kept.append(document)
        made = Document(
            len(self.kept), document.number, document.day, "", "", "", "", "", earlier + 1,
            DocumentState.WAITING, signature, now,
        )  # fmt: skip
        return made, True


@dataclass
class Desk:
    """The lane over both, and a clock."""

    source: Source
    documents: Documents = field(default_factory=Documents)
    now: datetime = NOW
    checked: list[bytes] = field(default_factory=list)
    stopping: bool = False

    def __post_init__(self) -> None:
        self.lane = DocumentLane(self.documents, self.source, self.check, REST)

    def check(self, data: bytes, now: datetime) -> Signature:
        self.checked.append(data)
        return Signature(Verdict.NONE)

    def step(self, **later: float) -> int:
        self.now += timedelta(**later)
        return self.lane.step(lambda: self.now, lambda: self.stopping)


def test_what_lies_there_is_taken_in_once() -> None:
    desk = Desk(Source({"a.pdf": b"a", "b.pdf": b"b"}))

    assert [desk.step(), desk.step(minutes=10), desk.step(minutes=10)] == [2, 0, 0]
    assert desk.checked == [b"a", b"b"]
    assert desk.source.opened == ["a.pdf", "b.pdf"]


def test_a_later_start_knows_what_was_kept_without_judging_it_again() -> None:
    first = Desk(Source({"a.pdf": b"a"}))
    first.step()

    later = Desk(first.source, first.documents, now=NOW + REST)

    assert later.step() == 0
    assert later.checked == []


def test_nobody_looks_before_it_is_time() -> None:
    desk = Desk(Source({"a.pdf": b"a"}))
    desk.step()

    desk.source.files["b.pdf"] = b"b"

    assert [desk.step(minutes=9), desk.step(minutes=1)] == [0, 1]


def test_a_changed_file_is_a_new_version() -> None:
    desk = Desk(Source({"a.pdf": b"a"}))
    intake = Intake(desk.documents, desk.source, desk.check)
    fates = [intake.take(entry(), NOW).fate]

    desk.source.files["a.pdf"] = b"changed"
    fates += [intake.take(entry(), NOW).fate, intake.take(entry(), NOW).fate]

    assert fates == [Fate.NEW, Fate.CHANGED, Fate.KNOWN]


def test_one_bad_entry_holds_up_nothing() -> None:
    bad = EntryUnusable(Problem("index.csv", 2, "not_pdf", "a.pdf is no PDF"))
    desk = Desk(Source({"a.pdf": bad, "b.pdf": b"b"}, [Problem("index.csv", 9, "row", "x")]))

    assert desk.step() == 1
    assert desk.documents.turn.looked_at == NOW


def test_the_next_list_begins_a_day_before_the_last_that_saw_everything() -> None:
    desk = Desk(Source({"a.pdf": b"a"}))
    desk.step()
    desk.step(minutes=10)

    assert desk.source.asked == [None, NOW - timedelta(days=1)]


def test_what_could_not_be_read_now_stays_in_the_next_list() -> None:
    for trouble in (SourceUnavailable("away"), StillWriting("a.pdf")):
        desk = Desk(Source({"a.pdf": trouble, "b.pdf": b"b"}))

        assert desk.step() == 1
        assert desk.documents.turn.looked_at is None
        desk.source.files["a.pdf"] = b"a"
        assert desk.step(minutes=10) == 1


def test_a_list_that_is_still_being_written_is_no_bad_entry() -> None:
    desk = Desk(Source({}))
    intake = Intake(desk.documents, desk.source, desk.check)

    outcome = intake.take(Problem("index.csv", 0, WAITING, "still being written"), NOW)

    assert outcome.fate is Fate.WAITING


def test_a_file_that_is_being_written_at_two_looks_is_told_of_once(caplog: Any) -> None:
    desk = Desk(Source({"a.pdf": StillWriting("a.pdf")}))

    told = []
    for _ in range(4):
        desk.step(minutes=10)
        told.append(len(caplog.records))

    assert told == [0, 1, 1, 1]
    assert "a.pdf" not in caplog.text


def test_a_silent_source_is_asked_less_and_less_often_but_not_never() -> None:
    desk = Desk(Source({}, silent=True))

    pauses = []
    for _ in range(8):
        desk.step()
        pauses.append((desk.documents.due_at - desk.now) // REST)
        desk.now = desk.documents.due_at

    assert pauses == [1, 2, 3, 4, 5, 6, 6, 6]
    desk.source.silent = False
    desk.step()
    assert desk.documents.turn.failures == 0


def test_cut_short_in_between_nothing_comes_twice_and_nothing_is_lost() -> None:
    names = [f"{number}.pdf" for number in range(8)]
    source, documents = Source({name: name.encode() for name in names}), Documents()

    for killed_at in (0, 3, 3, 7):
        desk = Desk(source, documents, now=documents.due_at)
        left = [killed_at]

        def die(left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] < 0:
                raise KeyboardInterrupt

        documents.breaks = die
        try:
            desk.step()
        except KeyboardInterrupt:
            continue
    documents.breaks = lambda: None
    Desk(source, documents, now=documents.due_at).step()

    assert sorted(each.name for each in documents.kept) == names


def test_somebody_who_leaves_takes_nothing_more_and_does_not_claim_to_have_seen_all() -> None:
    desk = Desk(Source({"a.pdf": b"a"}), stopping=True)

    assert desk.step() == 0
    assert desk.documents.turn.looked_at is None
