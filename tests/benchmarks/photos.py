"""How many photos are read, how fast, and that none is read wrongly.

    python -m tests.benchmarks.photos [--hard 200] [--plain 50] [--direct]

``decoder`` shows how hard the set is: how many the decoder reads without our passes. Times are
seen from the caller; with ``--direct`` they are processor time without the helper process, which
is what to compare on a busy machine.
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
from tests.receipts import Photo, hard_photo, photo_without_code, plain_photo


@dataclass
class Score:
    """Counts over one set of photos; ``times`` in milliseconds."""

    photos: int = 0
    read: int = 0
    complete: int = 0
    wrong: int = 0
    blurred: int = 0
    decoder_alone: int = 0
    times: list[float] = field(default_factory=list)
    missed: Counter[str] = field(default_factory=Counter)


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
        score.blurred += reading.blurred_code_seen
        score.decoder_alone += _decoder_alone(photo.data)
        if drawn and not found:
            score.missed.update(photo.damages)
    return score


def _decoder_alone(data: bytes) -> bool:
    with Image.open(io.BytesIO(data)) as image:
        codes = zxingcpp.read_barcodes(
            image.convert("L"), formats=zxingcpp.BarcodeFormat.QRCode, try_rotate=False
        )
    return any(code.valid for code in codes)


def _row(name: str, score: Score) -> str:
    times = sorted(score.times)
    late = times[min(len(times) - 1, int(len(times) * 0.95))]
    return (
        f"{name:<16}{score.photos:>7}{score.read:>7}{score.read / score.photos:>8.1%}"
        f"{score.complete:>10}{score.wrong:>7}{score.blurred:>9}{score.decoder_alone:>9}"
        f"{statistics.median(times):>11.1f}{late:>9.1f}"
    )


def main() -> int:
    """Print the table; returns 1 when a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plain", type=int, default=50)
    parser.add_argument("--hard", type=int, default=200)
    parser.add_argument("--others", type=int, default=30, help="photos with two codes and none")
    parser.add_argument("--first", type=int, default=0, help="seed of the first photo")
    parser.add_argument("--direct", action="store_true", help="processor time, no helper")
    options = parser.parse_args()
    first = options.first
    sets: dict[str, tuple[Callable[[int], Photo], int]] = {
        "undamaged": (plain_photo, options.plain),
        "hard": (hard_photo, options.hard),
        "two codes": (lambda seed: hard_photo(seed, codes=2), options.others),
        "no code": (photo_without_code, options.others),
    }
    print(
        f"{'set':<16}{'photos':>7}{'read':>7}{'rate':>8}{'complete':>10}{'wrong':>7}"
        f"{'blurred':>9}{'decoder':>9}{'median ms':>11}{'p95 ms':>9}"
    )
    scores = {}
    with closing(PhotoReader()) as reader:
        clock = time.process_time if options.direct else time.perf_counter
        read = partial(read_photo, clock=clock) if options.direct else reader.read
        read(plain_photo(0).data)  # start the helper before the clock
        for name, (draw, count) in sets.items():
            photos = [draw(first + seed) for seed in tqdm(range(count), desc=name, leave=False)]
            scores[name] = measure(photos, read, clock)
            print(_row(name, scores[name]))
    print("missed, by damage:", dict(scores["hard"].missed))
    return 0 if _bars_met(scores) else 1


def _bars_met(scores: dict[str, Score]) -> bool:
    hard, plain = scores["hard"], scores["undamaged"]
    times = sorted(hard.times)
    return (
        plain.read == plain.photos
        and hard.read >= 0.96 * hard.photos
        and not any(score.wrong for score in scores.values())
        and statistics.median(times) <= 25
        and times[int(len(times) * 0.95)] <= 120
    )


if __name__ == "__main__":
    sys.exit(main())
