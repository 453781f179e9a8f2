"""How many pages of slips are printed in a minute, and whether their codes can be read again.

    python -m tests.benchmarks.sheets [--codes 420] [--damage]

With ``--damage`` also: which error correction is read best from a cheap, small print.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Sequence

import qrcode
from PIL import Image, ImageDraw, ImageFilter
from qrcode.constants import ERROR_CORRECT_L, ERROR_CORRECT_M, ERROR_CORRECT_Q

from bot.core.dossiers.codes import DossierCode
from bot.core.dossiers.slips import Slips, slip_link
from bot.qr.layouts import GRID, LABELS
from bot.qr.read import read_photo
from bot.qr.receipt import Receipt
from bot.qr.sheet import Label, print_labels, print_receipts
from tests.receipts import a_code, as_jpeg

ADDRESS = "https://motcua.tayninh.gov.vn"
MATTER = "Đăng ký biến động đất đai do chuyển nhượng quyền sử dụng đất"
LEVELS = {"L": ERROR_CORRECT_L, "M": ERROR_CORRECT_M, "Q": ERROR_CORRECT_Q}
PHOTOS = 60


def links(count: int) -> list[tuple[str, str]]:
    """Return codes with their signed links, the same at every run."""
    slips = Slips({"a": b"only for measuring"}, "a", lambda digest: False)
    codes = [a_code(random.Random(number)) for number in range(count)]
    return [(code, slip_link(ADDRESS, slips.sign(DossierCode(code)))) for code in codes]


def speed(name: str, make: Callable[[], tuple[bytes, int]], codes: int) -> None:
    """Print how fast a layout is, in wall and in processor time."""
    wall, cpu = time.perf_counter(), time.process_time()
    data, pages = make()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(
        f"{name:10} {codes} codes, {pages} pages, {len(data) >> 10} KiB: "
        f"{60 * pages / wall:.0f} pages a minute ({60 * pages / cpu:.0f} by processor time), "
        f"{60 * codes / wall:.0f} codes a minute"
    )


def print_all(count: int) -> None:
    """Print every layout once."""
    given = links(count)
    labels = [Label(code, link, MATTER) for code, link in given]
    speed("a4", lambda: print_labels(labels, GRID), count)
    for per_page, grid in LABELS.items():
        speed(f"labels {per_page}", lambda grid=grid: print_labels(labels, grid), count)  # type: ignore[misc]
    receipts = [Receipt(code, link, matter=MATTER) for code, link in given]
    speed("receipt", lambda: print_receipts(receipts), count)


def photo(link: str, level: int, side: int, damage: str, seed: int) -> bytes:
    """Return a photo in which the printed code is ``side`` pixels wide, border included."""
    rng = random.Random(seed)
    code = qrcode.QRCode(error_correction=level, border=4)
    code.add_data(link)
    matrix = code.get_matrix()
    small = Image.new("L", (len(matrix), len(matrix)), 255)
    small.putdata([0 if dark else 255 for row in matrix for dark in row])
    print_ = small.resize((1000, 1000), Image.Resampling.NEAREST)
    if damage == "ink":  # a thermal printer's dots run
        print_ = print_.filter(ImageFilter.MinFilter(9))
    if damage == "stains":
        for _ in range(14):
            x, y, size = rng.randint(100, 880), rng.randint(100, 880), rng.randint(20, 60)
            box = (x, y, x + size, y + size)
            ImageDraw.Draw(print_).rectangle(box, fill=rng.choice([0, 255]))
    print_ = print_.rotate(rng.uniform(-12, 12), expand=True, fillcolor=255)
    size = round(print_.width * side / 1000)
    page = Image.new("L", (640, 480), 235)
    page.paste(print_.resize((size, size), Image.Resampling.LANCZOS), (250, 180))
    if damage == "blur":
        page = page.filter(ImageFilter.GaussianBlur(rng.uniform(0.4, 1.1)))
    noise = Image.effect_noise(page.size, 50 if damage == "noise" else 12)
    return as_jpeg(Image.blend(page, noise, 0.3), 70)


def compare(sides: Sequence[int] = (70, 85, 100)) -> None:
    """Print how often each error correction is read, by width and damage."""
    given = links(PHOTOS)
    for side in sides:
        for name, level in LEVELS.items():
            rates = []
            for damage in ("blur", "noise", "stains", "ink"):
                read = sum(
                    [one.value for one in read_photo(photo(link, level, side, damage, k)).codes]
                    == [code]
                    for k, (code, link) in enumerate(given)
                )
                rates.append(f"{damage} {100 * read // PHOTOS} %")
            print(f"{side} px wide, correction {name}: {', '.join(rates)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--codes", type=int, default=420)
    parser.add_argument("--damage", action="store_true")
    arguments = parser.parse_args()
    print_all(arguments.codes)
    if arguments.damage:
        compare()
