"""Carries out the articles that were wanted: made, waited for, broadcast once.

Every call is noted before and after. One whose answer is lost, by the network or because this
process died, is left to a person; see ``bot.store.articles``.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from bot.core.errors import (
    SendError,
    SendLater,
    SendNeedsPerson,
    SendRefused,
    SendUnsure,
    SendWait,
    StoreUnavailable,
)
from bot.core.notices.articles import BROADCAST_HOURS, Article, Job, Step

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)  # longer than any call may take
REVIEW = timedelta(seconds=30)  # the platform works on an article for seconds to half an hour
_ASKED_AGAIN = timedelta(minutes=1)
_PERSON_NEEDED_PAUSE = timedelta(minutes=15)
_AT_ONCE = 10


class Articles(Protocol):
    """The articles that are wanted, as the lane needs them."""

    def claim(self, now: datetime, lease: timedelta, broadcasts_from: datetime) -> Job | None:
        """Return a call to make, noted as under way."""

    def created(self, job: Job, token: str, now: datetime, due_at: datetime) -> bool:
        """Note that the platform works on it."""

    def ready(self, job: Job, article_id: str, now: datetime) -> bool:
        """Note its id."""

    def broadcast(self, job: Job, message_id: str, now: datetime) -> bool:
        """Note that it went out."""

    def later(self, job: Job, due_at: datetime, code: str, now: datetime) -> bool:
        """Note that nothing was done and it is to be tried again."""

    def refused(self, job: Job, code: str, now: datetime) -> bool:
        """Note that it will not be done."""

    def unsure(self, job: Job, code: str, now: datetime) -> bool:
        """Note that nobody knows."""

    def recover(self, now: datetime) -> int:
        """Deal with calls whose process died."""


class Publisher(Protocol):
    """The official account. Every method raises SendError."""

    def create(self, article: Article) -> str:
        """Begin an article; return the token to ask for its id with."""

    def article_id(self, token: str) -> str:
        """Return its id; raises SendLater while the platform works on it."""

    def broadcast(self, article_id: str) -> str:
        """Send it to all followers; return the message's id."""


class ArticleLane:
    """Moves articles from wanted to broadcast. ``compose`` writes one from a notice."""

    def __init__(
        self, articles: Articles, publisher: Publisher, compose: Callable[[Job], Article]
    ) -> None:
        self._articles = articles
        self._publisher = publisher
        self._compose = compose

    def step(self, clock: Callable[[], datetime]) -> int:
        """Make the calls that are due; return how many."""
        lost = self._articles.recover(clock())
        if lost:
            log.error("event=article_calls_lost count=%d", lost)
        for made in range(_AT_ONCE):
            now = clock()
            job = self._articles.claim(now, LEASE, BROADCAST_HOURS.earliest(now))
            if job is None:
                return made
            self._carry_out(job, clock)
        return _AT_ONCE

    def _carry_out(self, job: Job, clock: Callable[[], datetime]) -> None:
        try:
            told = self._call(job)
        except StoreUnavailable:  # the token could not be read, so nothing left this house
            self._articles.later(job, clock() + _ASKED_AGAIN, "store_unavailable", clock())
        except SendUnsure as error:
            self._articles.unsure(job, error.code, clock())
            log.error(
                "event=article_unsure draft=%d step=%s code=%s",
                job.draft_id,
                job.step.value,
                error.code,
            )
        except SendLater as error:
            self._articles.later(job, _next_try(error, clock()), error.code, clock())
        except SendNeedsPerson as error:
            self._articles.later(job, clock() + _PERSON_NEEDED_PAUSE, error.code, clock())
            log.error("event=article_needs_person draft=%d code=%s", job.draft_id, error.code)
        except SendRefused as error:
            self._articles.refused(job, error.code, clock())
            log.error("event=article_refused draft=%d code=%s", job.draft_id, error.code)
        else:
            self._note(job, told, clock())

    def _call(self, job: Job) -> str:
        """Make a call; return what the platform names: a token, an article or a message."""
        if job.step is Step.CREATE:
            token = self._publisher.create(self._compose(job))
            if not token:  # made, but there is no way to hear its id
                raise SendUnsure("the article has no token", "no_token")
            return token
        if job.step is Step.VERIFY:
            found = self._publisher.article_id(job.token)
            if not found:
                raise SendLater("the article has no id yet", "no_id", REVIEW.total_seconds())
            return found
        return self._publisher.broadcast(job.article_id)

    def _note(self, job: Job, told: str, now: datetime) -> None:
        """Note what was done. If the store is away just then, the lease ends in doubt."""
        if job.step is Step.CREATE:
            self._articles.created(job, told, now, now + REVIEW)
        elif job.step is Step.VERIFY:
            self._articles.ready(job, told, now)
        else:
            self._articles.broadcast(job, told, now)
            log.info("event=article_broadcast draft=%d", job.draft_id)


def _next_try(error: SendError, now: datetime) -> datetime:
    if isinstance(error, SendWait):
        return error.until
    seconds = getattr(error, "retry_after", 0.0)
    return now + max(_ASKED_AGAIN, timedelta(seconds=seconds))
