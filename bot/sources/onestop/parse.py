"""Answers of a one-stop system: checked strictly, and only the facts of a dossier taken out."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, tzinfo
from typing import Any, Literal, Protocol

from bot.core.dossiers.codes import DossierCode
from bot.core.dossiers.dossier import Dossier
from bot.core.vietnamese import normalise
from bot.registry.days import stored_moment
from bot.registry.procedures import procedure_code
from bot.registry.rows import BadRow
from bot.sources.onestop.faults import bad_answer
from bot.sources.onestop.mapping import FieldNames

_LONGEST = 300  # characters of a name
_MOST_RECORDS = 1_000
_MOST_STEPS = 500
_PHONE = re.compile(r"\+?\d(?:[ .()-]{0,2}\d){8,14}")
_CODE = re.compile(r"[0-9A-Za-z .,_/-]{8,64}")
# Ways to reach a person that found their way into the name of an office, with the brackets around.
_REACH = re.compile(r"[^\s@()]+@[^\s@()]+|\+?\d(?:[\s.()-]{0,2}\d){8,}")
_BRACKETS = re.compile(rf"\([^()]*(?:{_REACH.pattern})[^()]*\)")

Record = Mapping[str, Any]


class StateLabels(Protocol):
    """The province's labels; see ``Labels``."""

    def state(self, value: str, label: str = "") -> tuple[str, int | None]:
        """Return the label to show and the national number, if there is one."""


class Parser:
    """Turns answers into dossiers. Every way in which one is wrong is a Fault."""

    def __init__(self, names: FieldNames, labels: StateLabels, zone: tzinfo, source: str) -> None:
        self._names = names
        self._labels = labels
        self._zone = zone
        self._source = source

    def records(self, answer: Any) -> Sequence[Record]:
        """Return the records of an answer; none when the system knows no such dossier."""
        names = self._names
        if names.error:
            code = self._text(answer, names.error) if isinstance(answer, dict) else ""
            if code in names.unknown:
                return ()
            if code not in names.fine:
                raise bad_answer(f"error_{code or 'missing'}")
        found = _inside(answer, names.records)
        listed = [found] if isinstance(found, dict) else found
        if not isinstance(listed, list) or len(listed) > _MOST_RECORDS:
            raise bad_answer("shape")
        if not all(isinstance(item, dict) for item in listed):
            raise bad_answer("shape")
        return listed

    def record_of(self, code: DossierCode, answer: Any) -> Record | None:
        """Return the record of one dossier, None when the system says it has none."""
        records = self.records(answer)
        fitting = [record for record in records if self.code_of(record) == code]
        if records and not fitting:
            raise bad_answer("other_code")
        if any(record != fitting[0] for record in fitting[1:]):
            raise bad_answer("two_answers")
        return fitting[0] if fitting else None

    def code_of(self, record: Record) -> DossierCode:
        """Return the code a record is about."""
        text = normalise(self._value(record, "code"))
        if not _CODE.fullmatch(text):
            raise bad_answer("no_code")
        return DossierCode(text.upper())

    def dossier(self, record: Record, as_of: datetime) -> Dossier:
        """Return the facts of a record, without anything about persons."""
        step = self._newest_step(record)
        status = self._value(record, "status") or self._text(step, self._step("status"))
        if not status:
            raise bad_answer("no_status")
        label, number = self._labels.state(
            _clean(status), _clean(self._value(record, "status_label"))
        )
        unit = _clean(self._value(record, "handling_unit"))
        matter = self._value(record, "procedure_code")
        return Dossier(
            code=self.code_of(record).value,
            procedure_code=procedure_code(matter) or "",
            procedure_name=_clean(self._value(record, "procedure_name")),
            status=number,
            status_label=label,
            received_on=self._day(record, "received"),
            promised_on=self._day(record, "promised"),
            finished_on=self._day(record, "finished"),
            returned_on=self._day(record, "returned"),
            changed_at=self._changed(record, step),
            agency=_clean(self._value(record, "agency")) or unit,
            handling_unit=_clean(self._text(step, self._step("unit"))) or unit,
            source=self._source,
            as_of=as_of,
            note=_clean(self._value(record, "note")),
        )

    def knows_owner(self, record: Record, kind: Literal["phone", "secret"], value: str) -> bool:
        """Whether ``value`` is what a record holds about its owner, compared in constant time."""
        name = self._names.owner.get(kind, "")
        kept = self._text(record, name) if name else ""
        if kind == "phone":
            number = _PHONE.search(kept)
            return _same(_digits(number.group() if number else ""), _digits(value))
        return _same(_letters(kept), _letters(value))

    def _changed(self, record: Record, step: Record) -> datetime | None:
        told = [self._moment(self._value(record, "changed"))]
        told.append(self._moment(self._text(step, self._step("at"))))
        return max((moment for moment in told if moment), default=None)

    def _newest_step(self, record: Record) -> Record:
        if not self._names.progress:
            return {}
        steps = _inside(record, self._names.progress["list"]) or []
        fine = isinstance(steps, list) and len(steps) <= _MOST_STEPS
        if not fine or not all(isinstance(step, dict) for step in steps):
            raise bad_answer("progress")
        dated = [(self._moment(self._text(step, self._step("at"))), step) for step in steps]
        newest = max((at for at, _ in dated if at), default=None)
        return next((step for at, step in reversed(dated) if at and at == newest), {})

    def _step(self, name: str) -> str:
        return self._names.progress.get(name, "")

    def _value(self, record: Record, name: str) -> str:
        return self._text(record, self._names.dossier.get(name, ""))

    def _text(self, record: Record, name: str) -> str:
        """Return a text or a number as text; "" for what is not told."""
        value = _inside(record, name) if name else None
        if value is None:
            return ""
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            raise bad_answer("types")
        text = str(value).strip()
        return "" if text in self._names.nothing and name != self._names.error else text

    def _day(self, record: Record, name: str) -> date | None:
        moment = self._moment(self._value(record, name))
        return moment.date() if moment else None

    def _moment(self, text: str) -> datetime | None:
        try:
            stored = stored_moment(text, "moment")
        except BadRow as error:
            raise bad_answer("moment") from error
        if stored is None:
            return None
        moment = datetime.fromisoformat(stored)
        if moment.tzinfo is None:
            return moment.replace(tzinfo=self._zone)
        return moment.astimezone(self._zone)


def _inside(value: Any, path: str) -> Any:
    """Return what stands at ``a.b.c``; None where the path ends early."""
    for name in path.split(".") if path else ():
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _clean(text: str) -> str:
    """Return a name fit to be shown: one line, not endless, no way to reach a person.

    >>> _clean("  Bộ phận \\x07 một cửa\\n(0900 000 641) ")
    'Bộ phận một cửa'
    """
    plain = _REACH.sub("", _BRACKETS.sub("", normalise(text[: 2 * _LONGEST])))
    return " ".join(plain.split())[:_LONGEST].strip()


def _digits(text: str) -> str:
    """Return the last four digits, "" when there are fewer."""
    digits = re.sub(r"[^0-9]", "", text)
    return digits[-4:] if len(digits) >= 4 else ""


def _letters(text: str) -> str:
    return re.sub(r"[^0-9A-Z]", "", text.upper())


def _same(kept: str, given: str) -> bool:
    return bool(kept and given) and hmac.compare_digest(kept, given)
