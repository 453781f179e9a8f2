"""Draws receipts with QR codes and photographs them badly; every photo follows from its seed."""

from __future__ import annotations

import io
import math
import random
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from bot.qr.draw import draw_image
from bot.qr.receipt import Receipt, draw_receipt

PHOTO_SIDES = (1_280, 1_600, 2_048)  # pixels of the longer side, as chat platforms send photos
DESK = 96  # grey around the paper

Spot = tuple[float, float]


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


def plain_photo(seed: int) -> Photo:
    """Return an undamaged print: scanned or saved, straight, sharp."""
    rng = random.Random(f"plain {seed}")
    code = a_code(rng)
    page = draw_receipt(Receipt(code, a_payload(rng, code)))
    page = _scaled(page, rng.uniform(0.7, 1.2)).rotate(90 * rng.randint(0, 3), expand=True)
    data = as_jpeg(page, rng.randint(70, 95)) if rng.random() < 0.7 else as_png(page)
    return Photo(data, (code,))


def photo_without_code(seed: int) -> Photo:
    """Return a hard photo of a page whose QR is missing."""
    return _photograph(random.Random(f"none {seed}"), codes=0)


def hard_photo(seed: int, codes: int = 1) -> Photo:
    """Return a photo of a receipt, turned, tilted, pressed, and one or two more damages."""
    return _photograph(random.Random(f"hard {codes} {seed}"), codes)


def _photograph(rng: random.Random, codes: int) -> Photo:
    names = [a_code(rng) for _ in range(max(1, codes))]
    payload = a_payload(rng, names[0])
    page = draw_receipt(Receipt(names[0], payload))
    box = max(2, round(200 / draw_image(payload, 1).width))
    spot = (page.width / 2, 330 + draw_image(payload, box).height / 2)
    if codes == 0:
        ImageDraw.Draw(page).rectangle((0, 330, page.width, 640), fill=255)
    if codes == 2:
        second = draw_image(a_payload(rng, names[1]), box)
        page.paste(second, (rng.choice([150, page.width - second.width - 150]), 360))
    module = rng.uniform(2.0, 6.0)
    chosen = tuple(rng.sample(list(ON_PAPER | IN_CAMERA), rng.choice([1, 2])))
    scale = module / box
    image, middle = _on_desk(rng, _scaled(page, scale), (spot[0] * scale, spot[1] * scale))
    for name in chosen:
        if name in ON_PAPER:
            image = ON_PAPER[name](rng, image, module, middle)
    image = _tilt(rng, image)
    image = image.rotate(
        rng.uniform(0, 360), Image.Resampling.BICUBIC, center=middle, fillcolor=DESK
    )
    for name in chosen:
        if name in IN_CAMERA:
            image = IN_CAMERA[name](rng, image, module)
    return Photo(as_jpeg(image, rng.randint(25, 80)), tuple(names[:codes]), chosen, module)


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


def _tilt(rng: random.Random, image: Image.Image) -> Image.Image:
    """Look at the page from the side: the far edge is up to a quarter shorter."""
    width, height = image.size
    a, b = rng.uniform(0.0, 0.12), rng.uniform(0.0, 0.06)
    source = [(0, 0), (width, 0), (width, height), (0, height)]
    target = [
        (width * a, height * b),
        (width * (1 - a), height * b),
        (width, height),
        (0, height),
    ]
    rows = []
    for (x, y), (u, v) in zip(target, source, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    wanted = np.array([value for point in source for value in point], dtype=float)
    numbers = np.linalg.solve(np.array(rows, dtype=float), wanted)
    return image.transform(
        image.size,
        Image.Transform.PERSPECTIVE,
        tuple(numbers),
        Image.Resampling.BICUBIC,
        fillcolor=DESK,
    )


def _occlude(rng: random.Random, image: Image.Image, module: float, spot: Spot) -> Image.Image:
    """Lay a blot two to three modules wide on the inner part of the code."""
    pen = ImageDraw.Draw(image)
    x, y = (place + rng.uniform(-5, 5) * module for place in spot)
    size = rng.uniform(1.0, 1.5) * module
    pen.ellipse((x - size, y - size, x + size, y + size), fill=rng.randint(60, 200))
    return image


def _crumple(rng: random.Random, image: Image.Image, module: float, spot: Spot) -> Image.Image:
    """Shift small squares of the picture along two waves, as folded paper does."""
    step = 40
    wave, reach = rng.uniform(120, 300), rng.uniform(0.15, 0.4) * module
    phase = rng.uniform(0, 6)

    def moved(x: float, y: float) -> Spot:
        return (
            x + reach * math.sin(y / wave * 2 * math.pi + phase),
            y + reach * math.cos(x / wave * 2 * math.pi + phase),
        )

    mesh = []
    for left in range(0, image.width, step):
        for top in range(0, image.height, step):
            right, bottom = left + step, top + step
            corners = ((left, top), (left, bottom), (right, bottom), (right, top))
            quad = tuple(value for corner in corners for value in moved(*corner))
            mesh.append(((left, top, right, bottom), quad))
    return image.transform(
        image.size, Image.Transform.MESH, mesh, Image.Resampling.BILINEAR, fillcolor=DESK
    )


def _glare(rng: random.Random, image: Image.Image, module: float, spot: Spot) -> Image.Image:
    """Put a soft bright spot on or beside the code, and a shadow across the page."""
    light = Image.new("L", image.size, 0)
    x, y = (place + rng.uniform(-14, 14) * module for place in spot)
    size = rng.uniform(5, 10) * module
    ImageDraw.Draw(light).ellipse((x - size, y - size, x + size, y + size), fill=255)
    strength = rng.uniform(0.4, 0.8)
    light = light.filter(ImageFilter.GaussianBlur(size * 0.6))
    shade = Image.linear_gradient("L").rotate(rng.choice([0, 90, 180])).resize(image.size)
    shaded = ImageChops.multiply(image, shade.point(lambda value: 100 + value * 0.55))
    return ImageChops.add(shaded, light.point(lambda value: value * strength))


def _focus(rng: random.Random, image: Image.Image, module: float) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(rng.uniform(0.15, 0.5) * module))


def _motion(rng: random.Random, image: Image.Image, module: float) -> Image.Image:
    """Average copies shifted along a line of half to one and a half modules."""
    length, angle = rng.uniform(0.4, 1.4) * module, rng.uniform(0, math.pi)
    steps = max(2, round(length) + 1)
    total = np.zeros((image.height, image.width), dtype=np.float32)
    for index in range(steps):
        way = (index / (steps - 1) - 0.5) * length
        shift = (1, 0, -way * math.cos(angle), 0, 1, -way * math.sin(angle))
        total += np.asarray(
            image.transform(image.size, Image.Transform.AFFINE, shift, Image.Resampling.BILINEAR)
        )
    return Image.fromarray((total / steps).astype(np.uint8))


def _noise(rng: random.Random, image: Image.Image, module: float) -> Image.Image:
    return _noisy(rng, image, rng.uniform(8, 32))


def _noisy(rng: random.Random, image: Image.Image, sigma: float) -> Image.Image:
    grain = np.random.default_rng(rng.getrandbits(32)).normal(0, sigma, image.size[::-1])
    return Image.fromarray(np.clip(np.asarray(image) + grain, 0, 255).astype(np.uint8))


def _dim(rng: random.Random, image: Image.Image, module: float) -> Image.Image:
    """Leave a seventh to a third of the light, with the grain of a dark photo."""
    light = rng.uniform(0.14, 0.35)
    return _noisy(rng, image.point(lambda value: value * light), rng.uniform(1.0, 4.0))


def _moire(rng: random.Random, image: Image.Image, module: float) -> Image.Image:
    """Photograph a screen: two fine waves across the picture."""
    y, x = np.mgrid[0 : image.height, 0 : image.width].astype(np.float32)
    waves = np.ones_like(x)
    for _ in range(2):
        angle, period = rng.uniform(0, math.pi), rng.uniform(2.2, 7.0)
        wave = np.sin((x * math.cos(angle) + y * math.sin(angle)) * 2 * math.pi / period)
        waves += rng.uniform(0.08, 0.22) * wave
    return Image.fromarray(np.clip(np.asarray(image) * waves, 0, 255).astype(np.uint8))


def _inverted(rng: random.Random, image: Image.Image, module: float) -> Image.Image:
    return ImageChops.invert(image)


# What happens to the paper, and what the camera adds to the whole photo.
ON_PAPER = {"occlusion": _occlude, "crumple": _crumple, "glare": _glare}
IN_CAMERA = {
    "inverted": _inverted,
    "focus": _focus,
    "motion": _motion,
    "dim": _dim,
    "moire": _moire,
    "noise": _noise,
}
