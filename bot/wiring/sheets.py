"""Turns the rows of a dossier file into labels and receipts to print."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from bot.core.dossiers.codes import DossierCode
from bot.core.dossiers.slips import SlipImpossible, Slips, slip_link
from bot.core.photos.payload import read_payload
from bot.qr.receipt import Receipt
from bot.qr.sheet import Label
from bot.registry.days import stored_moment
from bot.registry.rows import BadFile, BadRow, Loaded, Problem, Row

_LONGEST = 300  # characters of a name; longer ones would not fit, and take long to measure


class TooManyRows(BadFile):
    """The file has more rows than may be printed at once."""


class _Unfit(BadRow):
    """A row without a code; ``why`` as in Skipped."""

    def __init__(self, message: str, why: str) -> None:
        super().__init__(message)
        self.why = why


@dataclass(frozen=True)
class Skipped(Problem):
    """A row that cannot be printed.

    ``why`` is "row", "missing", "wrong", "moment", or what SlipImpossible says.
    """

    why: str


class Payloads:
    """What goes into a QR: a signed link when citizens can open one, else the bare code."""

    def __init__(self, slips: Slips, address: str) -> None:
        self._slips = slips
        self._address = address

    def of(self, code: DossierCode) -> str:
        """Return the payload. Raises SlipImpossible when it would not be read back."""
        if not self._address:
            if read_payload(code.value).codes != (code,):
                raise SlipImpossible(f"{code.value!r} is no dossier code that can be read back")
            return code.value
        link = slip_link(self._address, self._slips.sign(code))
        if read_payload(link).codes != (code,):
            raise SlipImpossible(
                "the photo reader takes links of https:// addresses without a port only: "
                "change MOTCUA_PUBLIC_URL or print bare codes with --bare",
                "address",
            )
        return link


@dataclass
class Sheet:
    """The rows of a file as things to print; bad ones are put aside with their line.

    Iterating raises BadFile, and TooManyRows after ``most`` rows; 0 is no limit.
    """

    file: Loaded
    given: Payloads
    names: bool
    sample: bool
    most: int = 0
    problems: list[Skipped] = field(default_factory=list)
    repeated: int = 0

    def labels(self) -> Iterator[Label]:
        """Yield a label for each code."""
        for row, code, payload in self._codes():
            yield Label(code.value, payload, _name(row, "TenTTHC") or _name(row, "CoQuanTiepNhan"))

    def receipts(self) -> Iterator[Receipt]:
        """Yield a receipt for each code."""
        for row, code, payload in self._codes():
            try:
                received = _moment(row, "NgayTiepNhan")
                promised = _moment(row, "NgayHenTra")
            except BadRow as error:
                self._skip(row, error, "moment")
                continue
            yield Receipt(
                code.value,
                payload,
                agency=_name(row, "CoQuanTiepNhan"),
                matter=_name(row, "TenTTHC"),
                received=received,
                promised=promised,
                owner=_name(row, "ChuHoSo") if self.names else "",
                sample=self.sample,
            )

    def _codes(self) -> Iterator[tuple[Row, DossierCode, str]]:
        seen: set[str] = set()
        for number, row in enumerate(self.file.rows(("MaHoSo",)), start=1):
            if self.most and number > self.most:
                raise TooManyRows(f"more than {self.most:,} rows; divide it")
            try:
                code = _code(row)
                if code.key not in seen:
                    yield row, code, self.given.of(code)
                self.repeated += code.key in seen
                seen.add(code.key)
            except (_Unfit, SlipImpossible) as error:
                self._skip(row, error, error.why)

    def _skip(self, row: Row, error: Exception, why: str) -> None:
        self.problems.append(Skipped(row.line, str(error), why))


def _code(row: Row) -> DossierCode:
    if row.error:
        raise _Unfit(row.error, "row")
    text = row.get("MaHoSo")
    if not text:
        raise _Unfit("MaHoSo is missing", "missing")
    code = DossierCode.parse(text)
    if code is None:  # what stands there may be somebody's number, so it is not repeated
        raise _Unfit("MaHoSo is no dossier code", "wrong")
    return code


def _name(row: Row, column: str) -> str:
    return row.get(column)[:_LONGEST]


def _moment(row: Row, column: str) -> str:
    """Return a moment as it is printed: the hour where there is one, then the day."""
    text = stored_moment(row.get(column), column)
    if not text:
        return ""
    moment = datetime.fromisoformat(text)
    hour = f"{moment:%H:%M}, " if (moment.hour, moment.minute) != (0, 0) else ""
    return f"{hour}{moment:%d/%m/%Y}"
