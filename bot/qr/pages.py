"""A PDF of pages with codes drawn as squares, not pixels, and a font that goes with the file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from bot.drawing.fonts import font_file
from bot.qr.draw import QUIET_ZONE, code_matrix

_POINT = 25.4 / 72  # millimetres
_SEAM = 1.03  # a hair higher than a module: readers of PDFs leave white lines between rows
_SMALLEST = 4.5  # points


class Pages:
    """Pages of one size; all lengths in millimetres, sizes of letters in points.

    Raises NoFont when the machine has no font with Vietnamese letters.
    """

    def __init__(self, size: tuple[float, float]) -> None:
        from fpdf import FPDF  # a fifth of a second that only printing needs

        self.width, self.height = size
        self._pdf: Any = FPDF(unit="mm", format=size)
        self._pdf.set_auto_page_break(False)
        self._pdf.set_margin(0)
        self._pdf.add_font("desk", "", font_file(False))
        self._pdf.add_font("desk", "B", font_file(True))
        self._pdf.set_creator("MotCua")
        self.count = 0

    def turn(self) -> None:
        """Begin another page."""
        self._pdf.add_page()
        self._pdf.set_fill_color(0)
        self._pdf.set_draw_color(170)
        self._pdf.set_line_width(0.15)
        self.count += 1

    def width_of(self, text: str, size: float, bold: bool = False) -> float:
        """Return how long ``text`` is."""
        self._pdf.set_font("desk", "B" if bold else "", size)
        return float(self._pdf.get_string_width(text))

    def write(
        self, x: float, y: float, text: str, size: float, *,
        bold: bool = False, centred: bool = False, width: float = 0.0,
    ) -> None:  # fmt: skip
        """Write one line with its foot at ``y``, smaller where it would pass ``width``."""
        if not text:
            return
        if width:
            size = self.fitting(text, size, width, bold)
        length = self.width_of(text, size, bold)
        self._pdf.text(x - length / 2 if centred else x, y, text)

    def fitting(self, text: str, size: float, width: float, bold: bool = False) -> float:
        """Return the largest size up to ``size`` in which ``text`` is no longer than ``width``."""
        length = self.width_of(text, size, bold)
        return size if length <= width else max(_SMALLEST, size * width / length)

    def wrapped(self, text: str, size: float, width: float, bold: bool = False) -> list[str]:
        """Return ``text`` as lines no longer than ``width``, broken between words."""
        lines = [""]
        for word in text.split():
            longer = f"{lines[-1]} {word}".strip()
            if lines[-1] and self.width_of(longer, size, bold) > width:
                lines.append(word)
            else:
                lines[-1] = longer
        return lines

    def code(self, payload: str, x: float, y: float, side: float) -> None:
        """Draw a QR code with its white border, ``side`` long, upper left corner at (x, y)."""
        matrix = code_matrix(payload)
        module = side / (len(matrix) + 2 * QUIET_ZONE)
        for row, line in enumerate(matrix):
            top = y + (row + QUIET_ZONE) * module
            for start, length in _runs(line):
                left = x + (start + QUIET_ZONE) * module
                self._pdf.rect(left, top, length * module, module * _SEAM, style="F")

    def frame(self, x: float, y: float, width: float, height: float) -> None:
        """Draw the lines to cut along."""
        self._pdf.rect(x, y, width, height)

    def finish(self) -> bytes:
        """Return the file; nothing can be added any more."""
        data = bytes(self._pdf.output())
        for font in self._pdf.fonts.values():
            font.close()
        return data


def line_height(size: float) -> float:
    """Return the step from line to line for letters of ``size`` points."""
    return size * _POINT * 1.35


def _runs(line: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Yield where dark modules begin and how many follow each other."""
    start = None
    for at, dark in enumerate([*line, False]):
        if dark and start is None:
            start = at
        elif not dark and start is not None:
            yield start, at - start
            start = None
