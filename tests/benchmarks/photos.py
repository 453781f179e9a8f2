"""How many photos are read, how fast, and that none is read wrongly.

    python -m tests.benchmarks.photos [--each 25] [--hard 200] [--plain 40] [--direct]
    python -m tests.benchmarks.photos_trouble

``alone`` shows how hard a set is: how many the decoder reads without our passes. Times are seen
from the caller, decoding the file included; with ``--direct`` they are processor time without
the helper process, which is what to compare on a busy machine.
"""

from __future__ import annotations

import argparse
import io
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial

import zxingcpp
from PIL import Image
from tqdm import tqdm

from bot.core.photos.payload import PhotoReading
from bot.qr.read import read_photo
from bot.qr.reader import PhotoReader
from tests.photo_kinds import KINDS, damaged_photo, photo_of_two_receipts, photo_with_another_code
from tests.receipts import Photo, hard_photo, photo_without_code, plain_photo

HARD, EMPTY = "hard: two damages", "no code"
BESIDE, TWO = "receipt and another code", "two receipts"
LARGE, CHAT = "undamaged, large", "undamaged, chat size"


@dataclass
class Score:
    """Counts over one set of photos; ``times`` in milliseconds."""

    photos: int = 0
    read: int = 0
    complete: int = 0
    wrong: int = 0
    decoder_alone: int = 0
    times: list[float] = field(default_factory=list)
    missed: Counter[str] = field(default_factory=Counter)

    @property
    def median(self) -> float:
        """Return the middle time in milliseconds."""
        return statistics.median(self.times)

    @property
    def late(self) -> float:
        """Return the time in milliseconds that one in twenty photos exceeds."""
        return sorted(self.times)[min(len(self.times) - 1, int(len(self.times) * 0.95))]

    def __add__(self, other: Score) -> Score:
        return Score(
            self.photos + other.photos,
            self.read + other.read,
            self.complete + other.complete,
            self.wrong + other.wrong,
            self.decoder_alone + other.decoder_alone,
            self.times + other.times,
            self.missed + other.missed,
        )


def measure(
    photos: Iterable[Photo],
    read: Callable[[bytes], PhotoReading],
    clock: Callable[[], float],
) -> Score:
    """Read every photo once and compare with what stands on it."""
    score = Score()
    for photo in photos:
        started = clock()
        reading = read(photo.data)
        score.times.append((clock() - started) * 1000)
        found, drawn = {code.value for code in reading.codes}, set(photo.codes)
        score.photos += 1
        score.read += bool(found & drawn)
        score.complete += found == drawn
        score.wrong += bool(found - drawn)
        score.decoder_alone += _decoder_alone(photo)
        if drawn and not found:
            score.missed.update(photo.damages)
    return score


def _decoder_alone(photo: Photo) -> bool:
    with Image.open(io.BytesIO(photo.data)) as image:
        codes = zxingcpp.read_barcodes(
            image.convert("L"), formats=zxingcpp.BarcodeFormat.QRCode, try_rotate=False
        )
    return any(name in code.text for code in codes if code.valid for name in photo.codes)


def _row(name: str, score: Score) -> str:
    return (
        f"| {name} | {score.photos} | {score.read / score.photos:.1%} | {score.wrong} "
        f"| {score.decoder_alone / score.photos:.0%} | {score.median:.1f} | {score.late:.1f} |"
    )


def main() -> int:
    """Print the table; returns 1 when a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plain", type=int, default=40, help="undamaged photos of each size")
    parser.add_argument("--each", type=int, default=25, help="photos of each kind of damage")
    parser.add_argument("--hard", type=int, default=200)
    parser.add_argument("--others", type=int, default=40, help="photos with two codes and none")
    parser.add_argument("--first", type=int, default=0, help="seed of the first photo")
    parser.add_argument("--direct", action="store_true", help="processor time, no helper")
    options = parser.parse_args()
    print("| set | photos | read | wrong | decoder alone | median ms | p95 ms |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    scores = {}
    with closing(PhotoReader()) as reader:
        clock = time.process_time if options.direct else time.perf_counter
        read = partial(read_photo, clock=clock) if options.direct else reader.read
        read(plain_photo(0).data)  # start the helper before the clock
        for name, (draw, count) in _sets(options).items():
            seeds = range(options.first, options.first + count)
            scores[name] = measure(
                (draw(seed) for seed in tqdm(seeds, name, leave=False, disable=None)), read, clock
            )
            print(_row(name, scores[name]), flush=True)
    damaged = sum((scores[name] for name in (*KINDS, HARD)), Score())
    print(_row("all damaged", damaged))
    print("both codes of two receipts:", f"{scores[TWO].complete}/{scores[TWO].photos}")
    print("missed of the hard, by damage:", dict(scores[HARD].missed))
    return 0 if _bars_met(scores, damaged) else 1


def _sets(options: argparse.Namespace) -> dict[str, tuple[Callable[[int], Photo], int]]:
    return {
        CHAT: (partial(plain_photo, chat=True), options.plain),
        LARGE: (plain_photo, options.plain),
        **{kind: (partial(damaged_photo, kind), options.each) for kind in KINDS},
        HARD: (hard_photo, options.hard),
        BESIDE: (photo_with_another_code, options.others),
        TWO: (photo_of_two_receipts, options.others),
        EMPTY: (photo_without_code, options.others),
    }


def _bars_met(scores: dict[str, Score], damaged: Score) -> bool:
    plain = [scores[CHAT], scores[LARGE]]
    return (
        all(score.read == score.photos for score in plain)
        and not any(score.wrong for score in scores.values())
        and all(score.read >= 0.96 * score.photos for score in (scores[HARD], damaged))
        and all(scores[name].read >= 0.95 * scores[name].photos for name in (BESIDE, TWO))
        and all(score.median <= 25 and score.late <= 120 for score in (*plain, scores[HARD]))
        and max(scores[EMPTY].times) <= 800
    )


if __name__ == "__main__":
    sys.exit(main())
