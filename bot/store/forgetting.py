"""Deleting what we know about one citizen, in the middle of a talk or altogether.

A citizen who asks in the chat must still read our last answer, and the platform may repeat
messages for two hours. So ``strip`` keeps, for a day, the bare citizen row (channel and id, the
time of the last act) and the ids of settled messages without any content; on the web also
afterwards, because that row is the open page's session and holds only a hash. Messages written
after the request wait for their answer as usual. ``remove`` keeps nothing.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, null, select, update

from bot.store import audiences, follow_effects, lookups, proofs
from bot.store.contents import WITHOUT_CONTENT
from bot.store.schema import citizens, deliveries, inbound, pictures, review, subscriptions
from bot.store.schema_digests import digests


def strip(connection: Any, citizen_id: int, now: datetime) -> None:
    """Forget a citizen but for what the running turn needs to answer."""
    follow_effects.forget(connection, citizen_id)  # before what the follow lane wrote for them
    connection.execute(delete(subscriptions).where(subscriptions.c.citizen_id == citizen_id))
    connection.execute(delete(deliveries).where(deliveries.c.citizen_id == citizen_id))
    connection.execute(delete(digests).where(digests.c.citizen_id == citizen_id))
    connection.execute(delete(review).where(review.c.citizen_id == citizen_id))
    lookups.forget_tries(connection, citizen_id)
    proofs.forget_proofs(connection, citizen_id)
    audiences.forget_member(connection, citizen_id)
    connection.execute(
        update(inbound)
        .where(inbound.c.citizen_id == citizen_id, inbound.c.settled_at.isnot(None))
        .values(**WITHOUT_CONTENT, intent=None, confidence=None)
    )
    connection.execute(
        update(citizens)
        .where(citizens.c.id == citizen_id)
        .values(
            context=null(),
            context_at=None,
            follows=None,
            follows_at=None,
            stopped_at=None,
            human_wanted_at=None,
            staff_until=None,
            blocked_at=None,
            blocked_code=None,
            first_interaction_at=now,
            erased_at=now,
        )
    )


def remove(connection: Any, citizen_id: int) -> bool:
    """Delete every row about a citizen; False if there is no such citizen."""
    own = select(inbound.c.id).where(inbound.c.citizen_id == citizen_id)
    follow_effects.forget(connection, citizen_id)  # before what the follow lane wrote for them
    connection.execute(delete(subscriptions).where(subscriptions.c.citizen_id == citizen_id))
    connection.execute(delete(deliveries).where(deliveries.c.citizen_id == citizen_id))
    connection.execute(delete(digests).where(digests.c.citizen_id == citizen_id))
    connection.execute(delete(review).where(review.c.citizen_id == citizen_id))
    lookups.forget_tries(connection, citizen_id)
    proofs.forget_proofs(connection, citizen_id)
    audiences.forget_member(connection, citizen_id)
    connection.execute(delete(pictures).where(pictures.c.inbound_id.in_(own)))
    connection.execute(delete(inbound).where(inbound.c.citizen_id == citizen_id))
    gone = connection.execute(delete(citizens).where(citizens.c.id == citizen_id))
    return bool(gone.rowcount == 1)
