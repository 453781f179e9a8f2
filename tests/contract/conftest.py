"""An empty store on each engine; PostgreSQL runs as a private cluster."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from bot.store import Store, open_store
from tests.postgresql import binaries, private_server


def _missing(why: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(f"PostgreSQL must be tested here, but {why}")
    pytest.skip(f"PostgreSQL not tested: {why}")


@pytest.fixture(scope="session")
def postgresql_address() -> Iterator[str]:
    """The address of a private server of this run."""
    programs = binaries()
    if programs is None:
        _missing("its server programs are not installed")
    # These tests kill our processes, never the server's machine.
    with private_server(programs, fsync=False) as address:
        yield address


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
