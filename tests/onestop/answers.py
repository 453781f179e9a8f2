"""What the stand-in says, in the words of the national exchange or of a newer portal."""

from __future__ import annotations

import json
from typing import Any

_PORTAL = {
    "MaHoSo": "dossierNo",
    "TrangThaiHoSo": "dossierStatusName",
    "TenTTHC": "procedureName",
    "MaTTHC": "procedureCode",
    "CoQuanTiepNhan": "agencyName",
    "ChuHoSo": "applicantName",
}
_PORTAL_DAYS = {"NgayTiepNhan": "acceptedDate", "NgayHenTra": "appointmentDate"}
_STATUS_NAMES = {2: "Được tiếp nhận", 4: "Đang xử lý", 9: "Đã xử lý xong", 10: "Đã trả kết quả"}


def national(records: list[dict[str, Any]], mood: str) -> bytes:
    """Return the answer to TraCuuHoSo."""
    return _spoilt({"error_code": "0", "result": [_turned(r, mood) for r in records]}, mood)


def portal(records: list[dict[str, Any]], mood: str) -> bytes:
    """Return the same in the newer portal's words."""
    content = [_as_portal(_turned(record, mood)) for record in records]
    return _spoilt({"content": content, "totalElements": len(content)}, mood)


def _turned(record: dict[str, Any], mood: str) -> dict[str, Any]:
    changes: dict[str, dict[str, Any]] = {
        "wrong_code": {"MaHoSo": "H39.99-261101-9999"},
        "wrong_types": {"TrangThaiHoSo": {"ma": 4}, "TenTTHC": ["một", "hai"]},
        "wrong_day": {"NgayHenTra": "ngày mai"},
        "unknown_status": {"TrangThaiHoSo": "Nhận trực tiếp"},
    }
    return {**record, **changes.get(mood, {})}


def _as_portal(record: dict[str, Any]) -> dict[str, Any]:
    answer = {theirs: record.get(ours) for ours, theirs in _PORTAL.items()}
    for ours, theirs in _PORTAL_DAYS.items():
        day = record.get(ours) or ""
        answer[theirs] = f"{day[6:8]}/{day[4:6]}/{day[:4]} {day[8:10]}:{day[10:12]}:{day[12:]}"
    status = record["TrangThaiHoSo"]
    answer["dossierStatusName"] = _STATUS_NAMES.get(status, status)
    return answer


def _spoilt(answer: dict[str, Any], mood: str) -> bytes:
    if mood == "system_error":
        return b'{"error_code": "-1", "message": "H39 0912345678 khong ket noi duoc CSDL"}'
    if mood == "wrong_shape":
        return b'{"error_code": "0", "result": "xem tai lieu dinh kem"}'
    if mood == "partly":
        answer = {**answer, "result": answer.get("result", [])[:1]}
    body = json.dumps(answer, ensure_ascii=False).encode()
    spoilt = {
        "half": body[: len(body) // 2],
        "empty": b"",
        "html": "<html><body>Hệ thống đang bảo trì 0912345678</body></html>".encode(),
        "huge": b'{"error_code": "0", "result": ["' + b"x" * 6_000_000 + b'"]}',
        "deep": b'{"error_code": "0", "result": ' + b"[" * 90_000 + b"]" * 90_000 + b"}",
    }
    return spoilt.get(mood, body)
