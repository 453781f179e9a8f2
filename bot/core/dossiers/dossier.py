"""A dossier as the desk sees it: no names, numbers or addresses of people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol

from bot.core.dossiers.codes import DossierCode


@dataclass(frozen=True)
class Dossier:
    """What a register tells about one dossier, without anything personal.

    ``status`` is 1-10 of the national list (TrangThaiHoSo) or None when the register's own label
    in ``status_label`` maps to none of them. Days are local to the province. ``as_of`` is when
    the source last said so; ``stale`` marks the last known state of a source that is silent now.
    """

    code: str  # as stored and printed
    procedure_code: str
    procedure_name: str
    status: int | None
    status_label: str
    received_on: date | None
    promised_on: date | None
    finished_on: date | None
    returned_on: date | None
    changed_at: datetime | None
    agency: str  # receiving agency, as printed
    handling_unit: str  # owner's answer only
    source: str
    as_of: datetime
    stale: bool = False
    note: str = ""  # a public remark of the register


class DossierSource(Protocol):
    """A place that knows dossiers."""

    name: str

    def fetch(self, code: DossierCode) -> Dossier:
        """Return the dossier whose stored code has the same key.

        Raises DossierNotFound when the source answered and has no such code, and
        SourceUnavailable when it did not answer.
        """


class OwnerCheck(Protocol):
    """A source that can tell whether somebody knows what only the owner knows."""

    def confirm(self, code: DossierCode, kind: Literal["phone", "secret"], value: str) -> bool:
        """Whether ``value`` is the last four digits of the phone on file, or the look-up secret.

        False too when there is no such dossier or nothing on file, so that nobody learns which.
        Raises SourceUnavailable when the source did not answer.
        """
