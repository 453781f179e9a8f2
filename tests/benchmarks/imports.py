"""How long importing many dossiers takes, from CSV and from Excel, and importing them again.

    python -m tests.benchmarks.imports [--rows 50000] [--changed 100]

Each kind of file starts with a fresh copy of the demo's registry: first import, the same file
again, the same dossiers of which some changed, and at last every code looked up in one go.
Memory is the most the process held until then. Processor time is what to compare on a busy
machine.
"""

from __future__ import annotations

import argparse
import csv
import random
import resource
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory

from openpyxl import Workbook

from bot.core.dossiers.codes import DossierCode
from bot.registry.build import Report, build, import_dossiers
from bot.registry.changes import Changes
from bot.registry.owners import OwnerDigests
from bot.sources.register import RegisterSource

PROVINCE = Path("data/province")
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=timezone.utc)  # any day
OWNERS = OwnerDigests("only-for-measuring")
_SEED = 5
HEADING = (
    "MaHoSo", "SoBienNhan", "MaTTHC", "TenTTHC", "TenLinhVuc", "ChuHoSo", "SoDienThoai",
    "NgayTiepNhan", "NgayHenTra", "NgayKetThucXuLy", "NgayTra", "TrangThaiHoSo",
    "CoQuanTiepNhan", "DonViXuLy", "ThoiDiemXuLy", "MaTraCuu", "GhiChu",
)  # fmt: skip
Cells = list[object]


def dossiers(count: int, changed: int = 0) -> Iterator[Cells]:
    """Yield rows, the same at every run; the first ``changed`` of them moved on."""
    drawn = random.Random(_SEED)
    start = datetime(2026, 1, 5, 8, 0)  # noqa: DTZ001  local time
    for number in range(count):
        received = start + timedelta(minutes=number * 6)
        status = drawn.choice((1, 2, 4, 4, 5, 6))
        moved = number < changed
        yield [
            f"000.00.{number % 60:02}.H39-{received:%y%m%d}-{number % 10_000:04}", "",
            "1.001193", "Đăng ký khai sinh", "Hộ tịch", "Nguyễn Văn Mẫu",
            f"0900{drawn.randrange(10**6):06}", received, received + timedelta(days=20),
            None, None, 9 if moved else status, f"UBND xã số {number % 96}",
            f"Bộ phận số {drawn.randrange(9)}", received + timedelta(days=3 + moved),
            f"{drawn.randrange(10**4):04}", "",
        ]  # fmt: skip


def write_csv(path: Path, rows: Iterator[Cells]) -> None:
    """Write rows as other systems do, moments as yyyyMMddHHmmss."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADING)
        for row in rows:
            writer.writerow(
                f"{cell:%Y%m%d%H%M%S}" if isinstance(cell, datetime) else cell for cell in row
            )


def write_xlsx(path: Path, rows: Iterator[Cells]) -> None:
    """Write rows as a workbook with real dates, a title above the heading."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Hồ sơ")
    sheet.append(["Danh sách hồ sơ"])
    sheet.append([])
    sheet.append(HEADING)
    for row in rows:
        sheet.append(row)
    book.save(path)


WRITERS: dict[str, Callable[[Path, Iterator[Cells]], None]] = {
    "csv": write_csv,
    "xlsx": write_xlsx,
}


@dataclass
class Watch:
    """Seconds that passed, and those of them the processor was busy for us."""

    began: float = field(default_factory=time.perf_counter)
    idle: float = field(default_factory=time.process_time)

    def line(self, kind: str, what: str, report: Report | None = None) -> str:
        """Return a row of the table."""
        spent, busy = time.perf_counter() - self.began, time.process_time() - self.idle
        held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        counts: tuple[object, ...] = ("",) * 4
        if report:
            tally = report.dossiers
            counts = (tally.new, tally.changed, tally.unchanged, tally.noted)
        cells = "".join(f"{count:>10}" for count in counts)
        return f"{kind:<6}{what:<16}{spent:>8.1f}{busy:>8.1f}{cells}{held:>7.0f}"


def imported(path: Path, target: Path, what: str) -> str:
    """Import a file; return the row of the table."""
    watch = Watch()
    report = import_dossiers(path, target, NOW, owners=OWNERS)
    assert not report.problems
    return watch.line(path.suffix[1:], what, report)


def measure(kind: str, folder: Path, rows: int, changed: int) -> Iterator[str]:
    """Yield the rows of the table for one kind of file."""
    path, target = folder / f"dossiers.{kind}", folder / f"{kind}.db"
    shutil.copyfile(folder / "demo.db", target)
    WRITERS[kind](path, dossiers(rows))
    yield imported(path, target, "first")
    yield imported(path, target, "same again")
    WRITERS[kind](path, dossiers(rows, changed))
    yield imported(path, target, f"{changed} changed")
    codes = [DossierCode(str(row[0])) for row in dossiers(rows)]
    source = RegisterSource(target, clock=lambda: NOW)
    watch = Watch()
    found = source.states(codes)
    yield watch.line(kind, "all looked up")
    assert len(found) == len(codes)
    source.close()
    changes, last, watch = Changes(target), 0, Watch()
    while page := changes.since(last, 1000):
        last = page[-1].number
    yield watch.line(kind, "history read")
    changes.close()


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=50_000, help="dossiers in a file")
    parser.add_argument("--changed", type=int, default=100, help="of them, in the third file")
    options = parser.parse_args()
    names = "".join(f"{name:>10}" for name in ("new", "changed", "unchanged", "history"))
    print(f"{options.rows:,} dossiers")
    print(f"{'file':<6}{'what':<16}{'seconds':>8}{'busy':>8}{names}{'MB':>7}")
    with TemporaryDirectory(prefix="motcua-imports-") as folder:
        build(PROVINCE, Path(folder) / "demo.db", NOW, owners=OWNERS)
        for kind in WRITERS:
            for row in measure(kind, Path(folder), options.rows, options.changed):
                print(row, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
