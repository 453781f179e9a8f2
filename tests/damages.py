"""What happens to a printed code before and while it is photographed."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

DESK = 96  # grey around the paper

Spot = tuple[float, float]
OnPaper = Callable[[random.Random, Image.Image, float, Spot], Image.Image]
InCamera = Callable[[random.Random, Image.Image, float], Image.Image]


def tilted(
    rng: random.Random, image: Image.Image, least: float = 0.0, most: float = 0.12
) -> Image.Image:
    """Look at the page from the side: ``most`` of the far edge is lost at either end."""
    width, height = image.size
    a, b = rng.uniform(least, most), rng.uniform(least / 2, most / 2)
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


def occlude(rng: random.Random, image: Image.Image, module: float, spot: Spot) -> Image.Image:
    """Lay a blot two to three modules wide on the inner part of the code."""
    pen = ImageDraw.Draw(image)
    x, y = (place + rng.uniform(-5, 5) * module for place in spot)
    size = rng.uniform(1.0, 1.5) * module
    pen.ellipse((x - size, y - size, x + size, y + size), fill=rng.randint(60, 200))
    return image


def crumple(rng: random.Random, image: Image.Image, module: float, spot: Spot) -> Image.Image:
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


def glare(rng: random.Random, image: Image.Image, module: float, spot: Spot) -> Image.Image:
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


def focus(rng: random.Random, image: Image.Image, module: float) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(rng.uniform(0.15, 0.5) * module))


def motion(rng: random.Random, image: Image.Image, module: float) -> Image.Image:
    """Shake by half to one and a half modules."""
    return shaken(image, rng.uniform(0.4, 1.4) * module, rng.uniform(0, math.pi))


def shaken(image: Image.Image, length: float, angle: float) -> Image.Image:
    """Average copies shifted along a line of ``length`` pixels."""
    steps = max(2, round(length) + 1)
    total = np.zeros((image.height, image.width), dtype=np.float32)
    for index in range(steps):
        way = (index / (steps - 1) - 0.5) * length
        shift = (1, 0, -way * math.cos(angle), 0, 1, -way * math.sin(angle))
        total += np.asarray(
            image.transform(image.size, Image.Transform.AFFINE, shift, Image.Resampling.BILINEAR)
        )
    return Image.fromarray((total / steps).astype(np.uint8))


def noise(rng: random.Random, image: Image.Image, module: float) -> Image.Image:
    return noisy(rng, image, rng.uniform(8, 32))


def noisy(rng: random.Random, image: Image.Image, sigma: float) -> Image.Image:
    grain = np.random.default_rng(rng.getrandbits(32)).normal(0, sigma, image.size[::-1])
    return Image.fromarray(np.clip(np.asarray(image) + grain, 0, 255).astype(np.uint8))


def dim(rng: random.Random, image: Image.Image, module: float) -> Image.Image:
    """Leave a seventh to a third of the light, with the grain of a dark photo."""
    light = rng.uniform(0.14, 0.35)
    return noisy(rng, image.point(lambda value: value * light), rng.uniform(1.0, 4.0))


def moire(rng: random.Random, image: Image.Image, module: float) -> Image.Image:
    """Photograph a screen: two fine waves across the picture."""
    y, x = np.mgrid[0 : image.height, 0 : image.width].astype(np.float32)
    waves = np.ones_like(x)
    for _ in range(2):
        angle, period = rng.uniform(0, math.pi), rng.uniform(2.2, 7.0)
        wave = np.sin((x * math.cos(angle) + y * math.sin(angle)) * 2 * math.pi / period)
        waves += rng.uniform(0.08, 0.22) * wave
    return Image.fromarray(np.clip(np.asarray(image) * waves, 0, 255).astype(np.uint8))


def invert(rng: random.Random, image: Image.Image, module: float) -> Image.Image:
    return ImageChops.invert(image)


def shadow(rng: random.Random, image: Image.Image, module: float, spot: Spot) -> Image.Image:
    """Hold a hand or the phone between lamp and code: an edge of shadow runs over the code."""
    reach = max(image.size) * 1.5
    angle = rng.uniform(0, 2 * math.pi)
    x, y = (place + rng.uniform(-10, 10) * module for place in spot)
    along, across = (math.cos(angle), math.sin(angle)), (-math.sin(angle), math.cos(angle))
    corners = [
        (
            x + along[0] * a * reach + across[0] * b * reach,
            y + along[1] * a * reach + across[1] * b * reach,
        )
        for a, b in ((-1, 0), (1, 0), (1, 1), (-1, 1))
    ]
    shade = Image.new("L", image.size, 255)
    ImageDraw.Draw(shade).polygon(corners, fill=round(255 * rng.uniform(0.25, 0.5)))
    return ImageChops.multiply(image, shade.filter(ImageFilter.GaussianBlur(rng.uniform(0.5, 6))))


def fade(rng: random.Random, image: Image.Image, module: float, spot: Spot) -> Image.Image:
    """Print with the last of the toner on grey paper."""
    ink, paper = rng.randint(110, 165), rng.randint(185, 225)
    return image.point(lambda value: ink + value * (paper - ink) / 255)


def soil(rng: random.Random, image: Image.Image, module: float, spot: Spot) -> Image.Image:
    """Sprinkle dots, draw a fold or two and a ring of tea over the code's surroundings."""
    pen = ImageDraw.Draw(image)
    reach = 18 * module
    for _ in range(rng.randint(20, 60)):
        x, y = (place + rng.uniform(-reach, reach) for place in spot)
        size = rng.uniform(0.1, 0.4) * module
        pen.ellipse((x - size, y - size, x + size, y + size), fill=rng.choice([40, 90, 200, 240]))
    for _ in range(rng.randint(1, 2)):
        ends = [place + rng.uniform(-reach, reach) for place in (*spot, *spot)]
        pen.line(tuple(ends), fill=rng.choice([70, 230]), width=max(1, round(0.4 * module)))
    x, y = (place + rng.uniform(-8, 8) * module for place in spot)
    size = rng.uniform(6, 12) * module
    ring = Image.new("L", image.size, 255)
    ImageDraw.Draw(ring).ellipse(
        (x - size, y - size, x + size, y + size), outline=150, width=max(1, round(module))
    )
    return ImageChops.multiply(image, ring.filter(ImageFilter.GaussianBlur(module / 2)))


# What happens to the paper, and what the camera adds to the whole photo.
ON_PAPER = {"occlusion": occlude, "crumple": crumple, "glare": glare}
IN_CAMERA = {
    "inverted": invert,
    "focus": focus,
    "motion": motion,
    "dim": dim,
    "moire": moire,
    "noise": noise,
}
