"""Commands and the spool: erasing takes what waits along, the doctor shows it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest

from bot.cli.spooled import bring_in, checks
from bot.settings import Settings
from bot.store import open_store
from bot.web.spool import Spool, Spooled
from tests.contract.channel_samples import ZALO

NOW = datetime(2026, 11, 22, tzinfo=timezone.utc)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        data_dir=tmp_path,
        zalo_app_id=ZALO.app_id,
        zalo_app_secret="secret",
        zalo_oa_id=ZALO.oa_id,
        zalo_oa_secret=ZALO.oa_secret,
    )


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Spool]:
    """The spool of a web process that holds one event."""
    event = {
        "app_id": ZALO.app_id,
        "event_name": "user_send_text",
        "sender": {"id": "2"},
        "recipient": {"id": ZALO.oa_id},
        "message": {"msg_id": "m", "text": "chào em"},
        "timestamp": "1790000000000",
    }
    spool = Spool(tmp_path)
    spool.append(Spooled("zalo", json.dumps(event).encode(), NOW))
    yield spool
    spool.close()


def test_what_a_dead_process_left_is_brought_in(settings: Settings, writer: Spool) -> None:
    writer.close()

    assert bring_in(settings) == 0
    store = open_store(settings.store_url)
    assert store.citizens.find("zalo", "2")
    store.close()


def test_what_a_living_process_holds_is_waited_for(settings: Settings, writer: Spool) -> None:
    def it_brings_them_in(seconds: float) -> None:
        batch = writer.take()
        assert batch is not None
        writer.done(batch)

    assert bring_in(settings, rest=it_brings_them_in) == 0


def test_the_doctor_tells_what_waits(settings: Settings, writer: Spool) -> None:
    (finding,) = checks(settings)
    assert finding.line.startswith("fix: webhook events: 1 wait on disk")

    writer.refuse(b"line\n")
    refused, waiting = checks(settings)
    assert "event=spool_refused" in refused.line
    assert "1 wait" in waiting.line


def test_with_nothing_waiting_all_is_well(settings: Settings) -> None:
    assert bring_in(settings) == 0
    assert [finding.line for finding in checks(settings)] == ["ok   webhook events: none waits"]
