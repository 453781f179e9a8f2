"""Photos with one kind of damage each, and photos spoilt beyond reading for one reason each."""

from __future__ import annotations

import random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from bot.core.photos.payload import Trouble
from tests import damages
from tests.damages import InCamera, OnPaper, Spot
from tests.receipts import Photo, Slip, a_slip, as_jpeg, photographed

PAYMENT = "00020101021238540010A00000072701240006970436011001234567890208QRIBFTTA53037045802VN6304"
LINK = "https://dichvucong.gov.vn/p/home/dvc-trang-chu.html"

_PAPER: dict[str, OnPaper] = {
    **damages.ON_PAPER,
    "shadow": damages.shadow,
    "faded print": damages.fade,
    "dirt": damages.soil,
}
_CAMERA: dict[str, InCamera] = damages.IN_CAMERA
KINDS = ("rotation", "tilt", "small modules", "strong jpeg", *_PAPER, *_CAMERA)


def damaged_photo(kind: str, seed: int) -> Photo:
    """Return a photo of a receipt, turned anyhow, with one kind of damage."""
    rng = random.Random(f"{kind} {seed}")
    slip = a_slip(rng)
    module = rng.uniform(2.0, 2.6) if kind == "small modules" else rng.uniform(2.6, 6.0)
    tilt = (0.12, 0.2) if kind == "tilt" else (0.0, 0.03)
    quality = (25, 35) if kind == "strong jpeg" else (45, 80)
    return _taken(rng, slip, module, kind, tilt, quality)


def photo_with_another_code(seed: int) -> Photo:
    """Return a photo of a receipt that carries a payment code or a link beside its own."""
    rng = random.Random(f"another {seed}")
    slip = a_slip(rng, beside=rng.choice([PAYMENT, LINK]))
    return _taken(rng, slip, rng.uniform(2.0, 4.0), rng.choice(KINDS[4:]))


def photo_of_two_receipts(seed: int) -> Photo:
    """Return a photo with the codes of two dossiers, both within the picture."""
    rng = random.Random(f"two {seed}")
    return _taken(rng, a_slip(rng, codes=2), rng.uniform(2.0, 3.2), rng.choice(KINDS[4:]))


def _taken(
    rng: random.Random,
    slip: Slip,
    module: float,
    kind: str,
    tilt: tuple[float, float] = (0.0, 0.12),
    quality: tuple[int, int] = (25, 80),
) -> Photo:
    paper = [_PAPER[kind]] if kind in _PAPER else []
    camera = [_CAMERA[kind]] if kind in _CAMERA else []
    image, _ = photographed(rng, slip, module, paper, camera, tilt)
    return Photo(as_jpeg(image, rng.randint(*quality)), slip.codes, (kind,), module)


def spoilt_photo(trouble: Trouble, seed: int) -> Photo:
    """Return a photo that is hardly readable, and for which reason."""
    rng = random.Random(f"spoilt {trouble.value} {seed}")
    slip = a_slip(rng, codes=0 if trouble is Trouble.NO_CODE else 1)
    module = rng.uniform(0.7, 1.4) if trouble is Trouble.SMALL else rng.uniform(2.5, 7.0)
    tilt = (0.0, 0.0) if trouble is Trouble.CUT_OFF else (0.0, 0.06)
    image, spot = photographed(
        rng, slip, module, _SPOILT_PAPER.get(trouble, ()), _SPOILT.get(trouble, ()), tilt
    )
    if trouble is Trouble.CUT_OFF:
        image = _cut(rng, image, spot, slip.modules * module)
    return Photo(as_jpeg(image, rng.randint(45, 85)), (), (trouble.value,), module)


def _night(rng: random.Random, image: Image.Image, module: float) -> Image.Image:
    light = rng.uniform(0.02, 0.07)
    return damages.noisy(rng, image.point(lambda value: value * light), rng.uniform(3.0, 6.0))


def _out_of_focus(rng: random.Random, image: Image.Image, module: float) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(rng.uniform(0.9, 1.8) * module))


def _shaken(rng: random.Random, image: Image.Image, module: float) -> Image.Image:
    return damages.shaken(image, rng.uniform(2.5, 5.0) * module, rng.uniform(0, 3.14))


def _blurred(rng: random.Random, image: Image.Image, module: float) -> Image.Image:
    return rng.choice([_out_of_focus, _shaken])(rng, image, module)


def _dazzled(rng: random.Random, image: Image.Image, module: float, spot: Spot) -> Image.Image:
    """Let a lamp wipe out a third of the code or more."""
    light = Image.new("L", image.size, 0)
    x, y = (place + rng.uniform(-6, 6) * module for place in spot)
    size = rng.uniform(11, 16) * module
    ImageDraw.Draw(light).ellipse((x - size, y - size, x + size, y + size), fill=255)
    light = light.filter(ImageFilter.GaussianBlur(size * rng.uniform(0.15, 0.35)))
    dull = image.point(lambda value: value * 0.8)
    return ImageChops.add(dull, light)


def _cut(rng: random.Random, image: Image.Image, spot: Spot, side: float) -> Image.Image:
    """Let one edge of the photo run through the code; the corner patterns beyond it are lost."""
    over = (rng.uniform(0.3, 0.75) - 0.5) * side
    left, top, right, bottom = 0.0, 0.0, float(image.width), float(image.height)
    edge = rng.choice(["left", "top", "right", "bottom"])
    if edge == "left":
        left = spot[0] - over
    elif edge == "top":
        top = spot[1] - over
    elif edge == "right":
        right = spot[0] + over
    else:
        bottom = spot[1] + over
    return image.crop((round(left), round(top), round(right), round(bottom)))


_SPOILT: dict[Trouble, tuple[InCamera, ...]] = {
    Trouble.DARK: (_night,),
    Trouble.BLURRED: (_blurred,),
}
_SPOILT_PAPER: dict[Trouble, tuple[OnPaper, ...]] = {Trouble.GLARE: (_dazzled,)}
