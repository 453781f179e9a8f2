"""Rows of dossiers in the national exchange format. Nothing personal is read from them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.core.dossiers.codes import DossierCode
from bot.core.vietnamese import fold
from bot.registry.days import stored_moment
from bot.registry.procedures import procedure_code
from bot.registry.rows import BadRow, Row

NEEDED = ("MaHoSo", "TrangThaiHoSo")
# The columns kept. Everything else (ChuHoSo, SoDienThoai, TrichYeuHoSo, GhiChu, …) may name
# people and is never stored.
_MOMENTS = {
    "received": "NgayTiepNhan",
    "promised": "NgayHenTra",
    "finished": "NgayKetThucXuLy",
    "returned": "NgayTra",
    "changed": "ThoiDiemXuLy",
}
_PERSONAL_NUMBER = re.compile(r"\d{9}|\d{10}|\d{12}")
_LONGEST_CODE = 64

Labels = Mapping[str, tuple[str, int]]


def dossier_record(
    row: Row, labels: Labels, as_of: str, origin: str, *, relative: bool = False
) -> dict[str, Any]:
    """Return a row of table ``dossiers``.

    ``labels`` maps folded labels and the numbers 1-10 to (label, status). Raises BadRow.
    """
    if row.error:
        raise BadRow(row.error)
    code = _code(row.need("MaHoSo"))
    label, status = _status(row.need("TrangThaiHoSo"), labels)
    unit = row.get("DonViXuLy")
    moments = {
        name: stored_moment(row.get(column), column, relative=relative)
        for name, column in _MOMENTS.items()
    }
    return {
        "key": code.key,
        "code": code.value,
        "procedure_code": _procedure(row.get("MaTTHC")),
        "procedure_name": row.get("TenTTHC"),
        "status": status,
        "status_label": label,
        **moments,
        "agency": row.get("CoQuanTiepNhan") or unit,
        "handling_unit": unit,
        "as_of": as_of,
        "origin": origin,
    }


def _code(text: str) -> DossierCode:
    letters = re.sub(r"[^0-9A-Za-z]", "", text)
    if _PERSONAL_NUMBER.fullmatch(letters):
        raise BadRow("MaHoSo looks like a personal number")  # so the value is not repeated here
    if procedure_code(text):
        raise BadRow(f"MaHoSo {text!r} is the code of a procedure")
    if len(text) > _LONGEST_CODE or len(letters) < 8 or not re.search(r"\d{4}", letters):
        raise BadRow(f"MaHoSo {text[:_LONGEST_CODE]!r} is no dossier code")
    return DossierCode(text.upper())


def _status(text: str, labels: Labels) -> tuple[str, int | None]:
    """Return the label as it stands and the national number, None when it maps to none."""
    is_number = text.isdecimal() and len(text) < 4
    known = labels.get(str(int(text)) if is_number else fold(text))
    if known is None:
        return text, None
    label, status = known
    return (label if text.isdecimal() else text), status


def _procedure(text: str) -> str:
    return procedure_code(text) or text
