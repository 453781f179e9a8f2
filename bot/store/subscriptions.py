"""Who follows which topics. Changes come only through the effects of a turn."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from bot.store.database import Database
from bot.store.schema import citizens, subscriptions


class Subscriptions:
    """Reads who follows what."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def topics_of(self, citizen_id: int) -> list[str]:
        """Return the slugs of the topics a citizen follows, in the order chosen."""
        query = (
            select(subscriptions.c.topic)
            .where(subscriptions.c.citizen_id == citizen_id)
            .order_by(subscriptions.c.id)
        )
        with self._db.read() as connection:
            return list(dict.fromkeys(connection.execute(query).scalars()))

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


def followed(topic: str, area: str | None) -> Any:
    """Match the followers of a topic who have not said STOP.

    A notice about one area goes to followers of that area and of the whole province; one about
    the whole province goes to every follower of the topic.
    """
    where = (subscriptions.c.topic == topic) & citizens.c.stopped_at.is_(None)
    return where & subscriptions.c.area.in_(("", area)) if area else where
