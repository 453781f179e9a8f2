"""The ledger of a notice as CSV: one line per recipient, harmless in a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from io import StringIO
from typing import Any

COLUMNS = (
    "delivery",
    "citizen",
    "channel",
    "state",
    "attempts",
    "error_code",
    "created_at",
    "due_at",
    "sent_at",
    "delivered_at",
    "seen_at",
    "platform_message_id",
    "digest",  # the pace of the digest it waits for, or went with
)
# What spreadsheets take for the beginning of a formula, the wide forms of it too.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_SIGNATURE = "\ufeff"  # without it a spreadsheet reads Vietnamese as something else


def cell(value: Any) -> str:
    """Return a value as a cell no spreadsheet runs.

    >>> cell("=HYPERLINK(1)"), cell(" +84"), cell(None), cell(-3)
    ("'=HYPERLINK(1)", "' +84", '', '-3')
    """
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    text = str(value).replace("\0", "")  # which readers of CSV refuse
    if isinstance(value, (int, float)):
        return text
    begins = text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA)
    return f"'{text}" if begins else text


def lines(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the CSV piece by piece, the heading first; nothing but one row is held.

    >>> list(lines([{"delivery": 1, "state": "sent"}]))[1]
    '1,,,sent,,,,,,,,,\\r\\n'
    """
    yield _SIGNATURE + _line(COLUMNS)
    for row in rows:
        yield _line(cell(row.get(name)) for name in COLUMNS)


def _line(values: Iterable[str]) -> str:
    buffer = StringIO()
    csv.writer(buffer).writerow(values)
    return buffer.getvalue()
