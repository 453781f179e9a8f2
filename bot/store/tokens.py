"""Platform tokens. A refresh token works once, so exactly one process may use it."""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import func, select

from bot.store.database import Database, lock_number, translated
from bot.store.records import Pair, TokenPair
from bot.store.schema import tokens


class Tokens:
    """Keeps the newest pair of each account."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def load(self, channel: str, account: str) -> TokenPair | None:
        """Return the newest pair, or None."""
        query = select(tokens).where(tokens.c.channel == channel, tokens.c.account == account)
        with self._db.read() as connection:
            row = connection.execute(query).first()
        return TokenPair(row.access_token, row.refresh_token, row.expires_at) if row else None

    def save(self, channel: str, account: str, pair: Pair) -> None:
        """Keep a new pair; it is durable on return, before anybody uses it."""
        key = {"channel": channel, "account": account}
        values = {
            "access_token": pair.access_token,
            "refresh_token": pair.refresh_token,
            "expires_at": pair.expires_at,
        }
        upsert = self._db.insert(tokens).values(**key, **values)
        with self._db.write() as connection:
            connection.execute(upsert.on_conflict_do_update(index_elements=list(key), set_=values))

    @contextmanager
    def lock(self, channel: str, account: str) -> Iterator[None]:
        """Hold the right to refresh this account's tokens; others wait.

        Read the pair again after entering: somebody may have refreshed it meanwhile. No
        database transaction is open inside, so the network call blocks nobody else, and the
        lock dies with the process.
        """
        name = f"tokens:{channel}:{account}"
        with self._file_lock(name) if self._db.is_sqlite else self._advisory_lock(name):
            yield

    @contextmanager
    def _file_lock(self, name: str) -> Iterator[None]:
        digest = hashlib.sha256(name.encode()).hexdigest()[:16]
        path = f"{self._db.path}-lock-{digest}"
        with open(path, "a", encoding="ascii") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)  # released by the kernel when the file closes
            yield

    @contextmanager
    def _advisory_lock(self, name: str) -> Iterator[None]:
        number = lock_number(name)
        autocommit = self._db.engine.execution_options(isolation_level="AUTOCOMMIT")
        with translated(), autocommit.connect() as connection:
            connection.execute(select(func.pg_advisory_lock(number)))
            try:
                yield
            finally:
                connection.execute(select(func.pg_advisory_unlock(number)))
