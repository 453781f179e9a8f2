"""What was deleted is in none of the database's files any more, its log included."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.core.messages import InboundKind
from bot.store import Store, open_store
from tests.contract.planting import MARK, plant
from tests.contract.store_builders import NOW, later, talk

SECRET = "Nguyễn Bí Mật 0912345678"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = open_store(f"sqlite:///{tmp_path / 'motcua.db'}")
    made.upgrade()
    yield made
    made.close()


def kept(folder: Path, secret: bytes) -> list[str]:
    return [path.name for path in folder.glob("motcua.db*") if secret in path.read_bytes()]


def test_a_picture_is_gone_for_good_soon_after_its_answer(store: Store, tmp_path: Path) -> None:
    picture = os.urandom(20_000)
    talk(store, "Dạ, đã xem.", kind=InboundKind.IMAGE, picture=picture)
    assert kept(tmp_path, picture[5_000:5_040])

    assert store.privacy.scrub()

    assert not kept(tmp_path, picture[5_000:5_040])


def test_an_erased_citizen_is_gone_for_good(store: Store, tmp_path: Path) -> None:
    citizen = talk(store, "Dạ, chào anh/chị.", text=SECRET)
    assert kept(tmp_path, SECRET.encode())

    store.privacy.erase(citizen.id, NOW)

    assert not kept(tmp_path, SECRET.encode())


def test_an_erased_citizen_is_gone_for_good_from_every_table(store: Store, tmp_path: Path) -> None:
    citizen = plant(store)
    assert kept(tmp_path, MARK.encode())

    store.privacy.erase(citizen.id, NOW)
    store.privacy.purge(later(hours=25))  # what counted on without them

    assert not kept(tmp_path, MARK.encode())


def test_a_talk_erased_by_its_citizen_is_gone_soon(store: Store, tmp_path: Path) -> None:
    talk(store, "Dạ, chào anh/chị.", text=SECRET)
    talk(store, "Dạ, đã xóa.", number=2, effects=[{"effect": "erase"}])

    assert store.privacy.scrub()

    assert not kept(tmp_path, SECRET.encode())


def test_a_text_past_its_day_is_gone_for_good(store: Store, tmp_path: Path) -> None:
    talk(store, "Dạ, chào anh/chị.", text=SECRET)

    store.privacy.purge(later(hours=25))

    assert not kept(tmp_path, SECRET.encode())


def test_a_reader_only_puts_the_scrubbing_off(store: Store, tmp_path: Path) -> None:
    citizen = talk(store, "Dạ, chào anh/chị.", text=SECRET)
    other = open_store(f"sqlite:///{tmp_path / 'motcua.db'}")
    with other._db.read() as reading:
        reading.exec_driver_sql("select count(*) from inbound").scalar()
        store.privacy.erase(citizen.id, NOW)
        assert not store.privacy.scrub()
    other.close()

    assert store.privacy.scrub()

    assert not kept(tmp_path, SECRET.encode())
