"""Workbooks to import: real ones, and hostile ones made by hand."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from openpyxl import Workbook

HEADING = ("MaHoSo", "TrangThaiHoSo", "NgayTiepNhan", "NgayHenTra", "DonViXuLy", "MaTTHC")
_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/'
    'content-types"><Override PartName="/xl/workbook.xml" ContentType="application/vnd.'
    'openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
)


def workbook(
    folder: Path,
    rows: Sequence[Sequence[object]],
    *,
    name: str = "a.xlsx",
    merged: Sequence[str] = (),
    formats: dict[str, str] | None = None,
    sheets: Sequence[str] = (),
) -> Path:
    """Return a workbook whose sheet (the last of ``sheets``) holds ``rows``."""
    book = Workbook()
    for title in sheets:
        book.create_sheet(title)
    if sheets:
        del book["Sheet"]
    sheet = book.worksheets[-1]
    for row in rows:
        sheet.append(list(row))
    for cells in merged:
        sheet.merge_cells(cells)
    for cell, form in (formats or {}).items():
        sheet[cell].number_format = form
    path = folder / name
    book.save(path)
    return path


def archive(folder: Path, parts: Mapping[str, str | bytes], name: str = "a.xlsx") -> Path:
    """Return a file that begins as a workbook does and holds these parts."""
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for part, data in {"[Content_Types].xml": _TYPES, **parts}.items():
            file.writestr(part, data)
    return path


def changed_part(path: Path, part: str, old: bytes, new: bytes) -> Path:
    """Replace bytes inside one part of a workbook."""
    with zipfile.ZipFile(path) as file:
        parts = {item.filename: file.read(item) for item in file.infolist()}
    assert old in parts[part]
    parts[part] = parts[part].replace(old, new)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in parts.items():
            file.writestr(name, data)
    return path
