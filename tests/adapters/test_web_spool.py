"""Events on disk: whole, private, brought in once, whoever died in between."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.web import spool as spool_module
from bot.web.spool import Batch, Spool, Spooled, SpoolFull
from tests.adapters.web_parts import NOW

ROOT = Path(__file__).parents[2]


def an_event(text: str = "xin chào") -> Spooled:
    return Spooled("echo", text.encode(), NOW)


def texts(batch: Batch | None) -> list[str]:
    assert batch is not None
    return [Spooled.from_line(line).body.decode() for line in batch.lines()]


@pytest.fixture
def spool(tmp_path: Path) -> Any:
    made = Spool(tmp_path)
    yield made
    made.close()


def test_an_event_comes_back_as_it_was(spool: Spool) -> None:
    event = an_event('{"a": "ạ\\u0000\n"}')
    spool.append(event)

    batch = spool.take()
    assert batch is not None
    assert [Spooled.from_line(line) for line in batch.lines()] == [event]


def test_events_keep_their_order_and_go_with_their_file(spool: Spool, tmp_path: Path) -> None:
    for number in range(5):
        spool.append(an_event(str(number)))

    batch = spool.take()
    assert texts(batch) == ["0", "1", "2", "3", "4"]
    assert batch is not None
    spool.done(batch)

    assert spool.take() is None
    assert list((tmp_path / "spool").iterdir()) == []


def test_nobody_else_may_read_what_waits(spool: Spool, tmp_path: Path) -> None:
    spool.append(an_event())

    (path,) = (tmp_path / "spool").iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_batch_goes_on_where_it_was_left(spool: Spool) -> None:
    for number in range(3):
        spool.append(an_event(str(number)))
    batch = spool.take()
    assert batch is not None
    lines = batch.lines()
    next(lines)
    next(lines)  # "0" is done, "1" was being brought in
    lines.close()  # type: ignore[attr-defined]

    assert spool.take() is batch
    assert texts(batch) == ["1", "2"]


def test_files_do_not_grow_without_end(tmp_path: Path) -> None:
    spool = Spool(tmp_path, most_bytes=100)
    for number in range(3):
        spool.append(an_event(str(number) * 100))

    assert len(list((tmp_path / "spool").iterdir())) == 3
    assert spool.waiting().events == 3
    assert texts(spool.take()) == ["0" * 100]
    spool.close()


def test_a_living_writer_keeps_its_file_and_a_dead_ones_is_taken(tmp_path: Path) -> None:
    mine, other = Spool(tmp_path), Spool(tmp_path)
    mine.append(an_event("mine"))

    assert other.take() is None
    mine.close()
    assert texts(other.take()) == ["mine"]
    other.close()


def test_a_full_disk_is_said_and_leaves_no_half_line(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool.append(an_event("before"))
    write = os.write

    def full(descriptor: int, data: bytes) -> int:
        if len(data) > 7:
            return write(descriptor, bytes(data)[:7])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(spool_module.os, "write", full)
    with pytest.raises(SpoolFull):
        spool.append(an_event("lost" + "x" * 5))
    monkeypatch.undo()
    spool.append(an_event("after"))

    assert texts(spool.take()) == ["before", "after"]


def test_a_half_line_that_cannot_be_taken_back_harms_no_other(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool.append(an_event("before"))
    write = os.write

    def broken(descriptor: int, data: bytes) -> int:
        write(descriptor, bytes(data)[:7])
        raise OSError(errno.EIO, "Input/output error")

    def stuck(*_: Any) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(spool_module.os, "write", broken)
    monkeypatch.setattr(spool_module.os, "ftruncate", stuck)
    with pytest.raises(SpoolFull):
        spool.append(an_event("lost"))
    monkeypatch.undo()
    spool.append(an_event("after"))

    first = spool.take()
    assert texts(first) == ["before"]
    assert first is not None
    spool.done(first)
    assert texts(spool.take()) == ["after"]


def test_a_folder_that_cannot_be_made_is_a_full_spool(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("in the way")

    with pytest.raises(SpoolFull):
        Spool(tmp_path).append(an_event())


def test_what_was_acknowledged_before_a_kill_is_brought_in_by_the_next(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys; from pathlib import Path\n"
        "from datetime import datetime, timezone\n"
        "from bot.web.spool import Spool, Spooled\n"
        "spool = Spool(Path(sys.argv[1]))\n"
        "for text in (b'a', b'b'):\n"
        "    spool.append(Spooled('echo', text, datetime.now(timezone.utc)))\n"
        "os.write(spool._current[1], b'{\"half')\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    died = subprocess.run(command, cwd=ROOT, check=False).returncode

    assert died == -signal.SIGKILL
    spool = Spool(tmp_path)
    assert texts(spool.take()) == ["a", "b"]
    spool.close()


def test_what_the_store_never_takes_is_put_away_for_a_day(spool: Spool, tmp_path: Path) -> None:
    spool.append(an_event())
    spool.refuse(b"line\n")
    (refused,) = (tmp_path / "spool").glob(spool_module.REFUSED)

    assert spool.waiting().refused == 1
    assert stat.S_IMODE(refused.stat().st_mode) == 0o600
    os.utime(refused, (NOW.timestamp(), NOW.timestamp()))
    spool.forget(NOW - timedelta(minutes=1))
    assert refused.exists()
    spool.forget(NOW + timedelta(minutes=1))
    spool.forget(NOW + timedelta(minutes=1))
    assert not refused.exists()
