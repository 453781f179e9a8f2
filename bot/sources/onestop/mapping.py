"""What the other side calls things: read from a file, so that a new system is a new file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bot.core.errors import SettingsError

BUNDLED = Path(__file__).parent / "mappings"
_FIELDS = frozenset(
    "code procedure_code procedure_name status status_label received promised finished returned "
    "changed agency handling_unit note".split()
)
# Names under which the known systems send what is about persons: a mapping that reads one as a
# fact of the dossier is a mistake that must not reach a citizen.
_PERSONAL = frozenset(
    "chuhoso tenchuhoso nguoinop hotennguoinop nguoidungtenhoso madoituong sodienthoai dienthoai "
    "email fax diachi thongtinkhac trichyeuhoso trichyeu ghichu noidungxuly nguoixuly socmnd "
    "socccd sodinhdanh thongtintra applicantname ownername fullname phonenumber address".split()
)


@dataclass(frozen=True)
class Question:
    """How something is asked for. ``code`` names the field of the code, or of the list of them."""

    method: str
    path: str
    fixed: Mapping[str, str]
    code: str


@dataclass(frozen=True)
class FieldNames:
    """The other side's names, by ours; see ``mappings/national.yml`` for the parts."""

    name: str
    ask: Question
    ask_many: Question | None
    records: str
    dossier: Mapping[str, str]
    error: str = ""
    fine: frozenset[str] = frozenset()
    unknown: frozenset[str] = frozenset()
    progress: Mapping[str, str] = field(default_factory=dict)
    nothing: frozenset[str] = frozenset({""})
    owner: Mapping[str, str] = field(default_factory=dict)


def read_mapping(name: str) -> FieldNames:
    """Return a bundled mapping by its name, or one from a file by its path.

    Raises SettingsError that names the file and what is wrong with it.
    """
    bundled = BUNDLED / f"{name}.yml"
    path = bundled if name.isidentifier() and bundled.is_file() else Path(name).expanduser()
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeError, yaml.YAMLError) as error:
        names = ", ".join(sorted(item.stem for item in BUNDLED.glob("*.yml")))
        raise SettingsError(
            f"MOTCUA_ONESTOP_MAPPING: {path} cannot be read ({type(error).__name__}): "
            f"use {names} or the path of a file like them"
        ) from error
    try:
        return _mapping(path.stem, found)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SettingsError(f"MOTCUA_ONESTOP_MAPPING: {path}: {error}") from error


def _mapping(name: str, found: Any) -> FieldNames:
    parts = dict(found)
    _only(parts, "mapping", "ask ask_many answer dossier progress nothing owner")
    answer = dict(parts["answer"])
    _only(answer, "answer", "records error fine unknown")
    many = parts.get("ask_many")
    return FieldNames(
        name=name,
        ask=_question(parts["ask"], "code"),
        ask_many=_question(many, "codes") if many else None,
        records=str(answer.get("records", "")),
        dossier=_dossier(parts["dossier"]),
        error=str(answer.get("error", "")),
        fine=_words(answer.get("fine")),
        unknown=_words(answer.get("unknown")),
        progress=_progress(parts.get("progress")),
        nothing=_words(parts.get("nothing")) | {""},
        owner=_owner(parts.get("owner")),
    )


def _question(found: Any, code: str) -> Question:
    parts = dict(found)
    _only(parts, "ask", f"method path fixed {code}")
    method, path = str(parts.get("method", "POST")).upper(), str(parts.get("path", ""))
    if method not in ("GET", "POST"):
        raise ValueError(f"method {method} is neither GET nor POST")
    if not parts.get(code) and "{code}" not in path:
        raise ValueError(f"ask names no {code}")
    fixed = {str(key): str(value) for key, value in dict(parts.get("fixed") or {}).items()}
    return Question(method, path, fixed, str(parts.get(code) or ""))


def _dossier(found: Any) -> dict[str, str]:
    parts = _names(found)
    _only(parts, "dossier", " ".join(_FIELDS))
    for needed in ("code", "status"):
        if needed not in parts:
            raise ValueError(f"dossier lacks {needed}")
    return parts


def _progress(found: Any) -> dict[str, str]:
    parts = _names(found or {})
    _only(parts, "progress", "list at unit status")
    if parts and not {"list", "at"} <= set(parts):
        raise ValueError("progress needs list and at")
    return parts


def _owner(found: Any) -> dict[str, str]:
    parts = {str(key): str(value) for key, value in dict(found or {}).items() if value}
    _only(parts, "owner", "phone secret")
    return parts


def _names(found: Any) -> dict[str, str]:
    names = {str(key): str(value) for key, value in dict(found).items() if value}
    for name in names.values():
        if name.rpartition(".")[2].replace("_", "").lower() in _PERSONAL:
            raise ValueError(f"{name} is about a person and must not be read")
    return names


def _only(parts: Mapping[str, Any], where: str, known: str) -> None:
    if unknown := sorted(set(parts) - set(known.split())):
        raise ValueError(f"{where} does not know {', '.join(unknown)}")


def _words(found: Any) -> frozenset[str]:
    return frozenset(map(str, found or ()))
