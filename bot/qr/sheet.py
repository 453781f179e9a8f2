"""Prints codes of many dossiers: grids to cut apart, label sheets, and receipts like form 01."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from bot.qr.layouts import A4, A5, Grid
from bot.qr.pages import Pages, line_height
from bot.qr.receipt import Receipt, receipt_lines

_HINT = Path(__file__).with_name("sheet.vi.txt")
_MARGIN = 12.0  # of a receipt
_CODE = 31.0  # side of a receipt's code, millimetres: modules of 0.7
_PAD = 1.2  # white around what stands on a label
_ROOMY = 28.0  # a label at least that high has room for more than the code
_NOTE_LINES = 3
_STEP = 1.1  # lines of a receipt stand a little apart


@dataclass(frozen=True)
class Label:
    """What stands on one label; ``payload`` is what its QR holds."""

    code: str
    payload: str
    note: str = ""


def print_labels(
    labels: Iterable[Label], grid: Grid, skip: int = 0, done: Callable[[], None] = lambda: None
) -> tuple[bytes, int]:
    """Return a PDF and its number of pages; ``skip`` cells of the first page stay empty.

    Raises ValueError when there is nothing to print.
    """
    pages = Pages(A4)
    for index, label in enumerate(labels, start=skip):
        if not pages.count or index % grid.per_page == 0:
            pages.turn()
        _label(pages, label, grid, *grid.corner(index))
        done()
    return _finished(pages)


def print_receipts(
    receipts: Iterable[Receipt], done: Callable[[], None] = lambda: None
) -> tuple[bytes, int]:
    """Return a PDF of A5 pages, one receipt each, and the number of pages.

    Raises ValueError when there is nothing to print.
    """
    pages = Pages(A5)
    for receipt in receipts:
        pages.turn()
        _receipt(pages, receipt)
        done()
    return _finished(pages)


def _finished(pages: Pages) -> tuple[bytes, int]:
    count, data = pages.count, pages.finish()
    if not count:
        raise ValueError("nothing to print")
    return data, count


def _label(pages: Pages, label: Label, grid: Grid, x: float, y: float) -> None:
    """Draw the code at the left, as large as the label lets it, and the words beside it."""
    if grid.cut:
        pages.frame(x, y, grid.width, grid.height)
    side = min(grid.height - 2 * _PAD, grid.width * 0.56, 36.0)
    pages.code(label.payload, x + _PAD, y + (grid.height - side) / 2, side)
    left, room = x + _PAD + side, grid.width - side - 3 * _PAD
    size = min(10.0, 5.0 + grid.height / 9)
    lines = _code_lines(pages, label.code, size, room)
    size = min(pages.fitting(line, size, room, bold=True) for line in lines)
    words = [(line, size, True) for line in lines]
    if grid.height >= _ROOMY:
        small = max(5.5, min(size, 10.0) * 0.75)
        words += [("", 2.0, False)]
        words += [(line, small, False) for line in _shortened(pages, label.note, small, room)]
        words += [("", 2.0, False)] if label.note else []
        words += [(line, small, False) for line in pages.wrapped(_hint(), small, room)]
    if sum(line_height(height) for _, height, _ in words) > grid.height - 2 * _PAD:
        words = words[: len(lines)]  # the code is what counts
    foot = y + (grid.height - sum(line_height(height) for _, height, _ in words)) / 2
    for text, height, bold in words:
        foot += line_height(height)
        pages.write(left, foot - height * 0.1, text, height, bold=bold, width=room)


def _shortened(pages: Pages, text: str, size: float, room: float) -> list[str]:
    """Return at most three lines of ``text``."""
    lines = pages.wrapped(text, size, room) if text else []
    if len(lines) <= _NOTE_LINES:
        return lines
    return [*lines[: _NOTE_LINES - 1], f"{lines[_NOTE_LINES - 1]}…"]


def _code_lines(pages: Pages, code: str, size: float, room: float) -> list[str]:
    """Return a code on one line if it fits, else broken after its dashes."""
    parts = code.split("-")
    if pages.width_of(code, size, bold=True) <= room or len(parts) != 3:
        return [code]
    head, day, number = parts
    tail = f"{day}-{number}"
    if pages.width_of(tail, size, bold=True) <= room:
        return [f"{head}-", tail]
    return [f"{head}-", f"{day}-", number]


def _receipt(pages: Pages, receipt: Receipt) -> None:
    y, middle, room = _MARGIN, pages.width / 2, pages.width - 2 * _MARGIN
    for line in receipt_lines(receipt):
        mark, _, rest = line.partition(" ")
        if mark in {"=", "-"}:
            y += line_height(7.5)
            for text, x in zip(rest.split(" | "), (0.26, 0.735), strict=False):
                at = pages.width * x
                pages.write(at, y, text, 7.5, bold=mark == "=", centred=True, width=room * 0.53)
        elif mark == "#":
            y += line_height(12)
            pages.write(middle, y, rest, 12, bold=True, centred=True, width=room)
            pages.code(receipt.payload or receipt.code, middle - _CODE / 2, y + 1, _CODE)
            y += _CODE + 1
        elif mark == "*":
            y += line_height(10)
            pages.write(middle, y, rest, 10, bold=True, centred=True, width=room)
        else:
            for text in pages.wrapped(line, 9, room):
                y += line_height(9) * (_STEP if text else 0.75)
                pages.write(_MARGIN, y, text, 9)


@lru_cache(maxsize=1)
def _hint() -> str:
    return _HINT.read_text("utf-8").strip()
