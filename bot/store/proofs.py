"""Proofs of ownership and attempts at them. See ``bot/core/dossiers/proof.py``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, null, select, update

from bot.core.dossiers.proof import LASTS, MOST_BY_ALL, MOST_BY_CITIZEN, TRY_WINDOW
from bot.store.contents import WITHOUT_CONTENT
from bot.store.database import Database
from bot.store.schema import inbound
from bot.store.schema_lookups import proof_tries, proofs


class Proofs:
    """The ProofBook of the store. Proofs come only through the effects of a turn."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def owns(self, citizen_id: int, key: str, now: datetime) -> bool:
        """Whether a proof is kept and has not ended."""
        query = select(proofs.c.id).where(_lasting(citizen_id, now), proofs.c.code_key == key)
        with self._db.read() as connection:
            return connection.execute(query).first() is not None

    def keys_of(self, citizen_id: int, now: datetime) -> frozenset[str]:
        """Return the digests of the codes a citizen proved."""
        query = select(proofs.c.code_key).where(_lasting(citizen_id, now))
        with self._db.read() as connection:
            return frozenset(connection.execute(query).scalars())

    def begin_try(self, citizen_id: int, key: str, now: datetime) -> int | None:
        """Count an attempt and return its number; None when there were too many."""
        values = {"at": now, "citizen_id": citizen_id or None, "code_key": key}
        with self._db.write() as connection:
            self._db.one_at_a_time(connection, f"proof:{key}")
            if _left(connection, citizen_id, key, now) <= 0:
                return None
            added = connection.execute(proof_tries.insert().values(values))
        return int(added.inserted_primary_key[0])

    def tries_left(self, citizen_id: int, key: str, now: datetime) -> int:
        """Return how many more attempts would be counted, 0 for none."""
        with self._db.read() as connection:
            return max(_left(connection, citizen_id, key, now), 0)

    def end_slips(self, key: str) -> int:
        """End the proofs that a slip of this dossier was; return how many."""
        by_slip = (proofs.c.code_key == key) & (proofs.c.how == "slip")
        with self._db.write() as connection:
            return int(connection.execute(delete(proofs).where(by_slip)).rowcount)

    def undo_try(self, number: int) -> None:
        """Take an attempt back."""
        with self._db.write() as connection:
            connection.execute(delete(proof_tries).where(proof_tries.c.id == number))


def _left(connection: Any, citizen_id: int, key: str, now: datetime) -> int:
    tried = (proof_tries.c.code_key == key) & (proof_tries.c.at > now - TRY_WINDOW)
    counted = select(func.count()).select_from(proof_tries).where(tried)
    own = counted.where(proof_tries.c.citizen_id == citizen_id)
    by_all, by_citizen = (int(connection.execute(query).scalar()) for query in (counted, own))
    return min(MOST_BY_ALL - by_all, MOST_BY_CITIZEN - by_citizen)


def prove(
    db: Database, connection: Any, citizen_id: int, effect: Mapping[str, Any], now: datetime
) -> None:
    """Keep a proof (``key``, ``how``); proved again, it lasts longer."""
    values = {
        "citizen_id": citizen_id,
        "code_key": effect["key"],
        "how": effect["how"],
        "proved_at": now,
        "ends_at": now + LASTS,
    }
    insert = db.insert(proofs).values(values)
    longer = {name: values[name] for name in ("how", "proved_at", "ends_at")}
    connection.execute(
        insert.on_conflict_do_update(index_elements=["citizen_id", "code_key"], set_=longer)
    )


def forget_words(
    db: Database, connection: Any, citizen_id: int, effect: Mapping[str, Any], now: datetime
) -> None:
    """Forget at once what the citizen wrote in the turn that ends now: it was a secret."""
    said = (inbound.c.citizen_id == citizen_id) & (inbound.c.settled_at == now)
    connection.execute(update(inbound).where(said).values(**WITHOUT_CONTENT))
    db.has_deleted = True


def forget_proofs(connection: Any, citizen_id: int) -> None:
    """Delete a citizen's proofs; attempts go on counting for the dossier, without the citizen."""
    connection.execute(delete(proofs).where(proofs.c.citizen_id == citizen_id))
    own = proof_tries.c.citizen_id == citizen_id
    connection.execute(update(proof_tries).where(own).values(citizen_id=null()))


def forget_old_proofs(connection: Any, now: datetime) -> int:
    """Delete proofs and attempts past their time; return how many rows."""
    ended = connection.execute(delete(proofs).where(proofs.c.ends_at <= now)).rowcount
    old = connection.execute(delete(proof_tries).where(proof_tries.c.at <= now - TRY_WINDOW))
    return int(ended + old.rowcount)


def _lasting(citizen_id: int, now: datetime) -> Any:
    return (proofs.c.citizen_id == citizen_id) & (proofs.c.ends_at > now)
