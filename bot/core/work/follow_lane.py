"""Notices changes of followed dossiers, three ways, and tells the followers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

from bot.core.dossiers.codes import DossierCode
from bot.core.dossiers.dossier import Dossier, DossierSource
from bot.core.errors import SourceUnavailable, StoreUnavailable, places
from bot.core.follow.decide import LOOK_AGAIN, REGISTER, Telling, decide
from bot.core.follow.follow import Follow, is_news, newest, told_of
from bot.core.follow.notices import Notices
from bot.core.follow.snapshot import changed_by
from bot.core.follow.states import fetch_states, states_of
from bot.core.follow.times import Times
from bot.core.follow.told import Worded
from bot.core.messages import Reply

log = logging.getLogger(__name__)

_BATCH = 500
_PAGE = 200  # codes one call to a source asks about
_FRESH = timedelta(minutes=15)
_STORE_PAUSE = timedelta(minutes=1)
_MOST_PATIENCE = 6  # times the usual pause, for a source that stays silent


class Change(Protocol):
    """One line of the register's history, as far as it matters here."""

    @property
    def number(self) -> int: ...
    @property
    def key(self) -> str: ...


class Changes(Protocol):
    """The history of the register, in the order of ``number``."""

    def since(self, number: int, limit: int) -> Sequence[Change]:
        """Return up to ``limit`` changes after ``number``. Raises SourceUnavailable."""


class FollowStore(Protocol):
    """The followed dossiers, as the lane needs them."""

    def due(self, now: datetime, limit: int) -> Sequence[Follow]:
        """Return follows to be looked at now."""

    def settle(self, decided: Sequence[Worded], now: datetime) -> int:
        """Write decisions and their messages at once; return how many messages."""

    def position(self, name: str) -> int:
        """Return how far a way of noticing has come."""

    def nudge(
        self, name: str, before: int, after: int, keys: Collection[str], now: datetime
    ) -> int:
        """Have the follows of ``keys`` looked at now and move the cursor, both or neither."""

    def settle_events(
        self, limit: int, changed: Callable[[Dossier, Mapping[str, Any]], Dossier], now: datetime
    ) -> int:
        """Take in calls of the back office; return how many."""

    def note_states(self, states: Mapping[str, Dossier], now: datetime) -> int:
        """Keep what a source said anew about followed dossiers."""

    def followed_of(self, source: str, after_id: int, limit: int) -> Sequence[Follow]:
        """Return a page of the follows that came from ``source``."""

    def begin_poll(
        self, name: str, now: datetime, again_at: datetime, latest: datetime
    ) -> int | None:
        """Take the turn to ask a source; None when it is not due before ``latest``."""

    def end_poll(self, name: str, failures: int, again_at: datetime) -> None:
        """Note how asking went and when to ask again."""


class FollowLane:
    """Looks for changes, then words and stores what each follower is told.

    Every step may be cut short anywhere: what was noticed is kept before anybody is told, and a
    message is stored together with the note that it was told.
    """

    def __init__(
        self,
        follows: FollowStore,
        changes: Changes | None,
        sources: Sequence[DossierSource],
        notices: Notices,
        times: Times,
        poll_every: timedelta,
    ) -> None:
        self._follows = follows
        self._changes = changes
        self._sources = sources
        self._notices = notices
        self._times = times
        self._poll_every = poll_every

    def step(self, clock: Callable[[], datetime]) -> int:
        """Notice what changed and tell it; return how many messages were stored.

        Between two batches it looks for new changes: they go before the daily look at the rest.
        """
        told, more = 0, True
        while more:
            self.notice_imports(clock)
            self.notice_calls(clock)
            batch, more = self.tell(clock)
            told += batch
        if told:
            log.info("event=follow_told messages=%d", told)
        return told

    def notice_imports(self, clock: Callable[[], datetime]) -> None:
        """Go through the register's history from where we stopped."""
        if self._changes is None:
            return
        before = self._follows.position(REGISTER)
        try:
            while page := self._changes.since(before, _BATCH):
                after = max(change.number for change in page)
                keys = {change.key for change in page}
                self._follows.nudge(REGISTER, before, after, keys, clock())
                before = after
        except SourceUnavailable:
            log.warning("event=follow_history_silent")

    def notice_calls(self, clock: Callable[[], datetime]) -> None:
        """Take in what back offices called about."""
        while self._follows.settle_events(_BATCH, changed_if_newer, clock()):
            pass

    def poll(self, clock: Callable[[], datetime]) -> None:
        """Ask each source but the register about the dossiers followed there, when it is time.

        Run it in a thread of its own: a slow source must not hold up what others announced.
        """
        for source in self._sources:
            if source.name == REGISTER or not self._poll_every:
                continue
            name = f"poll {source.name}"
            now, pause = clock(), self._poll_every
            latest = now + pause * _MOST_PATIENCE
            failures = self._follows.begin_poll(name, now, now + pause, latest)
            if failures is not None:
                self._poll_one(source, name, failures, clock)

    def _poll_one(
        self,
        source: DossierSource,
        name: str,
        failures: int,
        clock: Callable[[], datetime],
    ) -> None:
        try:
            self._ask_about_all(source, clock)
        except SourceUnavailable:
            failures += 1
            pause = self._poll_every * min(2**failures, _MOST_PATIENCE)
            log.warning("event=follow_poll_silent source=%s failures=%d", source.name, failures)
            self._follows.end_poll(name, failures, clock() + pause)
            return
        except StoreUnavailable:  # not the source's fault: its dossiers are asked about again
            with suppress(StoreUnavailable):
                self._follows.end_poll(name, failures, clock() + _STORE_PAUSE)
            raise
        if failures:
            log.info("event=follow_poll_back source=%s", source.name)
            self._follows.end_poll(name, 0, clock() + self._poll_every)

    def _ask_about_all(self, source: DossierSource, clock: Callable[[], datetime]) -> None:
        last = 0
        while page := self._follows.followed_of(source.name, last, _PAGE):
            last = page[-1].id
            codes = tuple(dict.fromkeys(DossierCode(follow.code) for follow in page))
            states = states_of(source, codes)
            news = {
                follow.key: states[follow.key]
                for follow in page
                if follow.key in states and is_news(follow.known, states[follow.key])
            }
            if news:
                self._follows.note_states(news, clock())

    def tell(self, clock: Callable[[], datetime]) -> tuple[int, bool]:
        """Decide about a batch that is due; return how many messages, and whether more is due."""
        now = clock()
        due = self._follows.due(now, _BATCH)
        told = self._follows.settle(self._decided(due, now), now) if due else 0
        return told, bool(due)

    def _decided(self, due: Sequence[Follow], now: datetime) -> list[Worded]:
        stale = {f.key: DossierCode(f.code) for f in due if now - f.known.as_of > _FRESH}
        register = {f.key: DossierCode(f.code) for f in due if f.known.source == REGISTER}
        states = fetch_states(self._sources, tuple({**stale, **register}.values()), _silent)
        word = self._notices.batch({follow.citizen_id for follow in due}, now)
        decided = []
        for follow in due:
            fetched = states.get(follow.key)
            fresh = fetched is not None or follow.key not in stale
            try:
                decided.append(self._decide(follow, fetched, word, now, fresh=fresh))
            except StoreUnavailable:
                raise
            except Exception as error:  # one dossier must not silence all the others
                log.error(
                    "event=follow_failed follow=%s error=%s places=%s",
                    follow.id,
                    type(error).__name__,
                    places(error),
                )
                decided.append(Worded(follow, replace(follow, next_at=now + LOOK_AGAIN)))
        return decided

    def _decide(
        self,
        follow: Follow,
        fetched: Dossier | None,
        word: Callable[[Telling, Follow], Reply],
        now: datetime,
        *,
        fresh: bool,
    ) -> Worded:
        dossier = newest(follow.known, fetched)
        owner = partial(self._notices.is_owner, follow)
        decision = decide(follow, dossier, now, self._times, fresh=fresh, owner=owner)
        messages = tuple(
            (telling, word(telling, decision.follow)) for telling in decision.tellings
        )
        return Worded(follow, decision.follow, messages, decision.over)


def changed_if_newer(known: Dossier, changes: Mapping[str, Any]) -> Dossier:
    """Return ``known`` with the changes, or as it is when it is later than they are.

    A call that changes neither state nor promise says nothing about when those began: with its
    time the dossier would outdo a change of before that we only hear of afterwards.
    """
    said = changed_by(known, changes)
    if told_of(said) == told_of(known):
        said = replace(said, changed_at=known.changed_at, as_of=known.as_of)
    return newest(known, said)


def _silent(name: str) -> None:
    log.warning("event=follow_source_silent source=%s", name)
