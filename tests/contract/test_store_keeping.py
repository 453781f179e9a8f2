"""Tables, tokens, heartbeats and the audit trail."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, delete, update

from bot.core.errors import SettingsError, StoreUnavailable
from bot.store import TokenPair, open_store
from bot.store.schema import audit, metadata
from bot.store.upgrading import MIGRATIONS
from bot.store.version import newest
from tests.contract.store_builders import NOW, a_message, follow, later

COMPARED = {
    "compare_type": True,
    "include_object": lambda thing, name, *rest: name != "sqlite_sequence",  # the engine's own
}


def test_the_migrations_build_exactly_the_schema(store, store_url):
    with create_engine(store_url).connect() as connection:
        context = MigrationContext.configure(connection, opts=COMPARED)

        assert compare_metadata(context, metadata) == []


def test_upgrading_twice_keeps_everything(store, open_again):
    citizen = follow(store, "lan")

    again = open_again()
    again.upgrade()

    assert again.subscriptions.topics_of(citizen.id) == ["thien-tai"]


def test_the_newest_step_is_known_without_loading_the_migrations(store, monkeypatch):
    script = ScriptDirectory(str(MIGRATIONS))
    assert newest() == script.get_current_head()

    monkeypatch.setattr("bot.store.upgrading.upgrade", None)
    store.upgrade()  # nothing to do, so nothing is called


def test_processes_that_start_together_upgrade_once(open_again):
    stores = [open_again() for _ in range(4)]
    errors = []

    def upgrade(each):
        try:
            each.upgrade()
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=upgrade, args=[each]) for each in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    assert stores[0].journal.receive([a_message()], NOW)


def test_a_store_in_memory_is_refused_with_the_cure():
    with pytest.raises(SettingsError, match="MOTCUA_DATABASE_URL"):
        open_store("sqlite://")


@pytest.mark.parametrize(
    "url", ["sqlite:////proc/no/such.db", "postgresql://motcua@127.0.0.1:1/motcua"]
)
def test_a_database_out_of_reach_is_said_so(url):
    with pytest.raises(StoreUnavailable):
        open_store(url).ping()


def test_a_damaged_database_is_unavailable_without_quoting_its_content(tmp_path):
    (tmp_path / "motcua.db").write_bytes(b"this is not a database" * 100)

    with pytest.raises(StoreUnavailable, match="not a database"):
        open_store(f"sqlite:///{tmp_path / 'motcua.db'}").ping()


def test_only_its_owner_may_read_the_database_file(tmp_path):
    open_store(f"sqlite:///{tmp_path / 'motcua.db'}")

    assert (tmp_path / "motcua.db").stat().st_mode & 0o077 == 0


def test_naive_times_are_refused(store):
    with pytest.raises(Exception, match="aware"):
        store.journal.receive([a_message()], NOW.replace(tzinfo=None))


def test_the_newest_tokens_survive_a_restart(store, open_again):
    assert store.tokens.load("zalo", "oa") is None
    store.tokens.save("zalo", "oa", TokenPair("a1", "r1", later(hours=25)), NOW)
    store.tokens.save("zalo", "oa", TokenPair("a2", "r2", later(hours=26)), NOW)
    store.close()

    pair = open_again().tokens.load("zalo", "oa")

    assert pair == TokenPair("a2", "r2", later(hours=26))
    assert "a2" not in repr(pair)


def test_only_one_may_refresh_tokens_at_a_time(store, open_again):
    other, inside, order = open_again(), threading.Event(), []

    def refresh():
        inside.wait()
        with other.tokens.lock("zalo", "oa"):
            order.append("other")

    thread = threading.Thread(target=refresh)
    thread.start()
    with store.tokens.lock("zalo", "oa"):
        inside.set()
        with store.tokens.lock("zalo", "another"):
            store.tokens.save("zalo", "oa", TokenPair("a", "r", NOW), NOW)
        order.append("first")
    thread.join()

    assert order == ["first", "other"]


def test_a_heartbeat_is_believed_for_a_while(store):
    store.processes.beat("worker", NOW, {"model": "m1"})
    store.processes.beat("worker", later(seconds=5), {"model": "m2"})
    within = timedelta(seconds=10)

    assert store.processes.alive("worker", later(seconds=15), within) == {"model": "m2"}
    assert store.processes.alive("worker", later(seconds=16), within) is None
    assert store.processes.alive("web", NOW, within) is None


def test_the_audit_chain_holds_until_somebody_edits_it(store, store_url):
    assert store.audit.verify() is None
    ids = [store.audit.append("cli", "publish", f"notice:{n}", {"n": n}, NOW) for n in range(4)]
    assert store.audit.verify() is None

    with create_engine(store_url).begin() as connection:
        connection.execute(update(audit).where(audit.c.id == ids[2]).values(actor="ai đó"))

    assert store.audit.verify() == ids[2]


def test_the_audit_chain_shows_a_missing_row(store, store_url):
    ids = [store.audit.append("cli", "publish", f"notice:{n}", {}, NOW) for n in range(3)]
    head = store.audit.head()

    with create_engine(store_url).begin() as connection:
        connection.execute(delete(audit).where(audit.c.id == ids[1]))

    assert store.audit.verify() == ids[2]
    assert store.audit.head() == head


def test_many_hands_write_one_audit_chain(store):
    def write(name):
        for number in range(5):
            store.audit.append(name, "act", str(number), {}, NOW)

    threads = [threading.Thread(target=write, args=[f"t{n}"]) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert store.audit.verify() is None
