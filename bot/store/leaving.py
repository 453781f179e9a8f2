"""Which citizens are removed without being asked: conditions on table ``citizens``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Table, and_, func, or_, select

from bot.core.channel import VISITORS
from bot.store.replies import WEB
from bot.store.schema import citizens, deliveries, inbound, subscriptions
from bot.store.schema_follows import follows
from bot.store.schema_lookups import proofs

TALK_LIFE = timedelta(hours=24)
IDLE_LIFE = timedelta(days=90)
_WANTED = (subscriptions, follows, proofs, inbound, deliveries)

Rule = Callable[[datetime], Any]


def at_once(now: datetime) -> Any:
    """Return who is erased or was a visitor, a day after the end of their talk."""
    day_ago = now - TALK_LIFE
    # The page of an erased web talk may still be open: its row goes with the idle ones.
    erased = and_(citizens.c.erased_at <= day_ago, citizens.c.channel != WEB)
    # An id without a login means nobody once the conversation is over.
    visitor = citizens.c.channel.like(f"%{VISITORS}")
    silent = and_(visitor, citizens.c.last_interaction_at <= day_ago)
    is_open = (_has(table, table.c.settled_at.is_(None)) for table in (deliveries, inbound))
    return and_(or_(erased, silent), *(~each for each in is_open))


def by_and_by(now: datetime) -> Any:
    """Return who is silent and of whom nothing is left that they wanted from us.

    Who said STOP is kept: forgetting that would be against their wish.
    """
    last = func.coalesce(citizens.c.last_interaction_at, citizens.c.first_interaction_at)
    left = (_has(table) for table in _WANTED)
    return and_(
        last <= now - IDLE_LIFE, citizens.c.stopped_at.is_(None), *(~each for each in left)
    )


def _has(table: Table, *which: Any) -> Any:
    return select(table.c.id).where(table.c.citizen_id == citizens.c.id, *which).exists()
