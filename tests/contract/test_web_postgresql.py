"""PostgreSQL stops or hangs: webhooks are answered, and nothing is lost or doubled."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from bot.settings import Settings
from bot.store import open_store
from bot.web.intake import INTAKE, Intake
from bot.web.spool import Spool
from tests.adapters.web_parts import Parts, web_app
from tests.postgresql import as_server_user, binaries, options

pytestmark = pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)


@pytest.fixture
def desk(store_url: str, tmp_path: Path) -> Any:
    """A web process on PostgreSQL, whose background thread the test plays itself."""
    store = open_store(store_url)
    store.upgrade()
    parts = Parts(Settings(data_dir=tmp_path, database_url=store_url), store)
    app = web_app(parts)
    intake = app.extensions[INTAKE] = Intake(parts, Spool(tmp_path), patience=0.2)  # type: ignore[arg-type]
    intake.start = lambda: None
    yield app, intake, parts
    intake.close()
    store.close()


def call(app: Any, name: str) -> int:
    client, headers = app.test_client(), {"X-Sign": "good"}
    status: int = client.post("/webhooks/echo", data=name.encode(), headers=headers).status_code
    return status


def kept(url: str) -> list[str]:
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        return list(connection.execute(text("SELECT text FROM inbound ORDER BY id")).scalars())


def control(url: str, *words: str) -> None:
    folder = Path(make_url(url).query["host"])
    programs = binaries()
    assert programs is not None
    command = [programs / "pg_ctl", "-D", folder / "data", "-w", "-l", folder / "log"]
    start = ["-o", options(folder, fsync=False)] if words[0] == "start" else []
    all_words = [*as_server_user(folder), *map(str, command), *start, *words]
    subprocess.run(all_words, check=True, cwd="/", stdout=subprocess.DEVNULL, timeout=60)


def test_a_stopped_server_loses_and_doubles_nothing(desk: Any, store_url: str) -> None:
    app, intake, _ = desk
    assert call(app, "a") == 200
    control(store_url, "stop", "-m", "immediate")
    try:
        assert [call(app, name) for name in "bc"] == [200, 200]
        assert intake.step() == 0
    finally:
        control(store_url, "start")

    assert intake.step() == 2
    assert call(app, "d") == 200
    assert kept(store_url) == list("abcd")


def test_a_table_somebody_locked_delays_nobody(desk: Any, store_url: str) -> None:
    app, intake, _ = desk
    other = create_engine(store_url, poolclass=NullPool)
    with other.begin() as connection:
        connection.execute(text("LOCK TABLE inbound IN ACCESS EXCLUSIVE MODE"))
        assert [call(app, name) for name in "ab"] == [200, 200]

    intake.step()
    assert sorted(kept(store_url)) == ["a", "b"]
