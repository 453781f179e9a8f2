"""Joins the console's page of slips: keys that sign, files that are read, pages that are drawn."""

from __future__ import annotations

from bot.console.slip_parts import MOST_ROWS, Printed, SheetRefused, SlipParts, Wanted
from bot.drawing.fonts import NoFont
from bot.qr.draw import draw_png, draw_svg
from bot.qr.layouts import GRID, LABELS
from bot.qr.sheet import print_labels, print_receipts
from bot.registry.rows import BadFile, Loaded
from bot.wiring.desk import WebParts
from bot.wiring.sheets import Payloads, Sheet, TooManyRows
from bot.wiring.slips import build_slips

_MOST_UNPACKED = 24 * 2**20  # bytes of an Excel file; the process serves citizens, too
_SIZES = (24, 8, 14, 21, 40, 65)  # labels a sheet, the usual one first


def build_slip_printing(web: WebParts) -> SlipParts:
    """Return everything the console's page of slips needs. Raises SettingsError."""
    settings, slips = web.settings, build_slips(web.settings, web.store)
    given = Payloads(slips, settings.address if settings.public_url else "")

    def print_file(name: str, data: bytes, wanted: Wanted) -> Printed:
        # Only the ending of a name says something: it is the sender's to choose.
        ending = "json" if name.lower().endswith((".json", ".jsonl")) else "csv"
        file = Loaded(f"upload.{ending}", data, most_unpacked=_MOST_UNPACKED)
        return _printed(Sheet(file, given, False, web.province.demo, MOST_ROWS), wanted)

    return SlipParts(
        draw=lambda code, form: _drawn(given.of(code), form),
        print_file=print_file,
        digest=lambda code: slips.digest(code, slips.kids[0]),
        per_page=_SIZES,
        signed=bool(settings.public_url),
    )


def _drawn(payload: str, form: str) -> bytes:
    return draw_svg(payload) if form == "svg" else draw_png(payload)


def _printed(sheet: Sheet, wanted: Wanted) -> Printed:
    try:
        data, count = (
            _receipts(sheet, wanted) if wanted.layout == "receipt" else _labels(sheet, wanted)
        )
    except TooManyRows as error:
        raise SheetRefused("too_many") from error
    except BadFile as error:
        raise SheetRefused("unreadable") from error
    except NoFont as error:
        raise SheetRefused("no_font") from error
    if not count and not sheet.problems:
        raise SheetRefused("nothing")
    return Printed(data, count, sheet.problems)


def _receipts(sheet: Sheet, wanted: Wanted) -> tuple[bytes, int]:
    receipts = list(sheet.receipts())
    if not receipts or _hindered(sheet, wanted):
        return b"", 0
    return print_receipts(receipts)[0], len(receipts)


def _labels(sheet: Sheet, wanted: Wanted) -> tuple[bytes, int]:
    grid = LABELS[wanted.per_page] if wanted.layout == "labels" else GRID
    used = wanted.skip % grid.per_page if wanted.layout == "labels" else 0
    labels = list(sheet.labels())
    if not labels or _hindered(sheet, wanted):
        return b"", 0
    return print_labels(labels, grid, used)[0], len(labels)


def _hindered(sheet: Sheet, wanted: Wanted) -> bool:
    """Whether bad rows forbid to print: all rows were read before a page is drawn."""
    return bool(sheet.problems and not wanted.despite)
