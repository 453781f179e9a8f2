"""How long it takes from an import to the messages of everybody who follows what changed.

A register of its own, one web citizen for each follow, the real import command, one lane.

usage: python -m tests.benchmarks.follows [--dossiers 50000] [--follows 100000] [--changed 5000]
       [--database-url postgresql://…]
"""

from __future__ import annotations

import argparse
import csv
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path

from tqdm import tqdm

from bot.core.dossiers.codes import DossierCode
from bot.core.follow.follow import CONSENT, told_of
from bot.core.follow.snapshot import as_json, told_as_json
from bot.settings import Settings
from bot.sources.register import RegisterSource
from bot.store import Store
from bot.store.schema import citizens
from bot.store.schema_follows import follows
from bot.wiring.desk import build_wording, open_ready_store
from bot.wiring.follow import build_follow_lane

COLUMNS = ("MaHoSo", "MaTTHC", "TenTTHC", "NgayTiepNhan", "NgayHenTra", "TrangThaiHoSo",
           "CoQuanTiepNhan", "DonViXuLy", "ThoiDiemXuLy")  # fmt: skip
NOON = datetime.now(timezone.utc).replace(hour=5, minute=0)  # there, so that nobody sleeps
PAGE = 5_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; exit status 1 when somebody was told twice or not at all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dossiers", type=int, default=50_000)
    parser.add_argument("--follows", type=int, default=100_000)
    parser.add_argument("--changed", type=int, default=5_000, help="dossiers of the second import")
    parser.add_argument("--database-url", default="")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(MOTCUA_DATA_DIR=folder, MOTCUA_DATABASE_URL=options.database_url)
        settings = Settings.from_env()
        flask("registry", "build")
        bring_in(Path(folder) / "first.csv", range(options.dossiers), status=4)
        store = open_ready_store(settings)
        follow_all(store, settings, options.dossiers, options.follows)
        lane = build_follow_lane(settings, store, build_wording(settings), lambda: NOON)
        seconds = timed(lambda: lane.step(lambda: NOON))
        print(f"first look at {options.follows:,} follows, no change: {seconds}")
        bring_in(Path(folder) / "second.csv", range(options.changed), status=9)
        later = NOON + timedelta(minutes=1)
        seconds = timed(lambda: lane.step(lambda: later))
        told = store.deliveries.counts().get("queued", 0)
        expected = sum(
            number % options.dossiers < options.changed for number in range(options.follows)
        )
        print(f"after an import of {options.changed:,} changes: {told:,} messages, {seconds}")
        assert lane.step(lambda: later) == 0
        store.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"peak memory {peak} MB")
    return 0 if told == expected else 1


def timed(work: Callable[[], object]) -> str:
    """Return how long ``work`` takes: seconds on the wall and of this process."""
    wall, own = time.perf_counter(), time.process_time()
    work()
    return f"{time.perf_counter() - wall:.1f} s ({time.process_time() - own:.1f} s of one core)"


def flask(*arguments: str) -> None:
    """Run a command of the desk."""
    subprocess.run([sys.executable, "-m", "flask", "--app", "server", *arguments], check=True)


def code_of(number: int) -> str:
    """Return the code of a made-up dossier."""
    return f"H39.21-26{1 + number // 9000 % 9:02d}02-{number % 9000:04d}"


def bring_in(path: Path, numbers: range, status: int) -> None:
    """Import these dossiers in one state."""
    moment = f"{NOON:%Y%m%d}0{status}0000"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for number in numbers:
            writer.writerow(
                [code_of(number), "1.001193", "Đăng ký khai sinh", "20260102080000",
                 "20991231170000", status, "UBND phường Long An", "Bộ phận hộ tịch", moment]
            )  # fmt: skip
    flask("registry", "import-dossiers", str(path))


def follow_all(store: Store, settings: Settings, dossiers: int, count: int) -> None:
    """Let one citizen follow each dossier, round and round, as if by a button."""
    source = RegisterSource(settings.registry_path, zone=settings.timezone)
    with tqdm(total=count, unit="follow") as bar:
        for page in pages(count):
            codes = [DossierCode(code_of(number % dossiers)) for number in page]
            known = source.states(codes)
            people = [
                {
                    "id": n + 1,
                    "channel": "web",
                    "external_id": f"c{n}",
                    "first_interaction_at": NOON,
                }
                for n in page
            ]
            rows = [
                {
                    "citizen_id": n + 1, "code_key": code.key, "code": code.value,
                    "consent": CONSENT, "consent_at": NOON, "muted": False, "source": "register",
                    "known": as_json(known[code.key]), "answered": False, "next_at": NOON,
                    "told": told_as_json(told_of(known[code.key])),
                }
                for n, code in zip(page, codes, strict=True)
            ]  # fmt: skip
            with store._db.write() as connection:
                connection.execute(citizens.insert(), people)
                connection.execute(follows.insert(), rows)
            bar.update(len(page))


def pages(count: int) -> Iterator[range]:
    """Yield the numbers below ``count`` in pages."""
    for start in range(0, count, PAGE):
        yield range(start, min(start + PAGE, count))


if __name__ == "__main__":
    sys.exit(main())
