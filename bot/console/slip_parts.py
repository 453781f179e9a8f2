"""What the page of slips is given; ``bot.wiring.slip_pages`` builds it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Protocol, cast

from flask import current_app

from bot.core.dossiers.codes import DossierCode

EXTENSION = "motcua_slip_printing"
MOST_BYTES = 3 * 2**20  # of an uploaded file
MOST_ROWS = 2_000  # five to twelve seconds of a processor that citizens wait for too


class SheetRefused(Exception):
    """A file that cannot be printed; ``code`` names the sentence that says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Wanted:
    """How a file shall be printed; ``despite`` prints although rows must be left out."""

    layout: str  # "a4", "labels" or "receipt"
    per_page: int
    skip: int = 0  # labels of the first page that are used up
    despite: bool = False


class Left(Protocol):
    """A row that was left out."""

    @property
    def line(self) -> int:
        """Return its line, counted from 1."""

    @property
    def why(self) -> str:
        """Return the name of the sentence that says why."""


@dataclass(frozen=True)
class Printed:
    """A PDF; without ``data`` nothing was printed because of the rows ``left``."""

    data: bytes
    count: int  # codes
    left: Sequence[Left]


@dataclass(frozen=True)
class SlipParts:
    """Everything the page of slips needs besides the console's parts.

    ``draw`` returns a "png" or "svg" file and raises SlipImpossible. ``print_file`` takes a file's
    name, of which only the ending counts, and its content, and raises SheetRefused. ``signed``
    tells whether codes carry a signature, ``digest`` is what the audit trail keeps of one.
    """

    draw: Callable[[DossierCode, str], bytes]
    print_file: Callable[[str, bytes, Wanted], Printed]
    digest: Callable[[DossierCode], str]
    per_page: Sequence[int]
    signed: bool
    turn: Lock = field(default_factory=Lock)  # one file at a time: citizens come first


def slip_parts() -> SlipParts:
    """Return the parts of the running app."""
    return cast(SlipParts, current_app.extensions[EXTENSION])
