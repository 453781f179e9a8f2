"""Sending, stopping and exporting approved notices, and checking the record, by command."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, delete, update

from bot.cli import sending
from bot.cli.audit import audit
from bot.cli.notices import notices
from bot.core.announcements.announcement import Topic
from bot.core.notices.notice import Urgency
from bot.core.notices.states import State
from bot.store import open_store
from bot.store.schema import audit as record
from tests.contract.notice_builders import a_notice, again, approve, counts, submitted
from tests.contract.store_builders import follow, lease_deliveries


class OneTopic:
    def __init__(self, path):
        self.topics = self

    def find(self, text):
        return Topic("thien-tai", "Thiên tai", ())


@pytest.fixture(autouse=True)
def small_registry(monkeypatch):
    monkeypatch.setattr("bot.wiring.notices.Registry", OneTopic)


@pytest.fixture
def store(tmp_path):
    made = open_store(f"sqlite:///{tmp_path / 'motcua.db'}")
    made.upgrade()
    yield made
    made.close()


@pytest.fixture
def run(tmp_path):
    def run_it(group, *words, answer=None):
        runner = CliRunner(env={"MOTCUA_DATA_DIR": str(tmp_path), "MOTCUA_DATABASE_URL": ""})
        return runner.invoke(group, [str(word) for word in words], input=answer)

    return run_it


def now():
    return datetime.now(timezone.utc)


@pytest.fixture
def approved(store):
    """An urgent notice (the tests may run at night) for two followers."""
    for name in ("lan", "minh"):
        follow(store, name, sent_at=now(), now=now())
    urgent = a_notice(urgency=Urgency.URGENT)
    return approve(store, submitted(store, urgent, now()), now=now())


def test_an_approved_notice_is_sent(run, store, approved):
    result = run(notices, "send", approved.id)

    assert result.exit_code == 0, result.output
    assert f"Notice {approved.id} ({approved.code}) is planned." in result.output
    assert counts(store, approved) == {"queued": 2}
    delivery = lease_deliveries(store, now=now())[0]
    assert f"Mã tin: {approved.code}" in delivery.reply.text
    assert run(notices, "send", approved.id).exit_code == 0  # says where it is, sends nothing new
    assert sum(counts(store, approved).values()) == 2


def test_what_nobody_approved_is_not_sent(run, store):
    draft = submitted(store, now=now())

    result = run(notices, "send", draft.id)

    assert result.exit_code == 1
    assert "not_now" in result.output
    assert store.announcements.recent() == []


def test_there_is_no_command_to_approve_and_the_help_says_why(run):
    assert "approve" not in notices.commands
    assert "no command for it" in run(notices, "--help").output
    assert "Approving is not a command" in run(notices, "send", "--help").output


def test_a_notice_is_watched_until_it_is_through(run, store, approved, monkeypatch):
    looks = []

    def meanwhile(seconds):
        looks.append(seconds)
        for row in lease_deliveries(store, now=now(), limit=1):
            store.deliveries.sent(row, f"m{row.id}", now())
        store.broadcasts.finish(now())

    monkeypatch.setattr(sending._watch, "__defaults__", (meanwhile,))

    result = run(notices, "send", approved.id, "--watch")

    assert result.output.splitlines()[-1] == f"Notice {approved.id} ({approved.code}) is done."
    assert len(looks) >= 2


def test_pause_resume_and_cancel_leave_their_traces(run, store, approved):
    run(notices, "send", approved.id)

    paused = run(notices, "pause", approved.id, "--reason", "Xem lại")
    assert "is paused" in paused.output
    assert lease_deliveries(store, now=now()) == []
    assert "is sending" in run(notices, "resume", approved.id).output
    asked = run(notices, "cancel", approved.id, "--reason", "Sai", answer="n\n")
    assert asked.exit_code == 1
    assert again(store, approved).state is State.SENDING
    assert run(notices, "cancel", approved.id, "--reason", "Sai", "--yes").exit_code == 0

    acts = [version.actor.partition(":")[0] for version in store.drafts.history(approved.id)]
    assert acts[-3:] == ["cli", "cli", "cli"]
    assert again(store, approved).reason == "Sai"
    assert run(notices, "resume", approved.id).exit_code == 1


def test_the_ledger_is_written_to_a_new_file(run, store, approved, tmp_path):
    assert run(notices, "export", approved.id).exit_code == 2  # nothing was sent yet
    run(notices, "send", approved.id)
    path = tmp_path / "ledger.csv"

    result = run(notices, "export", approved.id, "--to", path)

    assert result.exit_code == 0, result.output
    assert len(path.read_text(encoding="utf-8-sig").splitlines()) == 3
    assert run(notices, "export", approved.id, "--to", path).exit_code == 2  # never overwritten
    before = store.audit.count()
    assert "queued" in run(notices, "export", approved.id).output
    assert store.audit.count() == before + 1  # the screen is noted like a file


def test_unsure_recipients_are_listed(run, store, approved):
    run(notices, "send", approved.id)
    assert run(notices, "unsure", approved.id).output == "Nobody.\n"
    (row,) = lease_deliveries(store, now=now(), limit=1)
    store.deliveries.unsure(row, "lost", now())

    assert (
        f"delivery={row.id} citizen={row.citizen.id}" in run(notices, "unsure", approved.id).output
    )


def test_unsure_recipients_are_decided_about(run, store, approved):
    run(notices, "send", approved.id)
    first, second = lease_deliveries(store, now=now())
    for row in (first, second):
        store.deliveries.unsure(row, "lost", now())
    decide = ("unsure", approved.id, "--decide")

    assert run(notices, *decide, "again", answer="n\n").exit_code == 1
    assert counts(store, approved) == {"unsure": 2}
    one = run(notices, *decide, "arrived", "--delivery", first.id, "--yes")
    assert "Decided: 1." in one.output
    assert run(notices, *decide, "again", "--delivery", first.id, "--yes").exit_code == 2
    assert "Decided: 1." in run(notices, *decide, "again", "--yes").output
    assert counts(store, approved) == {"sent": 1, "queued": 1}
    assert run(notices, *decide, "again", "--yes").output == "Nobody.\n"


@pytest.mark.parametrize("words", [("send",), ("export",), ("unsure",), ("pause",)])
def test_a_notice_that_is_not_there_is_said_so(run, store, words):
    result = run(notices, *words, 99)

    assert result.exit_code in (1, 2)
    assert "Traceback" not in result.output


def test_the_record_holds_until_somebody_touches_it(run, store, approved, tmp_path):
    held = run(audit, "verify")
    assert held.exit_code == 0
    assert "The chain holds: 5 rows" in held.output
    head = store.audit.head()
    engine = create_engine(f"sqlite:///{tmp_path / 'motcua.db'}")

    with engine.begin() as connection:
        connection.execute(delete(record).where(record.c.id == 5))
    assert run(audit, "verify").exit_code == 0  # an end that was cut off leaves no gap
    cut = run(audit, "verify", "--head", head)
    assert (cut.exit_code, "cut off" in cut.output) == (1, True)

    with engine.begin() as connection:
        connection.execute(update(record).where(record.c.id == 2).values(actor="staff:7"))
    changed = run(audit, "verify")
    assert (changed.exit_code, "breaks at row 2" in changed.output) == (1, True)
    engine.dispose()
