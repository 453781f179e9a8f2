"""Opens an Excel file (.xlsx) nobody vouches for and yields the cells of a sheet."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from xml.etree.ElementTree import iterparse

from openpyxl.reader.excel import ExcelReader  # type: ignore[import-untyped]
from openpyxl.styles.numbers import BUILTIN_FORMATS  # type: ignore[import-untyped]
from openpyxl.styles.stylesheet import apply_stylesheet  # type: ignore[import-untyped]
from openpyxl.worksheet._reader import (  # type: ignore[import-untyped]
    INLINE_STRING,
    ROW_TAG,
    WorkSheetParser,
)

from bot.registry.rows import BadFile

# A sheet of 50,000 dossiers unpacks to some 60 MB, its texts to 10.
MOST_UNPACKED = 400 * 2**20
_MOST_BESIDE = 64 * 2**20  # any part that is read as a whole: texts, styles
_MOST_PARTS = 2_000
_MOST_ROWS = 1_048_576  # of Excel itself
MOST_COLUMNS = 200
_MOST_MERGED = 200_000  # cells below a merged one
_MOST_IN_ROW = 100_000  # parts; five for each column of Excel
_MOST_DEEP = 50  # parts within parts
_MOST_SHEETS = 50  # asked for their size
_CHUNK = 1 << 20
_MERGE = re.compile(
    rb'<(?:\w+:)?mergeCell\s[^>]{0,200}?ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"'
)
# No sheet has a document type. Every encoding the parser reads but UTF-16 keeps these bytes.
_NEVER = re.compile(rb"<!DOCTYPE|<!ENTITY|\0")
_DIMENSION = re.compile(rb'<(?:\w+:)?dimension\s[^>]*?ref="[A-Z]+\d+:[A-Z]+(\d{1,7})"')
_STYLED, _PHONETIC = "}t", "}rPh"


@dataclass(frozen=True)
class Cell:
    """A value as the sheet keeps it; ``style`` is a number of the workbook."""

    value: Any
    style: int


Cells = dict[int, Cell]  # by the number of the column, from 1


@dataclass
class Merged:
    """Merged cells: ``above`` leads from a lower cell to the one that holds the value."""

    above: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    wide: set[int] = field(default_factory=set)  # rows with cells merged across columns

    def add(self, first: tuple[int, int], last: tuple[int, int]) -> None:
        """Note one merged range, (row, column) from 1. Raises BadFile for too many."""
        if last[1] > first[1]:
            self.wide.add(first[0])
        if first[1] > MOST_COLUMNS:
            return
        if last[0] - first[0] + len(self.above) > _MOST_MERGED:
            raise BadFile("too many merged cells")
        for row in range(first[0] + 1, last[0] + 1):
            self.above[row, first[1]] = first


class Sheet:
    """One sheet of a workbook, the first one when ``name`` is empty.

    Raises BadFile when there is no such sheet or the file would unpack to more than we hold;
    a damaged file raises anything at all, here and in the methods.
    """

    def __init__(self, data: bytes, name: str = "", most_unpacked: int = 0) -> None:
        _weigh(data, most_unpacked or MOST_UNPACKED)
        # The library warns of what it leaves out; nothing of that matters here.
        warnings.filterwarnings("ignore", module="openpyxl")
        self._reader = ExcelReader(io.BytesIO(data), read_only=True, data_only=True)
        self._reader.read_manifest()
        self._reader.read_strings()
        self._reader.read_workbook()
        apply_stylesheet(self._reader.archive, self._reader.wb)
        paths = {
            sheet.name: relation.target
            for sheet, relation in self._reader.parser.find_sheets()
            if relation.target in self._reader.valid_files and "chart" not in relation.Type
        }
        if not paths:
            raise BadFile("a workbook without a sheet")
        if name and name not in paths:
            raise BadFile(f"no sheet {name!r}; there are {', '.join(paths)}")
        self.name = name or next(iter(paths))
        self._path = paths[self.name]

    @cached_property
    def merged(self) -> Merged:
        """Return the merged cells, which stand behind the rows. Raises BadFile."""
        merged, tail = Merged(), b""
        with self._reader.archive.open(self._path) as file:
            while chunk := file.read(_CHUNK):
                text, end = tail + chunk, 0
                if _NEVER.search(text):
                    raise BadFile("a workbook with a document type of its own")
                for match in _MERGE.finditer(text):
                    end = match.end()
                    left, top, right, bottom = match.groups()
                    merged.add((int(top), _column(left)), (int(bottom), _column(right)))
                tail = text[max(end, len(text) - 300) :]
        return merged

    def lines(self) -> Iterator[tuple[int, Cells]]:
        """Yield the rows with their numbers and the cells that hold something.

        The library's own rows are padded to the last column, with gaps between rows filled.
        Raises BadFile.
        """
        _ = self.merged  # looks through the part for what a parser should not see
        book = self._reader.wb
        with self._reader.archive.open(self._path) as source:
            parser = _Parser(
                source,
                self._reader.shared_strings,
                data_only=True,
                epoch=book.epoch,
                date_formats=book._date_formats,
                timedelta_formats=book._timedelta_formats,
            )
            for element in _rows_of(source):
                line, cells = parser.parse_row(element)
                if line > _MOST_ROWS:
                    raise BadFile(f"more than {_MOST_ROWS:,} rows")
                yield (
                    line,
                    {
                        cell["column"]: Cell(cell["value"], cell["style_id"])
                        for cell in cells
                        if cell["value"] not in (None, "") and cell["column"] <= MOST_COLUMNS
                    },
                )

    def form(self, cell: Cell) -> str:
        """Return the format a number is shown in, "" when unknown."""
        book = self._reader.wb
        number = book._cell_styles[cell.style].numFmtId
        known = BUILTIN_FORMATS.get(number)
        return str(known if known is not None else book._number_formats[number - 164])


class _Parser(WorkSheetParser):  # type: ignore[misc]
    """The library's parser; texts inside cells are joined without building objects of them."""

    def parse_cell(self, element: Any) -> dict[str, Any]:
        inline = element.find(INLINE_STRING) if element.get("t") == "inlineStr" else None
        if inline is None:
            return dict(super().parse_cell(element))
        element.set("t", "str")
        element.remove(inline)
        cell: dict[str, Any] = super().parse_cell(element)
        cell["value"] = "".join(_texts(inline))
        return cell


def _rows_of(source: Any) -> Iterator[Any]:
    """Yield each row of a sheet and forget it, and whatever else stands there. Raises BadFile."""
    above: list[Any] = []
    inside = 0  # parts of the row being read
    for event, element in iterparse(source, events=("start", "end")):  # noqa: S314  no DOCTYPE
        if event == "start":
            inside = inside + 1 if inside or element.tag == ROW_TAG else 0
            above.append(element)
            if inside > _MOST_IN_ROW or len(above) > _MOST_DEEP:
                raise BadFile("a row without an end")
            continue
        above.pop()
        if element.tag == ROW_TAG:
            yield element
            inside = 0
        if above and not inside:
            del above[-1][-1]  # what has just ended; kept, a sheet of nothing fills the memory


def _texts(inline: Any) -> Iterator[str]:
    """Yield the runs of a text without the readings that may stand above it."""
    for child in inline:
        if child.tag.endswith(_STYLED):
            yield child.text or ""
        elif not child.tag.endswith(_PHONETIC):
            yield from _texts(child)


def guessed_rows(data: bytes) -> int:
    """Return how many rows the largest sheet says it has, 0 when none says."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = [name for name in archive.namelist() if "/worksheets/" in name][:_MOST_SHEETS]
            found = [_DIMENSION.search(archive.open(name).read(4096)) for name in names]
    except (zipfile.BadZipFile, ValueError, OSError, RuntimeError, EOFError, zlib.error):
        return 0
    return min(_MOST_ROWS, max((int(match[1]) for match in found if match), default=0))


def _weigh(data: bytes, most: int) -> None:
    """Refuse what would unpack to too much; no more than the sizes told is ever unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise BadFile("a damaged workbook") from error
    beside = [part for part in parts if "/worksheets/" not in part.filename]
    if (
        len(parts) > _MOST_PARTS
        or sum(part.file_size for part in parts) > most
        or any(part.file_size > min(_MOST_BESIDE, most // 4) for part in beside)
    ):
        raise BadFile("a workbook that unpacks to too much; divide it or save it as CSV")
    if any(part.flag_bits & 1 for part in parts):
        raise BadFile("a password-protected workbook")


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
