"""Official documents that came in: each content once, each at most one open notice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from bot.core.documents.document import (
    Document,
    DocumentRefused,
    DocumentState,
    IncomingDocument,
    notice_of,
)
from bot.core.documents.signature import Signature
from bot.core.notices.approval import Hand, check_notice, check_role
from bot.core.notices.draft import Draft
from bot.core.notices.files import PDF
from bot.core.notices.states import Act, State
from bot.core.work.document_lane import Turn
from bot.store import audit, draft_rows
from bot.store.database import Database
from bot.store.schema_documents import document_sources, documents
from bot.store.schema_drafts import notice_drafts
from bot.store.schema_files import notice_files

_LONGEST_REASON = 1000
_SAME = tuple(
    "id number day signer abstract issuer file_name file_digest version came_at staff_id "
    "decided_at paper draft_id".split()
)


class Documents:
    """Keeps documents, and the looks at where they come from."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def begin(self, source: str, now: datetime, again_at: datetime) -> Turn | None:
        """Take the turn to look at a source, or None if it is not due or somebody else's."""
        row = {"source": source, "due_at": now, "failures": 0}
        insert = self._db.insert(document_sources).values(row)
        own = document_sources.c.source == source
        take = update(document_sources).where(own, document_sources.c.due_at <= now)
        with self._db.write() as connection:
            connection.execute(insert.on_conflict_do_nothing())
            if not connection.execute(take.values(due_at=again_at)).rowcount:
                return None
            found = connection.execute(select(document_sources).where(own)).one()
        return Turn(found.looked_at, found.failures)

    def end(
        self, source: str, failures: int, again_at: datetime, looked_at: datetime | None
    ) -> None:
        """Note how a look went; ``looked_at`` only if it saw everything."""
        values: dict[str, Any] = {"failures": failures, "due_at": again_at}
        if looked_at is not None:
            values["looked_at"] = looked_at
        own = document_sources.c.source == source
        with self._db.write() as connection:
            connection.execute(update(document_sources).where(own).values(**values))

    def knows(self, document: IncomingDocument) -> bool:
        """Return whether this very content was taken in."""
        query = select(documents.c.id).where(*_identity(document))
        with self._db.read() as connection:
            found = connection.execute(query.where(documents.c.mark == document.mark)).first()
        return found is not None

    def take_in(
        self,
        document: IncomingDocument,
        signature: Signature,
        now: datetime,
        actor: str = "worker",
    ) -> tuple[Document, bool]:
        """Keep a document with its file; False beside it if it was kept before.

        A version that nobody looked at yet gives way to the changed one.
        """
        own = _identity(document)
        with self._db.write() as connection:
            self._db.one_at_a_time(connection, "documents")
            query = select(documents).where(*own).order_by(documents.c.version)
            earlier = connection.execute(query).all()
            for row in earlier:
                if row.mark == document.mark:
                    return _as_document(row), False
            self._keep_file(connection, document, now)
            row = self._insert(connection, document, signature, len(earlier) + 1, now)
            waiting = documents.c.state == DocumentState.WAITING.value
            given_way = update(documents).where(*own, waiting, documents.c.id != row.id)
            connection.execute(given_way.values(state=DocumentState.REPLACED.value))
            detail = {"version": row.version, "file": document.digest}
            detail["signature"] = signature.verdict.value
            subject = _subject(row.id)
            audit.add(self._db, connection, actor, "document_came", subject, detail, now)
            return _as_document(row), True

    def check_again(
        self, document_id: int, signature: Signature, now: datetime, actor: str = "command"
    ) -> None:
        """Replace what is known of the signatures, for trust may have changed since."""
        values = {"signature": signature.as_json(), "checked_at": now}
        own = documents.c.id == document_id
        with self._db.write() as connection:
            before = _as_document(_locked(connection, document_id)).signature
            connection.execute(update(documents).where(own).values(**values))
            if signature == before:
                return
            detail = {"before": before.verdict.value, "signature": signature.verdict.value}
            subject = _subject(document_id)
            audit.add(self._db, connection, actor, "document_checked", subject, detail, now)

    def draft(self, document_id: int, hand: Hand, now: datetime, *, paper: bool) -> Draft:
        """Begin a notice from a document, once; again only after that notice was cancelled.

        ``paper``: the author says that the paper was compared; where the signature is broken
        there is no notice without. Raises DocumentRefused, NoticeRefused (``role``).
        """
        check_role(hand, Act.CREATE)
        with self._db.write() as connection:
            document = _as_document(_locked(connection, document_id))
            _check_free(connection, document)
            if document.signature.needs_paper and not paper:
                raise DocumentRefused("paper")
            notice = notice_of(document)
            check_notice(notice)
            draft = draft_rows.insert(self._db, connection, hand, notice, now)
            values = {"state": DocumentState.TAKEN.value, "draft_id": draft.id, "paper": paper}
            self._decide(connection, document_id, hand, now, "document_taken", **values)
            return draft

    def skip(self, document_id: int, hand: Hand, reason: str, now: datetime) -> None:
        """Say that a waiting document needs no notice, and why."""
        check_role(hand, Act.CREATE)
        if not reason.strip():
            raise DocumentRefused("reason_missing")
        with self._db.write() as connection:
            document = _as_document(_locked(connection, document_id))
            _check_free(connection, document)
            values = {"state": DocumentState.SKIPPED.value, "draft_id": None}
            values["reason"] = reason.strip()[:_LONGEST_REASON]
            self._decide(connection, document_id, hand, now, "document_skipped", **values)

    def find(self, document_id: int) -> Document | None:
        """Return one document, or None."""
        return self._first(documents.c.id == document_id)

    def of_draft(self, draft_id: int) -> Document | None:
        """Return the document a notice was drafted from, or None."""
        return self._first(documents.c.draft_id == draft_id)

    def versions(self, document: Document) -> list[Document]:
        """Return a document in all the versions that came, the newest first."""
        one = select(documents).where(documents.c.id == document.id).subquery()
        keys = ("number_key", "day", "issuer_key")
        same = [documents.c[name] == one.c[name] for name in keys]
        return self._all(select(documents).join(one, same[0] & same[1] & same[2]))

    def page(
        self,
        states: Sequence[DocumentState] = (),
        before_id: int | None = None,
        limit: int = 50,
    ) -> list[Document]:
        """Return documents in these states (none named: all), the newest first."""
        query = select(documents).limit(limit)
        if states:
            query = query.where(documents.c.state.in_([state.value for state in states]))
        if before_id is not None:
            query = query.where(documents.c.id < before_id)
        return self._all(query)

    def counts(self) -> dict[str, int]:
        """Return how many documents are in each state."""
        query = select(documents.c.state, func.count()).group_by(documents.c.state)
        with self._db.read() as connection:
            return dict(connection.execute(query).all())

    def _first(self, where: Any) -> Document | None:
        query = select(documents).where(where).order_by(documents.c.id.desc())
        with self._db.read() as connection:
            row = connection.execute(query).first()
        return _as_document(row) if row else None

    def _all(self, query: Any) -> list[Document]:
        with self._db.read() as connection:
            rows = connection.execute(query.order_by(documents.c.id.desc())).all()
        return [_as_document(row) for row in rows]

    def _keep_file(self, connection: Any, document: IncomingDocument, now: datetime) -> None:
        row = {
            "digest": document.digest,
            "kind": PDF,
            "name": document.file_name,
            "size": len(document.data),
            "data": document.data,
            "staff_id": None,
            "at": now,
        }
        insert = self._db.insert(notice_files).values(row)
        connection.execute(insert.on_conflict_do_nothing())

    def _insert(
        self,
        connection: Any,
        document: IncomingDocument,
        signature: Signature,
        version: int,
        now: datetime,
    ) -> Any:
        number_key, day, issuer_key = document.identity
        row = {
            "number": document.number,
            "day": day,
            "issuer": document.issuer,
            "number_key": number_key,
            "issuer_key": issuer_key,
            "mark": document.mark,
            "version": version,
            "signer": document.signer,
            "abstract": document.abstract,
            "file_name": document.file_name,
            "file_digest": document.digest,
            "signature": signature.as_json(),
            "checked_at": now,
            "state": DocumentState.WAITING.value,
            "came_at": now,
            "paper": False,
        }
        made = connection.execute(documents.insert().values(row)).inserted_primary_key[0]
        return connection.execute(select(documents).where(documents.c.id == made)).one()

    def _decide(
        self,
        connection: Any,
        document_id: int,
        hand: Hand,
        now: datetime,
        action: str,
        **values: Any,
    ) -> None:
        decided = {"staff_id": hand.staff_id, "decided_at": now, "reason": None, **values}
        own = documents.c.id == document_id
        connection.execute(update(documents).where(own).values(**decided))
        detail: dict[str, Any] = {}
        detail.update((name, values[name]) for name in ("draft_id", "paper") if name in values)
        audit.add(self._db, connection, hand.actor, action, _subject(document_id), detail, now)


def _identity(document: IncomingDocument) -> list[Any]:
    number_key, day, issuer_key = document.identity
    return [
        documents.c.number_key == number_key,
        documents.c.day == day,
        documents.c.issuer_key == issuer_key,
    ]


def _locked(connection: Any, document_id: int) -> Any:
    """Return the row, ours alone until commit. Raises DocumentRefused (``unknown``)."""
    query = select(documents).where(documents.c.id == document_id).with_for_update()
    row = connection.execute(query).first()
    if row is None:
        raise DocumentRefused("unknown")
    return row


def _check_free(connection: Any, document: Document) -> None:
    """Raise DocumentRefused if a notice stands for the document, or a newer version does."""
    if document.state is DocumentState.REPLACED:
        raise DocumentRefused("replaced")
    if document.draft_id is None:
        return
    query = select(notice_drafts.c.state).where(notice_drafts.c.id == document.draft_id)
    if connection.execute(query).scalar() != State.CANCELLED.value:
        raise DocumentRefused("taken", document.draft_id)


def _as_document(row: Any) -> Document:
    return Document(
        **{name: getattr(row, name) for name in _SAME},
        state=DocumentState(row.state),
        signature=Signature.from_json(row.signature),
        reason=row.reason or "",
    )


def _subject(document_id: int) -> str:
    return f"document:{document_id}"
