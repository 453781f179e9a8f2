"""An empty store on each engine; PostgreSQL runs as a private cluster."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from bot.store import Store, open_store

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def _missing(why: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(f"PostgreSQL must be tested here, but {why}")
    pytest.skip(f"PostgreSQL not tested: {why}")


def _as_server_user(folder: Path) -> list[str]:
    """PostgreSQL refuses to run as root: step down to its own user."""
    if os.getuid() != 0:
        return []
    shutil.chown(folder, "postgres", "postgres")
    return ["runuser", "-u", "postgres", "--"]


@pytest.fixture(scope="session")
def postgresql_address() -> Iterator[str]:
    """The address of a private cluster reached through a socket file; no port is opened."""
    if not BINARIES and shutil.which("initdb") is None:
        _missing("its server programs are not installed")
    binaries = BINARIES[0] if BINARIES else Path(str(shutil.which("initdb"))).parent
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    data = folder / "data"
    prefix = _as_server_user(folder)

    def run(*command: object) -> None:
        words = [*prefix, *map(str, command)]
        subprocess.run(words, check=True, cwd="/", stdout=subprocess.DEVNULL, timeout=60)

    # fsync stays off: these tests kill our processes, never the server's machine.
    options = f"-k {folder} -c listen_addresses='' -c fsync=off -c max_connections=60"
    try:
        run(binaries / "initdb", "-D", data, "-U", "motcua", "-A", "trust", "-E", "UTF8", "-N")
        log = folder / "log"
        run(binaries / "pg_ctl", "-D", data, "-l", log, "-w", "-o", options, "start")
        yield f"postgresql://motcua@/postgres?host={folder}"
        run(binaries / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'motcua.db'}"
    address = str(request.getfixturevalue("postgresql_address"))
    engine = create_engine(address, poolclass=NullPool)
    with engine.begin() as connection:  # an empty schema comes much faster than a new database
        connection.execute(text("SET lock_timeout = '10s'"))
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return address


@pytest.fixture
def open_again(store_url: str) -> Iterator[Callable[[], Store]]:
    """Opens the same database once more, as another process or a later start would."""
    opened: list[Store] = []

    def open_it() -> Store:
        opened.append(open_store(store_url, ("key-for-tests",)))
        return opened[-1]

    yield open_it
    for each in opened:
        each.close()


@pytest.fixture
def store(open_again: Callable[[], Store]) -> Store:
    """A store with its tables."""
    made = open_again()
    made.upgrade()
    return made
