"""What a turn changes besides talking: following topics, stopping, being forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update

from bot.core.messages import DeliveryState
from bot.store import follow_effects, forgetting, proofs, review
from bot.store.database import Database
from bot.store.schema import announcements, citizens, deliveries, subscriptions

_WAITING = (DeliveryState.QUEUED.value, DeliveryState.RETRY.value)


def apply(
    db: Database,
    connection: Any,
    citizen_id: int,
    effects: Iterable[Mapping[str, Any]],
    now: datetime,
) -> None:
    """Carry out effects in order. Raises KeyError for one we do not know.

    Nothing of a turn that erases is put on the review list.
    """
    effects = list(effects)
    if any(effect["effect"] == "erase" for effect in effects):
        effects = [effect for effect in effects if effect["effect"] != "review"]
    for effect in effects:
        _EFFECTS[effect["effect"]](db, connection, citizen_id, effect, now)


def _subscribe(
    db: Database, connection: Any, citizen_id: int, effect: Mapping[str, Any], now: datetime
) -> None:
    values = {
        "citizen_id": citizen_id,
        "topic": effect["topic"],
        "area": effect.get("area") or "",
        "consent_at": now,
        "source": effect.get("source") or "chat",
    }
    connection.execute(db.insert(subscriptions).values(values).on_conflict_do_nothing())
    _set(connection, citizen_id, stopped_at=None)


def _unsubscribe(
    db: Database, connection: Any, citizen_id: int, effect: Mapping[str, Any], now: datetime
) -> None:
    gone = delete(subscriptions).where(subscriptions.c.citizen_id == citizen_id)
    if effect.get("topic"):
        gone = gone.where(subscriptions.c.topic == effect["topic"])
    if effect.get("area"):
        gone = gone.where(subscriptions.c.area == effect["area"])
    connection.execute(gone)
    _cancel_notices(connection, citizen_id, now)


def _stop(
    db: Database, connection: Any, citizen_id: int, effect: Mapping[str, Any], now: datetime
) -> None:
    _unsubscribe(db, connection, citizen_id, {}, now)
    follow_effects.unfollow(db, connection, citizen_id, {}, now)
    _set(connection, citizen_id, stopped_at=now)


def _resume(
    db: Database, connection: Any, citizen_id: int, effect: Mapping[str, Any], now: datetime
) -> None:
    _set(connection, citizen_id, stopped_at=None)


def _ask_human(
    db: Database, connection: Any, citizen_id: int, effect: Mapping[str, Any], now: datetime
) -> None:
    _set(connection, citizen_id, human_wanted_at=now)


def _bot_back(
    db: Database, connection: Any, citizen_id: int, effect: Mapping[str, Any], now: datetime
) -> None:
    _set(connection, citizen_id, staff_until=None)


def _erase(
    db: Database, connection: Any, citizen_id: int, effect: Mapping[str, Any], now: datetime
) -> None:
    forgetting.strip(connection, citizen_id, now)


def _cancel_notices(connection: Any, citizen_id: int, now: datetime) -> None:
    """Cancel waiting notices on topics the citizen no longer follows at all."""
    followed = select(subscriptions.c.topic).where(subscriptions.c.citizen_id == citizen_id)
    # An emergency and a correction go out whatever is followed; STOP ends them before sending.
    unwanted = select(announcements.c.id).where(
        announcements.c.topic.notin_(followed),
        announcements.c.emergency.isnot(True),
        announcements.c.corrects.is_(None),
    )
    connection.execute(
        update(deliveries)
        .where(
            deliveries.c.citizen_id == citizen_id,
            deliveries.c.kind == "notice",
            deliveries.c.state.in_(_WAITING),
            deliveries.c.announcement_id.in_(unwanted),
        )
        .values(state=DeliveryState.CANCELLED.value, due_at=None, settled_at=now)
    )


def _set(connection: Any, citizen_id: int, **values: Any) -> None:
    connection.execute(update(citizens).where(citizens.c.id == citizen_id).values(values))


_Effect = Callable[[Database, Any, int, Mapping[str, Any], datetime], None]
_EFFECTS: Mapping[str, _Effect] = {
    "subscribe": _subscribe,
    "unsubscribe": _unsubscribe,
    "stop": _stop,
    "resume": _resume,
    "ask_human": _ask_human,
    "bot_back": _bot_back,
    "erase": _erase,
    "review": review.note,
    "follow_dossier": follow_effects.follow,
    "unfollow_dossier": follow_effects.unfollow,
    "mute_dossier": follow_effects.mute,
    "rate_dossier": follow_effects.rate,
    "prove_dossier": proofs.prove,
    "forget_words": proofs.forget_words,
}
