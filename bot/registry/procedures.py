"""Rows of procedures, from the province's file or from an import."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.core.vietnamese import fold, normalise
from bot.registry.rows import BadRow, Row

NEEDED = ("code", "name_vi")
OTHER_FIELD = "other"
CODE = re.compile(r"\d\.\d{6}")
_LOCAL_SUFFIX = re.compile(r"(\d\.\d{6})(?:(?:\.\d{2,3})*\.[GHgh]\d{2}(?:\.\d{2,3})*)?")
_INTERNAL = ("5", "6")  # between authorities, never shown to citizens
_LEVELS = ("bo", "tinh", "xa", "khac")
_CHANNELS = ("online", "post", "counter")
_FEE_KINDS = ("free", "by_province", "fixed", "unlisted", "schedule", "per_page", "unknown")
_LONGEST_BUTTON = 70


def procedure_code(text: str) -> str | None:
    """Return the national code of a text that is one, local suffixes left out, or None.

    >>> procedure_code("2.000815.000.00.00.H55.02"), procedure_code("1.012753.H19")
    ('2.000815', '1.012753')
    """
    match = _LOCAL_SUFFIX.fullmatch(text.strip())
    return match.group(1) if match else None


def procedure_record(
    row: Row, fields: Mapping[str, str], position: int, origin: str
) -> dict[str, Any]:
    """Return a row of table ``procedures``. ``fields`` maps topics to slugs. Raises BadRow."""
    if row.error:
        raise BadRow(row.error)
    code = procedure_code(row.need("code"))
    if code is None:
        raise BadRow(f"code {row.get('code')!r} is no procedure code like 1.001193")
    if code.startswith(_INTERNAL):
        raise BadRow(f"code {code} is for use between authorities")
    name = normalise(row.need("name_vi")).rstrip(".:; ")
    short = normalise(row.get("short_name_vi") or name).rstrip(".:; ")
    fee_kind = row.get("fee_kind") or "unknown"
    if fee_kind not in _FEE_KINDS:
        raise BadRow(f"fee_kind {fee_kind!r} is none of {', '.join(_FEE_KINDS)}")
    return {
        "code": code,
        "name": name,
        "short_name": _shortened(short),
        "aliases": "; ".join(_aliases(row.get("aliases_vi"), name, short)),
        "field": fields.get(row.get("topic"), OTHER_FIELD),
        "field_name": row.get("field_vi"),
        "levels": _parts(row, "level", _LEVELS),
        "channels": _parts(row, "channels", _CHANNELS),
        "time_limit": row.get("time_limit_vi"),
        "time_status": row.get("time_status") or "recalled_check",
        "fee": row.get("fee_vi"),
        "fee_kind": fee_kind,
        "papers": _papers(row.get("required_docs_short_vi")),
        "result": row.get("result_vi"),
        "url": _link(row.get("source_url")),
        "verification": row.get("verification") or "imported",
        "note": row.get("note_vi"),
        "position": position,
        "origin": origin,
    }


def _shortened(name: str) -> str:
    if len(name) <= _LONGEST_BUTTON:
        return name
    return name[: _LONGEST_BUTTON - 1].rsplit(" ", 1)[0].rstrip(",;( ") + "…"


def _aliases(text: str, name: str, short: str) -> list[str]:
    """Return the aliases, each once, without those that only repeat the names."""
    taken = {fold(name), fold(short)}
    aliases = []
    for alias in (normalise(part).strip(" .") for part in text.split(";")):
        if alias and fold(alias) not in taken:
            taken.add(fold(alias))
            aliases.append(alias)
    return aliases


def _parts(row: Row, column: str, known: tuple[str, ...]) -> str:
    parts = [part for part in re.split(r"[+,;\s]+", row.get(column)) if part]
    strange = [part for part in parts if part not in known]
    if strange:
        raise BadRow(f"{column} {strange[0]!r} is none of {', '.join(known)}")
    return "+".join(parts)


def _papers(text: str) -> str:
    """Return papers one a line; a semicolon inside brackets does not divide."""
    return "\n".join(part.strip() for part in re.split(r";(?![^()]*\))", text) if part.strip())


def _link(text: str) -> str | None:
    if not text:
        return None
    if not re.fullmatch(r"https://[^\s/]+(/\S*)?", text):
        raise BadRow(f"source_url {text!r} is no https address")
    return text
