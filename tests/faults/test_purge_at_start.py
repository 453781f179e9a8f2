"""A worker that never runs for an hour forgets what is past its day all the same."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from bot.store import open_store
from tests.contract.store_builders import talk
from tests.desk_process import running_desk


@pytest.mark.slow
def test_old_words_are_forgotten_as_soon_as_the_worker_starts(tmp_path: Path) -> None:
    with running_desk(tmp_path, start=False) as desk:
        store = open_store(f"sqlite:///{tmp_path / 'motcua.db'}")
        past = datetime.now(timezone.utc) - timedelta(hours=30)
        citizen = talk(store, "Dạ, chào anh/chị.", text="Nguyễn Bí Mật", now=past, sent_at=past)

        desk.start("worker")
        deadline = time.monotonic() + 60
        while store.timeline.messages(citizen.id) and time.monotonic() < deadline:
            time.sleep(0.2)

        assert store.timeline.messages(citizen.id) == []
        store.close()
