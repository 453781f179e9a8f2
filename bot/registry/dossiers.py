"""Rows of dossiers in the national exchange format. Nothing personal is kept of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.core.dossiers.codes import DossierCode
from bot.core.vietnamese import fold
from bot.registry.days import stored_moment
from bot.registry.owners import OwnerDigests
from bot.registry.procedures import procedure_code
from bot.registry.rows import BadRow, Row

NEEDED = ("MaHoSo", "TrangThaiHoSo")
# The columns kept. Everything else (ChuHoSo, TrichYeuHoSo, GhiChu, …) may name people and is
# never stored; of SoDienThoai and MaTraCuu only a keyed digest is.
_MOMENTS = {
    "received": "NgayTiepNhan",
    "promised": "NgayHenTra",
    "finished": "NgayKetThucXuLy",
    "returned": "NgayTra",
    "changed": "ThoiDiemXuLy",
}
_LONG_NUMBER = re.compile(r"\d(?:[ .-]?\d){8,}")
_PERSONAL_NUMBER = re.compile(r"\d{9}|\d{10}|\d{12}")
_LONGEST_CODE = 64
_LONGEST_NOTE = 300

Labels = Mapping[str, tuple[str, int]]


@dataclass(frozen=True)
class Reader:
    """Turns rows into rows of table ``dossiers``.

    ``labels`` maps folded labels and the numbers 1-10 to (label, status); ``relative`` allows
    days that count from today.
    """

    labels: Labels
    digests: OwnerDigests
    relative: bool = False

    def record(self, row: Row) -> dict[str, Any]:
        """Return what a row says; None stands for a column the file does not have.

        Raises BadRow.
        """
        if row.error:
            raise BadRow(row.error)
        code = _code(row.need("MaHoSo"))
        label, status = _status(row.need("TrangThaiHoSo"), self.labels)
        procedure = row.find("MaTTHC")
        return {
            "key": code.key,
            "code": code.value,
            "procedure_code": procedure and (procedure_code(procedure) or procedure),
            "procedure_name": row.find("TenTTHC"),
            "status": status,
            "status_label": label,
            **{name: self._moment(row, column) for name, column in _MOMENTS.items()},
            "agency": row.find("CoQuanTiepNhan"),
            "handling_unit": row.find("DonViXuLy"),
            "note": _note(row.find("GhiChuCongKhai")),
            "owner_phone": _if_there(row.find("SoDienThoai"), code.key, self.digests.phone),
            "owner_secret": _if_there(row.find("MaTraCuu"), code.key, self.digests.secret),
        }

    def _moment(self, row: Row, column: str) -> str | None:
        text = row.find(column)
        if not text:
            return text
        return stored_moment(text, column, relative=self.relative)


def _if_there(text: str | None, key: str, digest: Callable[[str, str], str]) -> str | None:
    return None if text is None else digest(key, text)


def _note(text: str | None) -> str | None:
    """Return a public remark; what holds a long number is not public, whatever its column says."""
    if text is None:
        return None
    return "" if _LONG_NUMBER.search(text) else text[:_LONGEST_NOTE]


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
