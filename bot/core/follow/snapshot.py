"""A dossier's state as JSON: kept with a follow, and carried by calls from the back office."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timezone
from operator import attrgetter
from typing import Any

from bot.core.dossiers.dossier import Dossier
from bot.core.follow.follow import Told

DAYS = ("received_on", "promised_on", "finished_on", "returned_on")
_LONG_AGO = datetime(1970, 1, 1, tzinfo=timezone.utc)
MOMENTS = ("changed_at", "as_of")
TEXTS = (
    "code",
    "procedure_code",
    "procedure_name",
    "status_label",
    "agency",
    "handling_unit",
    "source",
)
_STATE = attrgetter("status", "changed_at", *DAYS, *TEXTS)


def as_json(dossier: Dossier) -> dict[str, Any]:
    """Return what is kept of a dossier; remarks are not, they may name people."""
    kept: dict[str, Any] = {name: getattr(dossier, name) for name in TEXTS}
    kept["status"] = dossier.status
    for name in (*DAYS, *MOMENTS):
        value = getattr(dossier, name)
        kept[name] = value.isoformat() if value else None
    return kept


def from_json(data: Mapping[str, Any]) -> Dossier:
    """Read what ``as_json`` wrote; unknown keys are ignored."""
    values: dict[str, Any] = {name: str(data.get(name) or "") for name in TEXTS}
    values.update((name, _day(data.get(name))) for name in DAYS)
    values.update((name, _moment(data.get(name))) for name in MOMENTS)
    values["as_of"] = values["as_of"] or _LONG_AGO
    return Dossier(status=data.get("status"), **values)


def same_state(one: Dossier, other: Dossier) -> bool:
    """Whether two words on a dossier say the same, whenever they were said."""
    return _STATE(one) == _STATE(other)


def changed_by(known: Dossier, changes: Mapping[str, Any]) -> Dossier:
    """Return ``known`` with the fields that ``changes`` (in the form of ``as_json``) names."""
    merged = from_json({**as_json(known), **changes})
    return replace(merged, code=known.code, source=known.source, stale=False)


def told_as_json(told: Told) -> dict[str, Any]:
    """Return what a citizen was told, for the store."""
    promised = told.promised_on.isoformat() if told.promised_on else None
    return {"status": told.status, "label": told.label, "promised_on": promised}


def told_from_json(data: Mapping[str, Any]) -> Told:
    """Read what ``told_as_json`` wrote."""
    return Told(data.get("status"), str(data.get("label") or ""), _day(data.get("promised_on")))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
