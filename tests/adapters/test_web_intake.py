"""Whatever happens to the store, a webhook is answered, and nothing is lost or doubled."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot.core.channel import Echo, Webhook
from bot.core.errors import StoreUnavailable
from bot.web.intake import INTAKE, Event, Intake
from bot.web.spool import Spool, SpoolFull
from tests.adapters.web_parts import NOW, Parts, some_parts, web_app

ROOT = Path(__file__).parents[2]


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Parts]:
    made = some_parts(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def intake(parts: Parts, tmp_path: Path) -> Iterator[Intake]:
    """An intake of small patience whose background thread the test plays itself."""
    made = Intake(parts, Spool(tmp_path), patience=0.05)  # type: ignore[arg-type]
    made.start = lambda: None  # type: ignore[method-assign]
    yield made
    made.close()


@pytest.fixture
def call(parts: Parts, intake: Intake) -> Callable[..., Any]:
    app = web_app(parts)
    app.extensions[INTAKE] = intake

    def post(text: str, headers: dict[str, str] | None = None) -> Any:
        given = {"X-Sign": "good", **(headers or {})}
        return app.test_client().post("/webhooks/echo", data=text.encode(), headers=given)

    post.app = app  # type: ignore[attr-defined]
    return post


def kept(parts: Parts) -> list[str]:
    with closing(sqlite3.connect(parts.settings.data_dir / "motcua.db")) as db:
        return [row[0] for row in db.execute("SELECT text FROM inbound ORDER BY id")]


def waiting(intake: Intake) -> int:
    return intake.spool.waiting().events


def failing(error: Exception) -> Callable[..., Any]:
    def fail(*_: Any, **__: Any) -> Any:
        raise error

    return fail


def test_events_wait_on_disk_while_the_store_is_away_and_come_in_order(
    parts: Parts, intake: Intake, call: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as away:
        away.setattr(parts.store.journal, "receive", failing(StoreUnavailable("gone")))
        assert [call(text).status_code for text in "abc"] == [200, 200, 200]
        assert intake.step() == 0
        assert (kept(parts), waiting(intake), parts.waker.calls) == ([], 3, 0)

    assert call("d").status_code == 200  # not before the others
    assert intake.step() == 4
    assert call("e").status_code == 200

    assert (kept(parts), waiting(intake), parts.waker.calls) == (list("abcde"), 0, 2)


def test_an_event_brought_in_twice_is_kept_once(
    parts: Parts, intake: Intake, call: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive = parts.store.journal.receive

    def slow_but_done(*given: Any) -> Any:
        receive(*given)
        raise StoreUnavailable("the answer was lost")

    with monkeypatch.context() as away:
        away.setattr(parts.store.journal, "receive", slow_but_done)
        call("a")
    intake.step()

    assert kept(parts) == ["a"]


def test_a_store_that_hangs_is_not_waited_for(
    parts: Parts, intake: Intake, call: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, tries = threading.Event(), []
    receive = parts.store.journal.receive

    def hang(*given: Any) -> Any:
        tries.append(given)
        go_on.wait()
        return receive(*given)

    with monkeypatch.context() as away:
        away.setattr(parts.store.journal, "receive", hang)
        assert [call(text).status_code for text in "ab"] == [200, 200]
    assert len(tries) == 1  # the second event did not even try
    go_on.set()

    intake.step()
    assert sorted(kept(parts)) == ["a", "b"]


def test_a_database_locked_by_another_process_delays_nobody(
    parts: Parts, intake: Intake, call: Any, tmp_path: Path
) -> None:
    call("a")
    with closing(sqlite3.connect(tmp_path / "motcua.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert call("b").status_code == 200
        assert waiting(intake) == 1
        other.execute("COMMIT")

    intake.step()
    assert sorted(kept(parts)) == ["a", "b"]


def test_a_full_database_is_a_store_that_is_away(parts: Parts, intake: Intake, call: Any) -> None:
    """SQLite's own limit on pages stands for the full disk."""
    engine = parts.store._db.engine
    with engine.connect() as connection:
        raw = connection.connection.dbapi_connection
        pages = raw.execute("PRAGMA page_count").fetchone()[0]
    engine.dispose()

    from sqlalchemy import event

    def limit(raw: Any, _: Any) -> None:
        raw.execute(f"PRAGMA max_page_count = {pages + 1}")

    event.listen(engine, "connect", limit)
    texts = [str(number) + "x" * 3_000 for number in range(6)]
    assert {call(text).status_code for text in texts} == {200}
    assert waiting(intake) > 0

    event.remove(engine, "connect", limit)
    engine.dispose()
    intake.step()
    assert sorted(kept(parts)) == texts


def test_with_the_spool_full_too_the_platform_is_asked_to_call_again(
    parts: Parts, intake: Intake, call: Any, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    with monkeypatch.context() as away:
        away.setattr(parts.store.journal, "receive", failing(StoreUnavailable("gone")))
        away.setattr(intake.spool, "append", failing(SpoolFull("No space left on device")))
        answer = call("chuyen rieng")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "event=webhook_lost" in caplog.text
    assert "chuyen rieng" not in caplog.text
    intake.step()  # the store takes a write again
    assert call("chuyen rieng").status_code == 200
    assert kept(parts) == ["chuyen rieng"]


def test_an_event_the_store_chokes_on_lets_the_others_pass(
    parts: Parts, intake: Intake, call: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive = parts.store.journal.receive

    def choke(inbounds: Any, now: Any) -> Any:
        if inbounds[0].text == "poison":
            raise ValueError("poison")
        return receive(inbounds, now)

    monkeypatch.setattr(parts.store.journal, "receive", choke)
    assert [call(text).status_code for text in ("a", "poison", "b")] == [200, 200, 200]
    assert kept(parts) == ["a", "b"]

    intake.step()
    left = intake.spool.waiting()
    assert (left.events, left.refused) == (0, 1)


def test_events_that_come_together_are_kept_together(
    parts: Parts, intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive, sizes, go_on = parts.store.journal.receive, [], threading.Event()

    def note(inbounds: Any, now: Any) -> Any:
        go_on.wait()
        sizes.append(len(inbounds))
        return receive(inbounds, now)

    monkeypatch.setattr(parts.store.journal, "receive", note)
    texts = [f"t{number}" for number in range(20)]
    understood = [parts.channels["echo"].understand(text.encode(), NOW) for text in texts]
    waiting = [intake._writer.submit(Event("echo", webhook, NOW)) for webhook in understood]
    go_on.set()
    for each in waiting:
        each.result(20)

    assert sizes in ([1, 19], [20], *([n, 20 - n] for n in range(2, 20)))
    assert kept(parts) == texts


def test_one_bad_event_among_others_fails_alone(
    parts: Parts, intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive, go_on = parts.store.journal.receive, threading.Event()

    def choke(inbounds: Any, now: Any) -> Any:
        go_on.wait()
        if any(inbound.text == "poison" for inbound in inbounds):
            raise ValueError("poison")
        return receive(inbounds, now)

    monkeypatch.setattr(parts.store.journal, "receive", choke)
    texts = ["a", "b", "poison", "c"]
    understood = [parts.channels["echo"].understand(text.encode(), NOW) for text in texts]
    waiting = [intake._writer.submit(Event("echo", webhook, NOW)) for webhook in understood]
    go_on.set()
    failed = [isinstance(each.exception(20), ValueError) for each in waiting]

    assert failed == [False, False, True, False]
    assert kept(parts) == ["a", "b", "c"]


def test_echoes_of_our_own_are_kept_before_the_platform_is_answered(
    parts: Parts, intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []
    echo = Echo("e1", "lan", "Dạ", NOW, by_staff=False)
    webhook = Webhook(200, "ignored", echoes=(echo,))
    monkeypatch.setattr(parts.channels["echo"], "understand", lambda *_: webhook)
    with monkeypatch.context() as away:
        away.setattr(parts.store.echoes, "of_our_own", failing(StoreUnavailable("gone")))
        assert not intake.take("echo", b"{}", webhook, NOW)
    monkeypatch.setattr(parts.store.echoes, "of_our_own", lambda *one: seen.append(one))

    intake.step()
    assert intake.take("echo", b"{}", webhook, NOW)

    assert seen == [("echo", [echo], NOW)] * 2
    assert waiting(intake) == 0


def test_a_person_who_writes_while_the_store_is_away_is_heard_later(
    parts: Parts, intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    echo = Echo("e1", "lan", "Dạ", NOW, by_staff=True)
    webhook = Webhook(200, "accepted", echoes=(echo,))
    monkeypatch.setattr(parts.channels["echo"], "understand", lambda *_: webhook)
    with monkeypatch.context() as away:
        away.setattr(parts.store.echoes, "from_staff", failing(StoreUnavailable("gone")))
        assert not intake.take("echo", b"{}", webhook, NOW)
    intake.step()

    assert parts.store.citizens.find("echo", "lan")


def test_what_waits_is_shown(
    parts: Parts, intake: Intake, call: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = call.app.test_client()
    assert "spool" not in client.get("/readyz").get_json()

    with monkeypatch.context() as away:
        away.setattr(parts.store.journal, "receive", failing(StoreUnavailable("gone")))
        call("a", {"num-retry": "2"})

    metrics = client.get("/metrics").text
    assert client.get("/readyz").get_json()["spool"] == 1
    assert "motcua_spool_events 1.0" in metrics
    assert 'motcua_webhooks_total{channel="echo",outcome="spooled"} 1.0' in metrics
    assert 'motcua_webhook_repeats_total{channel="echo"} 1.0' in metrics


def test_the_background_thread_brings_events_in_and_stops(parts: Parts, tmp_path: Path) -> None:
    done = threading.Event()
    parts.waker.then = done.set
    intake = Intake(parts, Spool(tmp_path), patience=0.05)  # type: ignore[arg-type]
    receive = parts.store.journal.receive
    parts.store.journal.receive = failing(StoreUnavailable("gone"))  # type: ignore[method-assign]
    webhook = parts.channels["echo"].understand(b"a", NOW)
    assert not intake.take("echo", b"a", webhook, NOW)
    parts.store.journal.receive = receive  # type: ignore[method-assign]

    assert done.wait(20)
    intake.close()
    assert kept(parts) == ["a"]


DIES_BEFORE_DELETING = """
import os, signal, sys
from pathlib import Path
from bot.web.intake import Intake
from bot.web.spool import Spool, Spooled
from tests.adapters.web_parts import NOW, some_parts
folder = Path(sys.argv[1])
spool = Spool(folder)
for text in "abc":
    spool.append(Spooled("echo", text.encode(), NOW))
spool.done = lambda batch: os.kill(os.getpid(), signal.SIGKILL)
Intake(some_parts(folder), spool).step()
"""


def test_a_kill_between_commit_and_delete_doubles_nothing(
    parts: Parts, intake: Intake, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", DIES_BEFORE_DELETING, str(tmp_path)]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    died = subprocess.run(command, cwd=ROOT, env=environ, check=False).returncode

    assert (died, kept(parts), waiting(intake)) == (-signal.SIGKILL, list("abc"), 3)
    assert intake.step() == 3
    assert (kept(parts), waiting(intake)) == (list("abc"), 0)
