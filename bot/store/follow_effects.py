"""What a turn changes about followed dossiers: following, muting, ending, rating."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, update

from bot.core.dossiers.codes import DossierCode
from bot.core.follow.follow import MOST, told_of
from bot.core.follow.snapshot import from_json, told_as_json
from bot.core.messages import DeliveryState
from bot.store.contents import WITHOUT_CONTENT
from bot.store.database import Database
from bot.store.holding import WAITING
from bot.store.schema import citizens, deliveries, inbound
from bot.store.schema_follows import follows, rated_dossiers, ratings

MARK_LIFE = timedelta(days=90)


def follow(
    db: Database, connection: Any, citizen_id: int, effect: Mapping[str, Any], now: datetime
) -> None:
    """Follow a dossier (``code``, ``consent``, ``known``), unless there are too many already."""
    of_citizen = select(func.count()).where(follows.c.citizen_id == citizen_id)
    if connection.execute(of_citizen).scalar() >= MOST:
        return
    values = {
        "citizen_id": citizen_id,
        "code_key": DossierCode(effect["code"]).key,
        "code": effect["code"],
        "consent": effect["consent"],
        "consent_at": now,
        "muted": False,
        "source": effect["known"].get("source", ""),
        "known": dict(effect["known"]),
        "told": told_as_json(told_of(from_json(effect["known"]))),
        "answered": False,
        "next_at": now,
    }
    connection.execute(db.insert(follows).values(values).on_conflict_do_nothing())
    own = update(citizens).where(citizens.c.id == citizen_id)
    connection.execute(own.values(stopped_at=None))


def unfollow(
    db: Database, connection: Any, citizen_id: int, effect: Mapping[str, Any], now: datetime
) -> None:
    """Forget one follow (``code``) or all of them, and cancel what has not left yet."""
    ids = _hold(connection, _named(citizen_id, effect.get("code")))
    _cancel(connection, ids, now)
    # From now on they are talk like any other, and go as soon.
    news = update(deliveries).where(deliveries.c.follow_id.in_(ids))
    connection.execute(news.values(follow_id=None, telling=None))
    if connection.execute(delete(follows).where(follows.c.id.in_(ids))).rowcount:
        db.has_deleted = True


def mute(
    db: Database, connection: Any, citizen_id: int, effect: Mapping[str, Any], now: datetime
) -> None:
    """Keep quiet about a followed dossier, or (``muted`` false) speak again."""
    own = _named(citizen_id, effect.get("code"))
    ids = _hold(connection, own)
    if effect["muted"]:
        _cancel(connection, ids, now)
    change = update(follows).where(own)
    connection.execute(change.values(muted=bool(effect["muted"]), version=follows.c.version + 1))


def rate(
    db: Database, connection: Any, citizen_id: int, effect: Mapping[str, Any], now: datetime
) -> None:
    """Note that the question was answered and, apart from it, what the answer was.

    ``stars`` None: the citizen did not want to. The answer's own words go at once, the journal
    would keep them for a day beside the citizen's name. Of each dossier (``mark``) one counts.
    """
    open_question = (follows.c.asked_at.isnot(None), follows.c.answered.is_(False))
    closed = update(follows).where(_named(citizen_id, effect["code"]), *open_question)
    closed = closed.values(answered=True, version=follows.c.version + 1)
    if connection.execute(closed).rowcount != 1:
        return
    said = update(inbound).where(inbound.c.citizen_id == citizen_id)
    pressed = inbound.c.text.like("/rate@_dossier%", escape="@")
    said = said.where(pressed | (inbound.c.settled_at == now))  # or written, in this very turn
    connection.execute(said.values(**WITHOUT_CONTENT))
    db.has_deleted = True
    if effect["stars"] is not None and _is_first(db, connection, effect):
        row = {
            "id": secrets.randbits(62),  # a running number would tell who answered when
            "day": effect["day"],
            "agency": effect["agency"],
            "procedure_code": effect["procedure"],
            "stars": int(effect["stars"]),
        }
        connection.execute(ratings.insert().values(row))


def forget_old_marks(connection: Any, now: datetime) -> int:
    """Forget which dossiers were rated long ago; return how many."""
    day = (now - MARK_LIFE).date().isoformat()
    old = delete(rated_dossiers).where(rated_dossiers.c.day <= day)
    return int(connection.execute(old).rowcount)


def _is_first(db: Database, connection: Any, effect: Mapping[str, Any]) -> bool:
    row = {"mark": effect["mark"], "day": effect["day"]}
    insert = db.insert(rated_dossiers).values(row).on_conflict_do_nothing()
    return bool(connection.execute(insert).rowcount == 1)


def forget(connection: Any, citizen_id: int) -> None:
    """Delete every follow of a citizen; deliveries and ratings are somebody else's business.

    Call it before deleting the deliveries: the lane that is writing one has committed it then.
    """
    own = follows.c.citizen_id == citizen_id
    _hold(connection, own)
    connection.execute(delete(follows).where(own))


def _hold(connection: Any, which: Any) -> list[int]:
    """Lock follows as the lane does, in one order; return their ids.

    Whatever the lane was writing for them is committed, and seen by the next statement.
    """
    held = select(follows.c.id).where(which).order_by(follows.c.id).with_for_update()
    return list(connection.execute(held).scalars())


def _named(citizen_id: int, code: str | None) -> Any:
    own = follows.c.citizen_id == citizen_id
    return own & (follows.c.code_key == DossierCode(code).key) if code else own


def _cancel(connection: Any, ids: Sequence[int], now: datetime) -> None:
    waiting = update(deliveries).where(
        deliveries.c.follow_id.in_(ids), deliveries.c.state.in_(WAITING)
    )
    fate = {"state": DeliveryState.CANCELLED.value, "due_at": None, "settled_at": now}
    connection.execute(waiting.values(**fate))
