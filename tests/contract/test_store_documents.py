"""Documents that came in: each content once, one notice of each, on each engine."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from bot.core.documents.document import Document, DocumentRefused, DocumentState, IncomingDocument
from bot.core.documents.signature import Signature, Signed, Verdict
from bot.core.notices.states import NoticeRefused, State
from bot.core.staff.roles import Role
from bot.core.work.document_lane import Turn
from bot.store import Store
from bot.store.schema import audit
from bot.store.schema_drafts import notice_drafts
from tests.contract.notice_builders import again, hand
from tests.contract.store_builders import NOW, later

UNSIGNED = Signature(Verdict.NONE)
BROKEN = Signature(Verdict.INVALID, (Signed("Mẫu", Verdict.INVALID, NOW, why="altered"),))


def incoming(**changes: Any) -> IncomingDocument:
    values: dict[str, Any] = {
        "number": "12/TB-UBND",
        "day": date(2026, 11, 20),
        "signer": "Nguyễn Văn Mẫu",
        "abstract": "Về việc tạm ngừng cấp nước",
        "issuer": "UBND xã Bến Lức",
        "name": "12-TB.pdf",
        "data": b"%PDF-1.7 one",
        **changes,
    }
    return IncomingDocument(**values)


def come(store: Store, signature: Signature = UNSIGNED, **changes: Any) -> Document:
    return store.documents.take_in(incoming(**changes), signature, NOW)[0]


def found(store: Store, document: Document) -> Document:
    now = store.documents.find(document.id)
    assert now
    return now


def actions(store: Store) -> list[str]:
    with store._db.read() as connection:
        rows = connection.execute(audit.select().order_by(audit.c.id)).all()
    return [row.action for row in rows if row.action.startswith("document_")]


def test_a_document_is_kept_with_its_file_and_its_signatures(store: Store) -> None:
    document, new = store.documents.take_in(incoming(), BROKEN, NOW)
    file = store.files.find(document.file_digest)

    assert new
    assert found(store, document) == document
    assert (document.state, document.version, document.came_at) == (DocumentState.WAITING, 1, NOW)
    assert document.signature == BROKEN
    assert document.day == date(2026, 11, 20)
    assert file
    assert (file.data, file.kind) == (b"%PDF-1.7 one", "application/pdf")


def test_the_same_content_comes_once(store: Store) -> None:
    first, _ = store.documents.take_in(incoming(), UNSIGNED, NOW)
    same = incoming(number="12/tb-ubnd ", name="copy.pdf")

    again_, new = store.documents.take_in(same, BROKEN, later(days=1))

    assert (again_, new) == (first, False)
    assert store.documents.knows(same)
    assert not store.documents.knows(incoming(number="13/TB-UBND"))
    assert store.documents.counts() == {"waiting": 1}
    assert actions(store) == ["document_came"]


def test_one_file_of_two_documents_is_kept_once(store: Store) -> None:
    one, other = come(store), come(store, number="13/TB-UBND")

    assert one.file_digest == other.file_digest
    assert store.documents.counts() == {"waiting": 2}


def test_a_changed_document_is_a_new_version_and_the_old_one_waits_no_more(store: Store) -> None:
    first = come(store)
    second = come(store, data=b"%PDF-1.7 two")

    assert (second.version, second.state) == (2, DocumentState.WAITING)
    assert found(store, first).state is DocumentState.REPLACED
    assert [each.version for each in store.documents.versions(first)] == [2, 1]
    with pytest.raises(DocumentRefused, match="replaced"):
        store.documents.draft(first.id, hand(store, "lan"), NOW, paper=True)


def test_a_version_that_was_taken_stays_taken_when_a_changed_one_comes(store: Store) -> None:
    first = come(store)
    draft = store.documents.draft(first.id, hand(store, "lan"), NOW, paper=False)

    second = come(store, data=b"%PDF-1.7 two")

    assert found(store, first).draft_id == draft.id
    assert found(store, second).state is DocumentState.WAITING


def test_a_notice_is_drafted_with_the_file_attached_and_the_origin_kept(store: Store) -> None:
    document, lan = come(store), hand(store, "lan")

    draft = store.documents.draft(document.id, lan, later(hours=1), paper=False)

    assert (draft.state, draft.author_id) == (State.DRAFT, lan.staff_id)
    assert draft.notice.title == "Về việc tạm ngừng cấp nước"
    assert draft.notice.document_date == "20/11/2026"
    assert draft.notice.attachment_digest == document.file_digest
    taken = found(store, document)
    assert (taken.state, taken.staff_id) == (DocumentState.TAKEN, lan.staff_id)
    assert taken.decided_at == later(hours=1)
    assert store.documents.of_draft(draft.id) == taken
    assert [each.act.value for each in store.drafts.history(draft.id)] == ["create"]
    assert actions(store) == ["document_came", "document_taken"]
    assert store.audit.verify() is None


def test_two_authors_at_once_make_one_draft(store: Store, open_again: Callable[[], Store]) -> None:
    document = come(store)
    hands = [hand(store, name) for name in ("lan", "minh", "tam", "thu")]
    stores = [open_again() for _ in hands]
    start = threading.Barrier(len(hands))
    made: list[int] = []
    refused: list[int | None] = []

    def take(number: int) -> None:
        start.wait()
        try:
            drafts = stores[number].documents
            made.append(drafts.draft(document.id, hands[number], NOW, paper=False).id)
        except DocumentRefused as error:
            refused.append(error.draft_id)

    threads = [threading.Thread(target=take, args=[number]) for number in range(len(hands))]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert len(made) == 1
    assert refused == made * 3
    with store._db.read() as connection:
        assert len(connection.execute(notice_drafts.select()).all()) == 1


def test_two_processes_that_find_the_same_document_keep_it_once(
    store: Store, open_again: Callable[[], Store]
) -> None:
    stores = [open_again() for _ in range(4)]
    start = threading.Barrier(4)
    news: list[bool] = []

    def take(each: Store) -> None:
        start.wait()
        news.append(each.documents.take_in(incoming(), UNSIGNED, NOW)[1])

    threads = [threading.Thread(target=take, args=[each]) for each in stores]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert sorted(news) == [False, False, False, True]
    assert store.documents.counts() == {"waiting": 1}


def test_a_cancelled_notice_frees_its_document(store: Store) -> None:
    document, lan = come(store), hand(store, "lan")
    draft = store.documents.draft(document.id, lan, NOW, paper=False)
    with pytest.raises(DocumentRefused, match="taken"):
        store.documents.draft(document.id, lan, NOW, paper=False)

    store.broadcasts.cancel(draft.id, lan, "nhầm", NOW)
    second = store.documents.draft(document.id, lan, NOW, paper=False)

    assert second.id != draft.id
    assert again(store, draft).state is State.CANCELLED


@pytest.mark.parametrize(
    "signature",
    [BROKEN, Signature(Verdict.UNREADABLE, why="broken"), Signature(Verdict.VALID, whole=False)],
)
def test_without_the_paper_a_doubtful_document_becomes_no_notice(
    store: Store, signature: Signature
) -> None:
    document, lan = come(store, signature), hand(store, "lan")

    with pytest.raises(DocumentRefused, match="paper"):
        store.documents.draft(document.id, lan, NOW, paper=False)
    assert store.drafts.page() == []
    assert found(store, document) == document

    store.documents.draft(document.id, lan, NOW, paper=True)
    assert found(store, document).paper


def test_only_authors_decide(store: Store) -> None:
    document, minh = come(store), hand(store, "minh", Role.APPROVER, Role.ADMIN, Role.OPERATOR)

    with pytest.raises(NoticeRefused, match="role"):
        store.documents.draft(document.id, minh, NOW, paper=True)
    with pytest.raises(NoticeRefused, match="role"):
        store.documents.skip(document.id, minh, "không cần", NOW)
    assert found(store, document) == document


def test_a_document_is_skipped_with_a_reason_and_can_still_be_taken(store: Store) -> None:
    document, lan = come(store), hand(store, "lan")

    with pytest.raises(DocumentRefused, match="reason_missing"):
        store.documents.skip(document.id, lan, "  ", NOW)
    store.documents.skip(document.id, lan, "Văn bản nội bộ", NOW)

    skipped = found(store, document)
    assert (skipped.state, skipped.reason) == (DocumentState.SKIPPED, "Văn bản nội bộ")
    assert store.documents.draft(document.id, lan, NOW, paper=False)
    with pytest.raises(DocumentRefused, match="taken"):
        store.documents.skip(document.id, lan, "lại", NOW)


def test_an_unknown_document_is_refused(store: Store) -> None:
    with pytest.raises(DocumentRefused, match="unknown"):
        store.documents.draft(99, hand(store, "lan"), NOW, paper=True)
    assert store.documents.find(99) is None


def test_signatures_can_be_judged_anew(store: Store) -> None:
    document = come(store, BROKEN)

    store.documents.check_again(document.id, UNSIGNED, later(days=1))

    assert found(store, document).signature == UNSIGNED


def test_pages_go_by_state_and_age(store: Store) -> None:
    made = [come(store, number=str(number)) for number in range(5)]
    store.documents.skip(made[2].id, hand(store, "lan"), "x", NOW)

    waiting = store.documents.page([DocumentState.WAITING], limit=2)
    rest = store.documents.page([DocumentState.WAITING], waiting[-1].id)

    assert [each.number for each in (*waiting, *rest)] == ["4", "3", "1", "0"]
    assert len(store.documents.page()) == 5
    assert store.documents.counts() == {"waiting": 4, "skipped": 1}


def test_a_draft_that_cannot_be_kept_takes_no_document(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = come(store)

    def fail(*_arguments: object, **_named: object) -> None:
        raise RuntimeError("killed")

    monkeypatch.setattr(store.documents, "_decide", fail)
    with pytest.raises(RuntimeError):
        store.documents.draft(document.id, hand(store, "lan"), NOW, paper=False)

    assert store.drafts.page() == []
    assert found(store, document).state is DocumentState.WAITING


def test_the_turn_to_look_is_one_processs(store: Store, open_again: Callable[[], Store]) -> None:
    other, rest = open_again(), timedelta(minutes=10)

    assert store.documents.begin("folder 1", NOW, NOW + rest) == Turn(None, 0)
    assert other.documents.begin("folder 1", NOW, NOW + rest) is None
    assert other.documents.begin("http 2", NOW, NOW + rest) == Turn(None, 0)

    store.documents.end("folder 1", 3, later(minutes=20), None)
    assert other.documents.begin("folder 1", later(minutes=19), later(minutes=29)) is None
    assert other.documents.begin("folder 1", later(minutes=20), later(hours=1)) == Turn(None, 3)
    other.documents.end("folder 1", 0, later(minutes=30), later(minutes=20))
    turn = store.documents.begin("folder 1", later(minutes=30), later(hours=1))
    assert turn == Turn(later(minutes=20), 0)
