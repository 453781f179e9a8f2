"""Articles of notices: wanted once, carried out step by step, in doubt after a lost answer.

A call is noted with a lease before it is made. If its process dies, nobody knows whether the
platform carried it out: the article becomes ``unsure`` and is not touched before a person has
looked. So nothing is ever broadcast twice.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import null, select, update

from bot.core.notices.approval import Hand, check_approver
from bot.core.notices.articles import (
    GOES_IN,
    STEPS,
    WAITS_IN,
    WANTED_IN,
    ArticleState,
    Job,
    KeptArticle,
    Step,
    Verdict,
    check_fit,
)
from bot.core.notices.notice import Notice
from bot.core.notices.states import NoticeRefused, State
from bot.store import audit
from bot.store.database import Database
from bot.store.draft_rows import hands_on, locked
from bot.store.drafts import check_approved
from bot.store.schema import announcements
from bot.store.schema_articles import notice_articles as articles

GIVE_UP = timedelta(hours=48)  # without a step forward
_OPEN = [state.value for state in STEPS]
_FREE = {"lease_until": None}
# Where a person leads an article in doubt: by the step whose answer was lost.
_AGAIN = {Step.CREATE: ArticleState.WANTED, Step.BROADCAST: ArticleState.READY}


class Articles:
    """Keeps articles and hands out the calls to make."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def find(self, draft_id: int) -> KeptArticle | None:
        """Return the article of a notice, or None."""
        with self._db.read() as connection:
            row = connection.execute(_one(draft_id)).first()
        return _as_article(row) if row else None

    def want(self, draft_id: int, hand: Hand, fingerprint: str, now: datetime) -> None:
        """Have an approved notice published as an article, for exactly this text, once.

        Raises NoticeRefused (``role``, ``own_work``, ``not_now``, ``changed``,
        ``picture_missing``, ``audience_narrow``, ``article_again``).
        """
        with self._db.write() as connection:
            row = locked(connection, draft_id)
            check_approver(hand, hands_on(connection, draft_id), ())
            if State(row.state) not in WANTED_IN:
                raise NoticeRefused("not_now", f"article while {row.state}")
            if fingerprint != row.fingerprint:
                raise NoticeRefused("changed", "fingerprint")
            if row.announcement_id is None:
                check_approved(connection, row)
            check_fit(Notice.from_json(row.content))
            before = connection.execute(_one(draft_id)).first()
            if before is not None and before.state != ArticleState.REFUSED.value:
                raise NoticeRefused("article_again")
            values = _wanted(row, hand, now, before.attempts if before else 0)
            own = articles.c.draft_id == draft_id
            if before is None:
                connection.execute(articles.insert().values(draft_id=draft_id, **values))
            else:
                connection.execute(update(articles).where(own).values(**values))
            self._audit(connection, hand.actor, "wanted", draft_id, {}, now)

    def decide(self, draft_id: int, hand: Hand, verdict: Verdict, now: datetime) -> bool:
        """Take down what a person found about an article in doubt; False if it is not in doubt.

        Raises NoticeRefused (``role``, ``own_work``).
        """
        with self._db.write() as connection:
            locked(connection, draft_id)
            check_approver(hand, hands_on(connection, draft_id), ())
            row = connection.execute(_one(draft_id)).first()
            if row is None or row.state != ArticleState.UNSURE.value:
                return False
            values = _decided(Step(row.step), verdict, now)
            own = articles.c.draft_id == draft_id
            connection.execute(update(articles).where(own).values(**values, changed_at=now))
            detail = {"step": row.step, "verdict": verdict.value}
            self._audit(connection, hand.actor, "decided", draft_id, detail, now)
        return True

    def claim(self, now: datetime, lease: timedelta, broadcasts_from: datetime) -> Job | None:
        """Return a call to make, noted as under way; None when there is none now.

        Articles whose notice was changed, withdrawn or has expired are refused here; nothing is
        broadcast before ``broadcasts_from``.
        """
        due = (
            select(articles.c.draft_id)
            .where(
                articles.c.state.in_(_OPEN),
                articles.c.due_at <= now,
                articles.c.lease_until.is_(None),
            )
            .order_by(articles.c.due_at)
        )
        with self._db.read() as connection:
            ids = connection.execute(due).scalars().all()
        for draft_id in ids:
            with self._db.write() as connection:
                job = self._take(connection, draft_id, now, now + lease, broadcasts_from)
            if job is not None:
                return job
        return None

    def _take(
        self, connection: Any, draft_id: int, now: datetime, until: datetime, opens: datetime
    ) -> Job | None:
        draft = locked(connection, draft_id)
        row = connection.execute(_one(draft_id)).one()
        if row.state not in _OPEN or row.lease_until is not None or row.due_at > now:
            return None
        against = _against(connection, draft, row, now)
        if against:
            self._end(connection, row, ArticleState.REFUSED, against, now)
            return None
        if State(draft.state) in WAITS_IN:
            return None
        step = STEPS[ArticleState(row.state)]
        own = update(articles).where(articles.c.draft_id == draft_id)
        if step is Step.BROADCAST and opens > now:
            connection.execute(own.values(due_at=opens))
            return None
        values: dict[str, Any] = {"step": step.value, "lease_until": until}
        values["attempts"] = row.attempts + 1
        if row.attempts == 0:
            values["changed_at"] = now
        connection.execute(own.values(**values))
        notice = Notice.from_json(draft.content)
        ids = (row.token or "", row.article_id or "")
        return Job(draft_id, draft.code, step, row.attempts + 1, notice, *ids)

    def created(self, job: Job, token: str, now: datetime, due_at: datetime) -> bool:
        """Note that the platform works on the article."""
        values = {"state": ArticleState.CREATED.value, "token": token, "due_at": due_at}
        return self._note(job, now, values, changed_at=now, code=None)

    def ready(self, job: Job, article_id: str, now: datetime) -> bool:
        """Note the article's id."""
        values = {"state": ArticleState.READY.value, "article_id": article_id, "due_at": now}
        return self._note(job, now, values, changed_at=now, code=None)

    def broadcast(self, job: Job, message_id: str, now: datetime) -> bool:
        """Note that the platform took the broadcast."""
        values = {"state": ArticleState.BROADCAST.value, "message_id": message_id}
        return self._note(job, now, values, changed_at=now, code=None, due_at=None)

    def later(self, job: Job, due_at: datetime, code: str, now: datetime) -> bool:
        """Note that the platform did not carry it out and is to be asked again."""
        before = next(state for state, step in STEPS.items() if step is job.step)
        return self._note(job, now, {"state": before.value}, due_at=due_at, code=code)

    def refused(self, job: Job, code: str, now: datetime) -> bool:
        """Note that it will not be done."""
        values = {"state": ArticleState.REFUSED.value, "due_at": None}
        return self._note(job, now, values, changed_at=now, code=code)

    def unsure(self, job: Job, code: str, now: datetime) -> bool:
        """Note that nobody knows whether the platform carried it out."""
        values = {"state": ArticleState.UNSURE.value, "due_at": None}
        return self._note(job, now, values, changed_at=now, code=code)

    def recover(self, now: datetime) -> int:
        """Deal with calls whose process died; return how many there were.

        Asking for an id harms nobody and is done again; the other calls leave a doubt.
        """
        lost = articles.c.lease_until <= now
        with self._db.read() as connection:
            if connection.execute(select(articles.c.draft_id).where(lost)).first() is None:
                return 0
        asking = articles.c.step == Step.VERIFY.value
        doubt = {"state": ArticleState.UNSURE.value, "due_at": None, "code": "sender_died"}
        changes = (
            update(articles).where(lost, asking).values(**_FREE, due_at=now),
            update(articles).where(lost, ~asking).values(**_FREE, **doubt, changed_at=now),
        )
        with self._db.write() as connection:
            return sum(int(connection.execute(change).rowcount) for change in changes)

    def _note(self, job: Job, now: datetime, values: dict[str, Any], **more: Any) -> bool:
        """Write the answer of a call that is still this attempt's; it also resolves a doubt."""
        held = articles.c.lease_until.isnot(None) | (articles.c.state == ArticleState.UNSURE.value)
        own = (articles.c.draft_id == job.draft_id) & (articles.c.attempts == job.attempt) & held
        own = own & (articles.c.step == job.step.value)
        change = update(articles).where(own).values(**values, **more, **_FREE)
        with self._db.write() as connection:
            if connection.execute(change).rowcount != 1:
                return False
            if values["state"] in (ArticleState.BROADCAST.value, ArticleState.UNSURE.value):
                detail = {"step": job.step.value}
                self._audit(connection, "worker", values["state"], job.draft_id, detail, now)
        return True

    def _end(
        self, connection: Any, row: Any, state: ArticleState, code: str, now: datetime
    ) -> None:
        own = update(articles).where(articles.c.draft_id == row.draft_id)
        values = {"state": state.value, "code": code, "due_at": null(), "changed_at": now}
        connection.execute(own.values(**values))

    def _audit(
        self, connection: Any, actor: str, what: str, draft_id: int, detail: Any, now: datetime
    ) -> None:
        subject = f"draft:{draft_id}"
        audit.add(self._db, connection, actor, f"article_{what}", subject, detail, now)


def _one(draft_id: int) -> Any:
    return select(articles).where(articles.c.draft_id == draft_id)


def _wanted(draft: Any, hand: Hand, now: datetime, attempts: int) -> dict[str, Any]:
    nothing = dict.fromkeys(("token", "article_id", "message_id", "code", "lease_until"))
    return {
        **nothing,
        "state": ArticleState.WANTED.value,
        "step": Step.CREATE.value,
        "fingerprint": draft.fingerprint,
        "staff_id": hand.staff_id,
        "attempts": attempts,
        "wanted_at": now,
        "changed_at": now,
        "due_at": now,
    }


def _decided(step: Step, verdict: Verdict, now: datetime) -> dict[str, Any]:
    """Return what becomes of an article in doubt. Created without a token it leads nowhere."""
    if verdict is Verdict.AGAIN:
        return {"state": _AGAIN[step].value, "due_at": now, "code": None}
    done = verdict is Verdict.DONE and step is Step.BROADCAST
    state = ArticleState.BROADCAST if done else ArticleState.REFUSED
    return {"state": state.value, "due_at": None, "code": "by_person"}


def _against(connection: Any, draft: Any, row: Any, now: datetime) -> str:
    """Return why an article must not go on, or ""."""
    if draft.fingerprint != row.fingerprint:
        return "changed"
    if draft.expires_at is not None and draft.expires_at <= now:
        return "expired"
    if State(draft.state) not in (*WAITS_IN, *GOES_IN):
        return "withdrawn"
    if row.attempts and now - row.changed_at > GIVE_UP:
        return "given_up"
    query = select(announcements.c.corrected_by).where(announcements.c.id == draft.announcement_id)
    return "withdrawn" if connection.execute(query).scalar() is not None else ""


def _as_article(row: Any) -> KeptArticle:
    return KeptArticle(
        draft_id=row.draft_id,
        state=ArticleState(row.state),
        step=Step(row.step),
        code=row.code or "",
        article_id=row.article_id or "",
        wanted_at=row.wanted_at,
        changed_at=row.changed_at,
        due_at=row.due_at,
        under_way=row.lease_until is not None,
        attempts=row.attempts,
    )
