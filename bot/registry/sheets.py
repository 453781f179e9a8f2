"""Rows of an Excel sheet: heading found, merged cells filled, titles and blanks left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bot.registry.cells import cell_text
from bot.registry.rows import BadFile, BadRow, Row, heading, missing
from bot.registry.workbook import Cell, Cells, Merged, Sheet

_HEADING_WITHIN = 30  # rows; titles and dates may stand above the heading


def sheet_rows(
    data: bytes, needed: Sequence[str], name: str = "", most_unpacked: int = 0
) -> Iterator[Row]:
    """Yield the rows of a sheet, the first one when ``name`` is empty.

    ``most_unpacked`` bytes are held at most; 0 is what a command may take.

    The heading is the first row that names every needed column. Raises BadFile, also for files
    that would unpack to more than we hold.
    """
    try:
        sheet = Sheet(data, name, most_unpacked)
        lines = sheet.lines()
        names = _heading(lines, needed, sheet.name)
        for line, cells in _records(lines, sheet.merged, names):
            yield _row(line, names, cells, sheet)
    except BadFile:
        raise
    except Exception as error:  # the library raises anything at all on a damaged file
        raise BadFile(f"not a readable workbook ({type(error).__name__})") from error


def _heading(
    lines: Iterator[tuple[int, Cells]], needed: Sequence[str], title: str
) -> dict[int, str]:
    """Return the names of the columns by their numbers; leave ``lines`` behind the heading."""
    for line, cells in lines:
        found = {at: heading(str(cell.value)) for at, cell in cells.items()}
        if line <= _HEADING_WITHIN and not missing(list(found.values()), needed):
            first = {name: at for at, name in reversed(found.items())}
            return {at: name for at, name in found.items() if name and first[name] == at}
        if line >= _HEADING_WITHIN:
            break
    within = f"in the first {_HEADING_WITHIN} rows of sheet {title!r}"
    raise BadFile(f"no column {', '.join(needed)} {within}")


def _records(
    lines: Iterator[tuple[int, Cells]], merged: Merged, names: Mapping[int, str]
) -> Iterator[tuple[int, Cells]]:
    tops: dict[tuple[int, int], Cell] = {}
    holders = set(merged.above.values())
    for line, cells in lines:
        own = {at: cell for at, cell in cells.items() if at in names}
        if holders:
            tops.update({(line, at): own[at] for at in own if (line, at) in holders})
        if _is_apart(line, own, names, merged):
            continue
        for at in names.keys() - own.keys() if holders else ():
            if top := tops.get(merged.above.get((line, at), (0, 0))):
                own[at] = top
        yield line, own


def _is_apart(line: int, own: Cells, names: Mapping[int, str], merged: Merged) -> bool:
    """Whether a row is no record: blank, a title across the columns, or the heading again."""
    if not own or (len(own) == 1 and line in merged.wide):
        return True
    return all(heading(str(cell.value)) == names[at] for at, cell in own.items())


def _row(line: int, names: Mapping[int, str], own: Cells, sheet: Sheet) -> Row:
    cells = dict.fromkeys(names.values(), "")
    try:
        for at, cell in own.items():
            form = sheet.form(cell) if isinstance(cell.value, int) else ""
            cells[names[at]] = cell_text(names[at], cell.value, form)
    except BadRow as error:
        return Row(line, {}, str(error))
    return Row(line, cells)
