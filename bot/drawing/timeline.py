"""Draws the way of a dossier as a line of stations, for pages and chats that show pictures.

Colour is never the only sign: what is done has a tick, what is late an exclamation mark and its
words, what lies ahead is hollow.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from PIL import Image, ImageDraw

from bot.core.dossiers.timeline import Mark, Point, Step, Timeline
from bot.drawing.fonts import font, writable

WIDTH, HEIGHT = 720, 254
_FINE = 2  # drawn twice as large, then made smaller: smooth edges
_MARGIN, _LINE_Y, _RADIUS = 24, 128, 16
_INK, _FAINT, _PALE = "#212121", "#6b7280", "#c4c9d1"
_GREEN, _BLUE, _RED, _AMBER = "#2e7d32", "#1565c0", "#c62828", "#a15c00"
_LONGEST = 48  # letters of an office's own label
_ENDS = (Point.REFUSED, Point.STOPPED, Point.WITHDRAWN)
_COLOURS = {Mark.DONE: _GREEN, Mark.NOW: _BLUE, Mark.AHEAD: _PALE, Mark.MISSED: _RED}
_WORDS = Path(__file__).with_name("timeline.vi.yml")


def draw_timeline(timeline: Timeline, title: str = "", note: str = "") -> bytes:
    """Return a PNG, 720 pixels wide; ``title`` stands above the line, ``note`` small below it."""
    image = Image.new("RGB", (WIDTH * _FINE, HEIGHT * _FINE), "white")
    board = _Board(ImageDraw.Draw(image))
    _head(board, timeline, title)
    width = (WIDTH - 2 * _MARGIN) / len(timeline.steps)
    places = [_MARGIN + width * (index + 0.5) for index in range(len(timeline.steps))]
    _rails(board, timeline, places)
    for step, x in zip(timeline.steps, places, strict=True):
        _station(board, timeline, step, x, width)
    board.text(_MARGIN, HEIGHT - 14, note, 13, _FAINT, anchor="ls")
    buffer = io.BytesIO()
    small = image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    small.quantize(64, dither=Image.Dither.NONE).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


@dataclass(frozen=True)
class _Board:
    """A pen whose measures are those of the finished picture."""

    pen: ImageDraw.ImageDraw

    def text(
        self, x: float, y: float, text: str, size: int, colour: str, *,
        bold: bool = False, anchor: str = "ms", width: float = WIDTH,
    ) -> None:  # fmt: skip
        """Write ``text``, smaller where it would pass ``width``."""
        words, fitting = writable(text), size
        while fitting > 9 and self.width(words, fitting, bold) > width:
            fitting -= 1
        place = (x * _FINE, y * _FINE)
        self.pen.text(place, words, font=font(fitting * _FINE, bold), fill=colour, anchor=anchor)

    def width(self, text: str, size: int, bold: bool) -> float:
        return self.pen.textlength(writable(text), font=font(size * _FINE, bold)) / _FINE

    def line(self, points: Sequence[tuple[float, float]], colour: str, width: float) -> None:
        scaled = [(x * _FINE, y * _FINE) for x, y in points]
        self.pen.line(scaled, fill=colour, width=round(width * _FINE), joint="curve")

    def disc(self, x: float, y: float, radius: float, fill: str, rim: str) -> None:
        box = [(place * _FINE) for place in (x - radius, y - radius, x + radius, y + radius)]
        self.pen.ellipse(box, fill=fill, outline=rim, width=3 * _FINE)

    def shape(self, points: Sequence[tuple[float, float]], fill: str, rim: str) -> None:
        scaled = [(x * _FINE, y * _FINE) for x, y in points]
        self.pen.polygon(scaled, fill=fill)
        self.pen.line([*scaled, scaled[0], scaled[1]], fill=rim, width=3 * _FINE, joint="curve")

    def pill(self, box: tuple[float, float, float, float], fill: str) -> None:
        scaled = [place * _FINE for place in box]
        self.pen.rounded_rectangle(scaled, radius=(scaled[3] - scaled[1]) / 2, fill=fill)


def _head(board: _Board, timeline: Timeline, title: str) -> None:
    """Write the title, and to its right how the promise stands."""
    text, colour = _verdict(timeline)
    left = float(WIDTH - _MARGIN)
    if text:
        left -= board.width(text, 15, True) + 28
        board.pill((left, 16, WIDTH - _MARGIN, 46), colour)
        board.text((left + WIDTH - _MARGIN) / 2, 36, text, 15, "white", bold=True)
    room = left - _MARGIN - 12
    board.text(_MARGIN, 38, title, 19, _INK, bold=True, anchor="ls", width=room)


def _verdict(timeline: Timeline) -> tuple[str, str]:
    """Return the words on the promise and their ground, nothing when there is no promise."""
    clock = timeline.clock
    left = clock.days_left or 0
    now = next((step.point for step in timeline.steps if step.mark is Mark.NOW), Point.UNKNOWN)
    cases = (
        (now in (Point.PAPERS, Point.MONEY), "paused", 0, _AMBER),
        (clock.late and left < 0, "late", -left, _RED),
        (clock.late, "just_late", 0, _RED),
        (clock.due_soon and not left, "due_today", 0, _AMBER),
        (clock.due_soon, "due_soon", left, _AMBER),
        (now is Point.WORKING and left > 0, "running", left, _BLUE),
        (clock.late_by, "was_late", clock.late_by, _RED),
        (clock.on_time is False, "was_just_late", 0, _RED),
        (clock.early_by, "early", clock.early_by, _GREEN),
        (clock.on_time, "on_time", 0, _GREEN),
    )
    for holds, name, number, colour in cases:
        if holds:
            return str(_words()["states"][name]).format(n=number), colour
    return "", _BLUE


def _rails(board: _Board, timeline: Timeline, places: list[float]) -> None:
    """Draw the line: whole where the dossier has been, dotted where it goes."""
    for index, (start, end) in enumerate(zip(places, places[1:], strict=False)):
        after = timeline.steps[index + 1]
        if after.mark is Mark.AHEAD:
            for x in range(round(start) + 22, round(end) - 16, 11):
                board.line([(x, _LINE_Y), (x + 5, _LINE_Y)], _PALE, 4)
        else:
            missed = Mark.MISSED in (timeline.steps[index].mark, after.mark)
            colour = _RED if missed and timeline.clock.late else _GREEN
            board.line([(start, _LINE_Y), (end, _LINE_Y)], colour, 5)


def _station(board: _Board, timeline: Timeline, step: Step, x: float, width: float) -> None:
    colour = _colour(timeline, step)
    _sign(board, step, x, colour)
    if step.mark is Mark.NOW and not timeline.final:
        _today(board, timeline, x, colour)
    bold = step.mark is not Mark.AHEAD or bool(step.day)
    y = _LINE_Y + 45
    for line in _lines(board, _name(step), width - 8):
        board.text(x, y, line, 15, _INK if bold else _FAINT, bold=bold, width=width - 8)
        y += 20
    if step.day:
        board.text(x, y + 1, f"{step.day:%d/%m/%Y}", 15, _INK, width=width - 8)
    if step.mark is Mark.MISSED:
        board.text(x, y + 21, _words()["passed"], 14, _RED, bold=True, width=width - 8)


def _colour(timeline: Timeline, step: Step) -> str:
    if step.point is Point.WITHDRAWN:
        return _FAINT
    if step.point in _ENDS or (timeline.clock.late and step.mark is Mark.NOW):
        return _RED
    return _GREEN if step.mark is Mark.NOW and timeline.final else _COLOURS[step.mark]


def _lines(board: _Board, text: str, width: float) -> list[str]:
    """Break a label in two where it is too wide."""
    words = text.split()
    if board.width(text, 15, True) <= width or len(words) < 2:
        return [text]
    pairs = [(" ".join(words[:cut]), " ".join(words[cut:])) for cut in range(1, len(words))]
    return list(min(pairs, key=lambda pair: max(board.width(half, 15, True) for half in pair)))


def _sign(board: _Board, step: Step, x: float, colour: str) -> None:
    """Draw the mark of a station: a diamond for the promise, a disc for all others."""
    y, r = _LINE_Y, _RADIUS
    hollow = step.mark is Mark.AHEAD
    fill = "white" if hollow else colour
    if step.point is Point.PROMISED:
        rim = _BLUE if hollow else colour
        board.shape([(x, y - r - 3), (x + r + 3, y), (x, y + r + 3), (x - r - 3, y)], fill, rim)
    else:
        board.disc(x, y, r, fill, colour)
    if step.mark is Mark.MISSED:
        board.text(x, y + 8, "!", 21, "white", bold=True)
    elif step.point in _ENDS:
        board.line([(x - 6, y - 6), (x + 6, y + 6)], "white", 3.5)
        board.line([(x - 6, y + 6), (x + 6, y - 6)], "white", 3.5)
    elif step.mark is Mark.DONE or step.point is Point.RETURNED and not hollow:
        board.line([(x - 7, y + 0.5), (x - 2, y + 6), (x + 8, y - 6)], "white", 3.5)
    elif step.mark is Mark.NOW:
        board.disc(x, y, 5, "white", "white")


def _today(board: _Board, timeline: Timeline, x: float, colour: str) -> None:
    """Hang today's day over the station where the dossier is."""
    text = str(_words()["today"]).format(day=f"{timeline.today:%d/%m/%Y}")
    half = board.width(text, 14, True) / 2 + 11
    middle = min(max(x, _MARGIN + half), WIDTH - _MARGIN - half)
    board.pill((middle - half, _LINE_Y - 59, middle + half, _LINE_Y - 33), colour)
    tip = [(x - 7, _LINE_Y - 34), (x + 7, _LINE_Y - 34), (x, _LINE_Y - 24)]
    board.shape(tip, colour, colour)
    board.text(middle, _LINE_Y - 41, text, 14, "white", bold=True)


def _name(step: Step) -> str:
    if step.point is Point.WORKING and step.mark is Mark.DONE:
        return str(_words()["working_done"])
    label = step.label or str(_words()["stations"][step.point.value])
    return label if len(label) <= _LONGEST else label[: _LONGEST - 1].rstrip() + "…"


@lru_cache(maxsize=1)
def _words() -> dict[str, Any]:
    words: dict[str, Any] = yaml.safe_load(_WORDS.read_text(encoding="utf-8"))
    return words
