"""What a turn changes besides talking: following topics, stopping, being forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import update

from bot.store import follow_effects, forgetting, gathering, proofs, review, subscriptions
from bot.store.database import Database
from bot.store.schema import citizens


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
    subscriptions.subscribe(db, connection, citizen_id, effect, now)
    _set(connection, citizen_id, stopped_at=None)


def _unsubscribe(
    db: Database, connection: Any, citizen_id: int, effect: Mapping[str, Any], now: datetime
) -> None:
    subscriptions.unsubscribe(connection, citizen_id, effect)
    gathering.release_of(connection, citizen_id, now)
    gathering.cancel_unwanted(connection, citizen_id, now)


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


def _set(connection: Any, citizen_id: int, **values: Any) -> None:
    connection.execute(update(citizens).where(citizens.c.id == citizen_id).values(values))


_Effect = Callable[[Database, Any, int, Mapping[str, Any], datetime], None]
_EFFECTS: Mapping[str, _Effect] = {
    "subscribe": _subscribe,
    "unsubscribe": _unsubscribe,
    "set_pace": subscriptions.set_pace,
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
