"""Who follows which topics. Changes come only through the effects of a turn."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, literal_column, select, update

from bot.core.announcements.consent import Subscription
from bot.core.announcements.pace import Pace
from bot.store.database import Database
from bot.store.schema import citizens, subscriptions


class Subscriptions:
    """Reads who follows what."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def topics_of(self, citizen_id: int) -> list[str]:
        """Return the slugs of the topics a citizen follows, in the order chosen."""
        return list(dict.fromkeys(each.topic for each in self.of(citizen_id)))

    def of(self, citizen_id: int) -> list[Subscription]:
        """Return what a citizen follows, in the order chosen."""
        with self._db.read() as connection:
            return of(connection, citizen_id)

    def followers(self, topic: str, area: str | None = None) -> int:
        """Return how many citizens a notice on ``topic`` (about ``area``) would go to."""
        return sum(self.followers_by_channel(topic, area).values())

    def followers_by_channel(self, topic: str, area: str | None = None) -> dict[str, int]:
        """Return how many such citizens there are on each channel."""
        query = (
            select(citizens.c.channel, func.count(citizens.c.id.distinct()))
            .select_from(citizens.join(subscriptions))
            .where(followed(topic, area))
            .group_by(citizens.c.channel)
            .order_by(citizens.c.channel)
        )
        with self._db.read() as connection:
            return dict(connection.execute(query).all())


def of(connection: Any, citizen_id: int) -> list[Subscription]:
    """Return what a citizen follows, in the order chosen."""
    own = subscriptions.c.citizen_id == citizen_id
    query = select(subscriptions).where(own).order_by(subscriptions.c.id)
    return [_as_subscription(row) for row in connection.execute(query)]


def followed(topic: str, area: str | None) -> Any:
    """Match the followers of a topic who have not said STOP.

    A notice about one area goes to followers of that area and of the whole province; one about
    the whole province goes to every follower of the topic.
    """
    where = (subscriptions.c.topic == topic) & citizens.c.stopped_at.is_(None)
    return where & subscriptions.c.area.in_(("", area)) if area else where


def any_gathered(connection: Any, topics: tuple[str, ...]) -> bool:
    """Whether anybody at all wants one of the topics gathered."""
    # As the index says it: with a parameter neither engine could tell that it fits.
    gathered = subscriptions.c.pace != literal_column("'at_once'")
    query = select(subscriptions.c.id).where(gathered, subscriptions.c.topic.in_(topics))
    return connection.execute(query.limit(1)).first() is not None


def soonest_pace(topics: tuple[str, ...], areas: tuple[str, ...]) -> Any:
    """Return, in SQL, the digest a notice waits for; NULL where one wish says at once.

    Of the citizen's wishes that fit the notice the soonest counts.
    """
    fitting = [subscriptions.c.citizen_id == citizens.c.id, subscriptions.c.topic.in_(topics)]
    if areas:
        fitting.append(subscriptions.c.area.in_(("", *areas)))
    soonest = select(func.min(subscriptions.c.pace)).where(*fitting)
    soonest = soonest.correlate(citizens).scalar_subquery()
    return func.nullif(soonest, Pace.AT_ONCE.value)


def subscribe(
    db: Database, connection: Any, citizen_id: int, effect: Mapping[str, Any], now: datetime
) -> None:
    """Note the wish for a topic (``area``, ``pace``, ``consent``); a known one keeps its time.

    Its pace changes only where the effect names one.
    """
    channel = select(citizens.c.channel).where(citizens.c.id == citizen_id)
    values = {
        "citizen_id": citizen_id,
        "topic": effect["topic"],
        "area": effect.get("area") or "",
        "consent_at": now,
        "consent": effect.get("consent"),
        "source": effect.get("source") or connection.execute(channel).scalar(),
        "pace": Pace(effect.get("pace") or Pace.AT_ONCE).value,
    }
    connection.execute(db.insert(subscriptions).values(values).on_conflict_do_nothing())
    if effect.get("pace"):
        set_pace(db, connection, citizen_id, {**effect, "area": values["area"]}, now)


def set_pace(
    db: Database, connection: Any, citizen_id: int, effect: Mapping[str, Any], now: datetime
) -> None:
    """Change how often a followed topic comes: ``topic`` None all, ``area`` None everywhere.

    What was gathered so far comes with the digest it waits for.
    """
    own = _named(citizen_id, effect)
    connection.execute(update(subscriptions).where(own).values(pace=Pace(effect["pace"]).value))


def unsubscribe(connection: Any, citizen_id: int, effect: Mapping[str, Any]) -> None:
    """Forget wishes: ``topic`` None all of them, ``area`` None everywhere."""
    connection.execute(delete(subscriptions).where(_named(citizen_id, effect)))


def _named(citizen_id: int, effect: Mapping[str, Any]) -> Any:
    own = subscriptions.c.citizen_id == citizen_id
    if effect.get("topic"):
        own = own & (subscriptions.c.topic == effect["topic"])
    if effect.get("area") is not None:
        own = own & (subscriptions.c.area == effect["area"])
    return own


def _as_subscription(row: Any) -> Subscription:
    return Subscription(
        topic=row.topic,
        area=row.area or None,
        pace=Pace(row.pace),
        since=row.consent_at,
        consent=row.consent or "",
        source=row.source,
    )
