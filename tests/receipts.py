"""Draws receipts with QR codes and photographs them badly; every photo follows from its seed."""

from __future__ import annotations

import io
import random
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFilter

from bot.qr.draw import QUIET_ZONE, draw_image
from bot.qr.receipt import Receipt, draw_receipt
from tests.damages import DESK, IN_CAMERA, ON_PAPER, InCamera, OnPaper, Spot, tilted

PHOTO_SIDES = (1_280, 1_600, 2_048)  # pixels of the longer side, as chat platforms send photos


@dataclass(frozen=True)
class Photo:
    """A photo file with the codes that stand on it and the damage done to it."""

    data: bytes
    codes: tuple[str, ...]
    damages: tuple[str, ...] = ()
    module: float = 0.0  # pixels


def a_receipt(code: str = "H53.16-260916-0012", payload: str = "") -> bytes:
    """Return an undamaged receipt as a PNG file."""
    return as_png(draw_receipt(Receipt(code, payload)))


def a_code_picture(*payloads: str, box: int = 6) -> bytes:
    """Return QR codes side by side on white as a PNG file."""
    codes = [draw_image(payload, box) for payload in payloads]
    width = sum(code.width for code in codes) + 40 * (len(codes) + 1)
    page = Image.new("L", (width, max(code.height for code in codes) + 80), 255)
    left = 40
    for code in codes:
        page.paste(code, (left, 40))
        left += code.width + 40
    return as_png(page)


def a_page_without_code() -> bytes:
    """Return a page of text as a JPEG file."""
    page = draw_receipt(Receipt("H53.16-260916-0012"))
    ImageDraw.Draw(page).rectangle((0, 330, page.width, 640), fill=255)
    return as_jpeg(page, 70)


def a_blurred_receipt(code: str = "H53.16-260916-0012") -> bytes:
    """Return a receipt too much out of focus to read, yet plainly with a QR on it."""
    page = draw_receipt(Receipt(code))
    return as_jpeg(page.filter(ImageFilter.GaussianBlur(5.5)), 80)


def as_png(image: Image.Image) -> bytes:
    """Return the picture as a PNG file."""
    return _saved(image, "PNG")


def as_jpeg(image: Image.Image, quality: int) -> bytes:
    """Return the picture as a JPEG file."""
    return _saved(image.convert("RGB"), "JPEG", quality=quality)


def _saved(image: Image.Image, name: str, **options: int) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, name, **options)
    return buffer.getvalue()


def a_code(rng: random.Random) -> str:
    """Return a dossier code of one of the shapes seen on slips."""
    day = f"{rng.randint(21, 26)}{rng.randint(1, 12):02}{rng.randint(1, 28):02}"
    police = f"G01.8{rng.randint(10, 99)}.{rng.randint(100, 999)}"
    return rng.choice(
        [
            f"H53.{rng.randint(1, 99):02}-{day}-{rng.randint(1, 9999):04}",
            f"000.{rng.randint(10, 40)}.{rng.randint(10, 40)}.H39-{day}-{rng.randint(1, 9999):04}",
            f"{police}-{day}-{rng.randint(1, 999999):06}",
        ]
    )


def a_payload(rng: random.Random, code: str) -> str:
    """Return what a slip's QR holds: the code, a portal's link, or the desk's own signed link."""
    key = "".join(rng.choices("ABCDEFGHabcdefgh0123456789_-", k=22))
    return rng.choice(
        [
            code,
            code,
            f"https://dichvucong.tayninh.gov.vn/tra-cuu?ma={code}",
            f"https://motcua.tayninh.gov.vn/q/{code}.k1.{key}",
        ]
    )


def plain_photo(seed: int, chat: bool = False) -> Photo:
    """Return an undamaged print, straight and sharp: a scan, or the size a ``chat`` sends."""
    rng = random.Random(f"plain {seed}")
    code = a_code(rng)
    page = draw_receipt(Receipt(code, a_payload(rng, code)))
    page = _scaled(page, rng.uniform(0.7, 1.2)).rotate(90 * rng.randint(0, 3), expand=True)
    if chat and max(page.size) > max(PHOTO_SIDES):
        page = _scaled(page, rng.choice(PHOTO_SIDES) / max(page.size))
    data = as_jpeg(page, rng.randint(70, 95)) if rng.random() < 0.7 else as_png(page)
    return Photo(data, (code,))


def photo_without_code(seed: int) -> Photo:
    """Return a hard photo of a page whose QR is missing."""
    return _hard(random.Random(f"none {seed}"), codes=0)


def hard_photo(seed: int, codes: int = 1) -> Photo:
    """Return a photo of a receipt, turned, tilted, pressed, and one or two more damages."""
    return _hard(random.Random(f"hard {codes} {seed}"), codes)


def _hard(rng: random.Random, codes: int) -> Photo:
    slip = a_slip(rng, codes)
    module = rng.uniform(2.0, 6.0)
    chosen = tuple(rng.sample(list(ON_PAPER | IN_CAMERA), rng.choice([1, 2])))
    image, _ = photographed(
        rng,
        slip,
        module,
        [ON_PAPER[name] for name in chosen if name in ON_PAPER],
        [IN_CAMERA[name] for name in chosen if name in IN_CAMERA],
    )
    return Photo(as_jpeg(image, rng.randint(25, 80)), slip.codes, chosen, module)


@dataclass(frozen=True)
class Slip:
    """A drawn page: where the middle of its first code is, and of how many ``modules`` a side.

    A module is ``box`` pixels wide.
    """

    page: Image.Image
    spot: Spot
    box: int
    modules: int
    codes: tuple[str, ...]


def a_slip(rng: random.Random, codes: int = 1, beside: str = "") -> Slip:
    """Return a receipt with no, one or two dossier codes, or another code ``beside`` its own."""
    names = [a_code(rng) for _ in range(max(1, codes))]
    payload = a_payload(rng, names[0])
    page = draw_receipt(Receipt(names[0], payload))
    modules = draw_image(payload, 1).width
    box = max(2, round(200 / modules))
    spot = (page.width / 2, 330 + draw_image(payload, box).height / 2)
    if codes == 0:
        ImageDraw.Draw(page).rectangle((0, 330, page.width, 640), fill=255)
    if codes == 2 or beside:
        second = draw_image(beside or a_payload(rng, names[1]), box)
        page.paste(second, (rng.choice([150, page.width - second.width - 150]), 360))
    return Slip(page, spot, box, modules - 2 * QUIET_ZONE, tuple(names[:codes]))


def photographed(
    rng: random.Random,
    slip: Slip,
    module: float,
    on_paper: Sequence[OnPaper] = (),
    in_camera: Sequence[InCamera] = (),
    tilt: tuple[float, float] = (0.0, 0.12),
) -> tuple[Image.Image, Spot]:
    """Return the slip as a camera sees it, turned anyhow, and where the middle of its code is.

    A module becomes ``module`` pixels wide.
    """
    scale = module / slip.box
    spot = (slip.spot[0] * scale, slip.spot[1] * scale)
    image, middle = _on_desk(rng, _scaled(slip.page, scale), spot)
    for damage in on_paper:
        image = damage(rng, image, module, middle)
    image = tilted(rng, image, *tilt)
    image = image.rotate(
        rng.uniform(0, 360), Image.Resampling.BICUBIC, center=middle, fillcolor=DESK
    )
    for effect in in_camera:
        image = effect(rng, image, module)
    return image, middle


def _scaled(page: Image.Image, scale: float) -> Image.Image:
    size = (round(page.width * scale), round(page.height * scale))
    return page.resize(size, Image.Resampling.LANCZOS)


def _on_desk(
    rng: random.Random, page: Image.Image, spot: Spot
) -> tuple[Image.Image, tuple[int, int]]:
    """Return the photo's frame and where in it, about its middle, the code lies."""
    long = rng.choice(PHOTO_SIDES)
    desk = Image.new("L", (long * 3 // 4, long), rng.randint(40, 150))
    at = tuple(
        round(side / 2 - place + rng.uniform(-0.1, 0.1) * long)
        for side, place in zip(desk.size, spot, strict=True)
    )
    desk.paste(page, (at[0], at[1]))
    return desk, (round(at[0] + spot[0]), round(at[1] + spot[1]))
