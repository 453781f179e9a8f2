"""A citizen's data from the command line: shown, erased, forgotten in time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.cli.privacy import privacy
from bot.settings import Settings
from bot.sources.onestop.known import TERM, KnownStates
from bot.store import Store, open_store
from bot.web.spool import Spool
from bot.wiring.privacy import purge
from tests.builders import a_dossier
from tests.contract.planting import MARK, left_of, plant
from tests.privacy_page import kept_after_erasure

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=timezone.utc)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = open_store(f"sqlite:///{tmp_path / 'motcua.db'}")
    made.upgrade()
    yield made
    made.close()


@pytest.fixture
def run(tmp_path: Path) -> Any:
    environ = {"MOTCUA_DATA_DIR": str(tmp_path), "MOTCUA_DATABASE_URL": ""}

    def call(*words: str) -> Result:
        return CliRunner(env=environ).invoke(privacy, words)

    return call


def test_a_citizen_is_named_by_number_or_by_channel_and_id(store: Store, run: Any) -> None:
    citizen = plant(store)

    by_number = run("export", str(citizen.id))
    by_name = run("export", f"zalo:{citizen.external_id}")

    assert by_number.exit_code == by_name.exit_code == 0
    assert json.loads(by_number.output) == json.loads(by_name.output)
    assert json.loads(by_number.output)["follows"][0]["code"].startswith(MARK)


@pytest.mark.parametrize(
    "words",
    [(), ("0",), ("999",), ("zalo:nobody",), ("zalo",), ("9" * 40,), ("1", "--citizen", "1")],
)
def test_nobody_is_erased_by_a_slip(store: Store, run: Any, words: tuple[str, ...]) -> None:
    citizen = plant(store)

    result = run("erase", *words, "--yes")

    assert result.exit_code == 1 or "Error" in result.output
    assert store.citizens.by_id(citizen.id)


def test_erasing_empties_every_table_and_every_file(
    store: Store, run: Any, tmp_path: Path
) -> None:
    citizen = plant(store)

    result = run("erase", str(citizen.id), "--yes")

    assert result.exit_code == 0, result.output
    assert "1 follows" in result.output
    assert MARK not in result.output
    assert left_of(store, citizen) == kept_after_erasure()
    store.privacy.purge(datetime.now(timezone.utc) + timedelta(days=1))
    for path in tmp_path.glob("motcua.db*"):
        assert MARK.encode() not in path.read_bytes(), path.name


def test_erasing_tells_of_events_nobody_could_read(store: Store, run: Any, tmp_path: Path) -> None:
    citizen = plant(store)
    (tmp_path / "spool").mkdir()
    Spool(tmp_path).refuse(b"{}\n")

    assert "1 unreadable" in run("erase", str(citizen.id), "--yes").output


def test_purging_tells_what_was_forgotten(store: Store, run: Any) -> None:
    plant(store)

    result = run("purge")

    assert result.exit_code == 0, result.output
    assert result.output.startswith("Forgotten: ")


def test_states_nobody_asks_for_any_more_are_forgotten(store: Store, tmp_path: Path) -> None:
    known = KnownStates(tmp_path / "known.db")
    known.keep([("H39", a_dossier(as_of=NOW))], NOW)
    settings = Settings(data_dir=tmp_path)

    purge(settings, store, NOW + TERM - timedelta(seconds=1))
    assert known.find("H39", NOW)
    purge(settings, store, NOW + TERM + timedelta(seconds=1))

    assert known.find("H39", NOW) is None
    known.close()


def test_a_desk_without_a_one_stop_system_gets_no_file_for_it(
    store: Store, tmp_path: Path
) -> None:
    purge(Settings(data_dir=tmp_path), store, NOW)

    assert not (tmp_path / "known.db").exists()
