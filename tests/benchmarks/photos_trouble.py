"""How often the bot names the right reason why a photo could not be read.

    python -m tests.benchmarks.photos_trouble [--each 40] [--first 0]

Each row is what was done to the photos, each column what was said about those not read. Photos
that were read in spite of it count as read only.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections import Counter

from tqdm import tqdm

from bot.core.photos.payload import Trouble
from bot.qr.header import read_header
from bot.qr.picture import Pixels
from bot.qr.read import read_photo
from bot.qr.trouble import why
from tests.photo_kinds import spoilt_photo
from tests.receipts import Photo

TROUBLES = tuple(trouble for trouble in Trouble if trouble is not Trouble.NONE)


def said_of(photo: Photo) -> str:
    """Return ``read`` or the reason given."""
    reading = read_photo(photo.data)
    return "read" if reading.payloads else reading.trouble.value


def cost_of(photo: Photo) -> float:
    """Return the milliseconds of processor time the reason takes at most: no code seen before."""
    grey = Pixels(photo.data, read_header(photo.data)).working()[0]
    started = time.process_time()
    why(grey, ())
    return (time.process_time() - started) * 1000


def main() -> int:
    """Print the table; returns 1 when a row is right in fewer than eight of ten."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=40)
    parser.add_argument("--first", type=int, default=0, help="seed of the first photo")
    options = parser.parse_args()
    seeds = range(options.first, options.first + options.each)
    names = [trouble.value for trouble in TROUBLES]
    print(f"| done | read | {' | '.join(names)} | right |")
    print("| --- " * (len(names) + 3) + "|")
    shares, costs = [], []
    for trouble in TROUBLES:
        photos = [spoilt_photo(trouble, seed) for seed in tqdm(seeds, leave=False, disable=None)]
        said = Counter(said_of(photo) for photo in photos)
        costs += [cost_of(photo) for photo in photos[:10]]
        share = said[trouble.value] / max(1, options.each - said["read"])
        shares.append(share)
        cells = " | ".join(str(said[name] or "") for name in names)
        print(f"| {trouble.value} | {said['read']} | {cells} | {share:.0%} |", flush=True)
    print(f"extra time: median {statistics.median(costs):.0f} ms, longest {max(costs):.0f} ms")
    return 0 if min(shares) >= 0.8 else 1


if __name__ == "__main__":
    sys.exit(main())
