"""The engine behind the store: one way to read, one way to write, on SQLite and PostgreSQL."""

from __future__ import annotations

import hashlib
import json
import random
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam, create_engine, event, func, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import QueuePool

from bot.core.errors import SettingsError, StoreUnavailable

BUSY_SECONDS = 10.0
_SCRUB_SECONDS = 0.5  # writers of other processes wait that long at most; we can come back
# A server that vanished without a word must not hold a thread for the system's quarter of an hour.
_GIVE_UP = {
    "connect_timeout": 5,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,  # milliseconds
}
_OUR_MISTAKES = (DataError, IntegrityError, ProgrammingError)


class Database:
    """Connections and transactions; a database that fails becomes StoreUnavailable here."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(self.url) if self.is_sqlite else _postgresql_engine(self.url)
        self._writer = self.engine.execution_options(motcua_write=True)
        self._reader = (
            self.engine
            if self.is_sqlite
            else self.engine.execution_options(isolation_level="REPEATABLE READ")
        )
        # Threads of one process queue here instead of polling SQLite's lock against each other.
        self._turn = threading.Lock()
        self.has_deleted = True  # what an earlier process deleted may still be in the log

    @property
    def path(self) -> Path | None:
        """Return the SQLite file, or None on PostgreSQL."""
        return Path(self.url.database) if self.is_sqlite else None

    def insert(self, table: Any) -> Any:
        """Return an INSERT that knows ``on_conflict_do_nothing`` and ``on_conflict_do_update``."""
        return sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)

    @contextmanager
    def read(self) -> Iterator[Any]:
        """Yield a connection for reading; all its reads see one snapshot."""
        with translated(), self._reader.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Any]:
        """Yield a connection in a write transaction, committed and durable after the block."""
        with translated(), self._my_turn(), self._writer.begin() as connection:
            yield connection

    def one_at_a_time(self, connection: Any, name: str) -> None:
        """Wait until no other transaction holds ``name``; free again at commit."""
        if not self.is_sqlite:  # SQLite has a single writer anyway
            connection.execute(select(func.pg_advisory_xact_lock(lock_number(name))))

    def scrub(self) -> bool:
        """Empty SQLite's write-ahead log: deleted words and pictures would live on in there.

        Returns False when somebody read or wrote just then; ``has_deleted`` stays true for the
        next try. PostgreSQL has no such file of ours.
        """
        if not self.is_sqlite:
            self.has_deleted = False
        if not self.has_deleted:
            return True
        with translated(), self._my_turn(), self.engine.connect() as connection:
            raw = connection.connection.dbapi_connection
            raw.execute(f"PRAGMA busy_timeout = {int(_SCRUB_SECONDS * 1000)}")
            try:
                busy = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            except sqlite3.OperationalError as error:
                raise StoreUnavailable(_reason(error)) from error
            finally:
                raw.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")
            self.has_deleted = bool(busy)
        return not self.has_deleted

    def close(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()

    @contextmanager
    def _my_turn(self) -> Iterator[None]:
        if not self.is_sqlite:
            yield
            return
        if not self._turn.acquire(timeout=BUSY_SECONDS):
            raise StoreUnavailable("the write lock of this process was not free in time")
        try:
            yield
        finally:
            self._turn.release()


def insert_once(table: Any, columns: Sequence[str]) -> Any:
    """Return an INSERT of these columns that does nothing where the row is already there.

    As text, because the dialects' own form of it is compiled anew each time it runs.
    """
    names, values = ", ".join(columns), ", ".join(f":{name}" for name in columns)
    sql = f"INSERT INTO {table.name} ({names}) VALUES ({values}) ON CONFLICT DO NOTHING"  # noqa: S608 - our own names
    return text(sql).bindparams(*(bindparam(n, type_=table.c[n].type) for n in columns))


def lock_number(name: str) -> int:
    """Return the 63-bit number PostgreSQL knows an advisory lock by."""
    return int.from_bytes(hashlib.sha256(f"motcua:{name}".encode()).digest()[:8], "big") >> 1


def _as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


@contextmanager
def translated() -> Iterator[None]:
    """Turn a database that fails into StoreUnavailable; our own mistakes stay what they are."""
    try:
        yield
    except _OUR_MISTAKES:
        raise
    except DBAPIError as error:
        raise StoreUnavailable(_reason(error.orig)) from error
    except PoolTimeoutError as error:
        raise StoreUnavailable("no database connection was free in time") from error


def _reason(cause: BaseException | None) -> str:
    """Return the driver's own words without the statement: parameters are personal data."""
    first_line = str(cause).strip().partition("\n")[0]
    return f"{type(cause).__name__}: {first_line}"[:200]


def _postgresql_engine(url: Any) -> Any:
    # Compiling a statement takes a third of a second, and the longest of ours run for a tenth.
    given = f"{url.query.get('options', '')} -c jit=off".strip()
    return create_engine(
        url,
        future=True,
        hide_parameters=True,
        json_serializer=_as_json,
        pool_size=8,
        max_overflow=8,
        pool_timeout=BUSY_SECONDS,
        pool_pre_ping=True,
        connect_args={**_GIVE_UP, "options": given},
    )


def _sqlite_engine(url: Any) -> Any:
    if not url.database or url.database == ":memory:":
        raise SettingsError(
            "MOTCUA_DATABASE_URL names an in-memory SQLite database, which several processes "
            "cannot share: give a file, as in sqlite:////srv/motcua/motcua.db"
        )
    _make_file(Path(url.database))
    engine = create_engine(
        url,
        future=True,
        hide_parameters=True,
        json_serializer=_as_json,
        poolclass=QueuePool,
        pool_size=16,
        max_overflow=64,
        pool_timeout=BUSY_SECONDS,
        connect_args={"check_same_thread": False, "timeout": BUSY_SECONDS},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _make_file(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)  # tokens and talks are nobody else's business
    except OSError as error:
        raise StoreUnavailable(f"the database file cannot be made: {error.strerror}") from error


def _prepare_sqlite(raw: sqlite3.Connection, _record: Any) -> None:
    raw.isolation_level = None  # we say BEGIN ourselves; the driver would do it too late
    _switch_to_wal(raw)
    raw.execute("PRAGMA synchronous = FULL")  # a commit must survive a power cut
    raw.execute("PRAGMA foreign_keys = ON")
    raw.execute("PRAGMA secure_delete = ON")  # forgotten text is overwritten with zeros
    raw.execute("PRAGMA cache_size = -16000")


def _switch_to_wal(raw: sqlite3.Connection) -> None:
    """Use write-ahead logging. SQLite does not wait for others here, so we try again."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            raw.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _begin_sqlite(connection: Any) -> None:
    raw = connection.connection.dbapi_connection
    if connection.get_execution_options().get("motcua_write"):
        _begin_immediate(raw)
    else:
        raw.execute("BEGIN")


def _begin_immediate(raw: sqlite3.Connection) -> None:
    """Take SQLite's one write lock now, so that a transaction cannot fail half-way.

    SQLite's own busy handler backs off to 100 ms between tries: against another process that
    writes without pause a webhook would starve. Short random waits give everyone a turn.
    """
    deadline = time.monotonic() + BUSY_SECONDS
    raw.execute("PRAGMA busy_timeout = 0")
    try:
        while True:
            try:
                raw.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise StoreUnavailable(_reason(error)) from error
            time.sleep(random.uniform(0.0005, 0.002))  # noqa: S311 - jitter, not a secret
    finally:
        raw.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")
