"""Platform tokens. A refresh token works once, so exactly one process may use it."""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from bot.store.database import Database, lock_number, translated
from bot.store.records import Pair, TokenPair, TokenState
from bot.store.schema import tokens
from bot.store.sealing import Sealer


class Tokens:
    """Keeps the newest pair of each account, sealed."""

    def __init__(self, db: Database, sealer: Sealer) -> None:
        self._db = db
        self._sealer = sealer

    def load(self, channel: str, account: str) -> TokenPair | None:
        """Return the newest pair, or None. Raises SecretUnreadable when the key is lost.

        A pair kept in plain text, or under an older key, is sealed with the newest on the way.
        """
        with self._db.read() as connection:
            row = connection.execute(select(tokens).where(*_own(channel, account))).first()
        if row is None:
            return None
        pair = TokenPair(
            self._sealer.open(row.access_token),
            self._sealer.open(row.refresh_token),
            row.expires_at,
        )
        kept = (row.access_token, row.refresh_token)
        if not all(self._sealer.is_current(text) for text in kept):
            self._seal_again(channel, account, row, pair)
        return pair

    def save(self, channel: str, account: str, pair: Pair, now: datetime) -> None:
        """Keep a new pair; it is durable on return, before anybody uses it."""
        key = {"channel": channel, "account": account}
        values = {
            **self._sealed(pair),
            "expires_at": pair.expires_at,
            "saved_at": now,
            "begun_at": None,
        }
        upsert = self._db.insert(tokens).values(**key, **values)
        with self._db.write() as connection:
            connection.execute(upsert.on_conflict_do_update(index_elements=list(key), set_=values))

    def begin(self, channel: str, account: str, now: datetime) -> datetime | None:
        """Note that a refresh begins; ``save`` takes the note away.

        Returns when an earlier one began that never ended: its process died in between, and
        that is why this one may be refused. Raises SettingsError when the new pair could not
        be kept for want of a key.
        """
        self._sealer.seal("")
        before = self.state(channel, account)
        self._note(channel, account, now)
        return before.begun_at if before else None

    def give_up(self, channel: str, account: str) -> None:
        """Note that a refresh that began ended without a new pair."""
        self._note(channel, account, None)

    def state(self, channel: str, account: str) -> TokenState | None:
        """Return what may be told about the pair without opening it, or None."""
        with self._db.read() as connection:
            row = connection.execute(select(tokens).where(*_own(channel, account))).first()
        return TokenState(row.expires_at, row.saved_at, row.begun_at) if row else None

    def _note(self, channel: str, account: str, begun_at: datetime | None) -> None:
        change = update(tokens).where(*_own(channel, account)).values(begun_at=begun_at)
        with self._db.write() as connection:
            connection.execute(change)

    def _sealed(self, pair: Pair) -> dict[str, str]:
        return {
            "access_token": self._sealer.seal(pair.access_token),
            "refresh_token": self._sealer.seal(pair.refresh_token),
        }

    def _seal_again(self, channel: str, account: str, row: Any, pair: TokenPair) -> None:
        """Rewrite a pair unless somebody kept a newer one meanwhile."""
        unchanged = (*_own(channel, account), tokens.c.refresh_token == row.refresh_token)
        with self._db.write() as connection:
            connection.execute(update(tokens).where(*unchanged).values(self._sealed(pair)))
        self._db.has_deleted = True  # the plain text must not linger in the log

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


def _own(channel: str, account: str) -> tuple[Any, Any]:
    return tokens.c.channel == channel, tokens.c.account == account
