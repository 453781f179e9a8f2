"""What the desk says about a dossier to somebody who only has its code."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Any

from bot.core.desk import Answer, Ask, Wording
from bot.core.dossiers.codes import DossierCode
from bot.core.dossiers.days import working_days
from bot.core.dossiers.dictation import as_digits
from bot.core.dossiers.dossier import Dossier, DossierSource
from bot.core.dossiers.lookup import look_up
from bot.core.dossiers.recognise import recognise
from bot.core.dossiers.statuses import status_of
from bot.core.errors import DossierNotFound, SourceUnavailable
from bot.core.messages import Reply
from bot.core.services.catalogue import Catalogue
from bot.core.vietnamese import fold

_MOST_CODES = 3  # answered at once


class DossierAnswers:
    """Answers ``lookup_dossier``: only what the law lets a bare code show."""

    def __init__(
        self,
        sources: Sequence[DossierSource],
        catalogue: Catalogue,
        wording: Wording,
        zone: tzinfo,
    ) -> None:
        self._sources = sources
        self._catalogue = catalogue
        self._wording = wording
        self._zone = zone

    def lookup(self, ask: Ask) -> Answer:
        """Answer with the public state of the dossiers asked for, or ask for a code."""
        codes = self.codes_in(ask)
        if not codes:
            return self._without_code(ask)
        replies: list[Reply] = []
        for code in codes[:_MOST_CODES]:
            replies += self._about(code, ask)
        changes: dict[str, str | None] = {"dossier_code": codes[0].value}
        if dossier := self.find(codes[0]):
            changes["procedure"] = dossier.procedure_code or None
        if len(codes) > 1:
            payloads = [f"/lookup_dossier{json.dumps({'dossier_code': c.value})}" for c in codes]
            changes["choices"] = json.dumps(payloads)
        return Answer(tuple(replies), changes)

    def brief(self, ask: Ask) -> tuple[Reply, ...]:
        """Return one or two lines on the dossier that ``ask`` names; none when it names none."""
        codes = self.codes_in(ask) if self.names_code(ask) else ()
        dossier = self.find(codes[0]) if codes else None
        if dossier is None:
            return self._about(codes[0], ask) if codes else ()
        return self._say("dossiers/brief", dossier.code, **self.facts(dossier, ask.now))

    def names_code(self, ask: Ask) -> bool:
        """Whether the message itself holds a code, typed or dictated."""
        return any(map(_codes_of, (*ask.every("dossier_code"), ask.text)))

    def codes_in(self, ask: Ask) -> tuple[DossierCode, ...]:
        """Return the codes a request names, else the one the talk is about, else none."""
        named = [code for value in ask.every("dossier_code") for code in _codes_of(value)]
        codes = tuple(dict.fromkeys(named)) or _codes_of(ask.text)
        asked_anew = bool(ask.every("dossier_code"))  # "?" from the button "another dossier"
        if codes or asked_anew or self.other_number(ask):
            return codes
        if "dossier_code" in ask.context:
            return (DossierCode(ask.context["dossier_code"]),)
        return ()

    def find(self, code: DossierCode) -> Dossier | None:
        """Return the dossier, or None when it is unknown or its source is silent."""
        try:
            return look_up(code, self._sources)
        except (DossierNotFound, SourceUnavailable):
            return None

    def facts(self, dossier: Dossier, now: datetime) -> dict[str, Any]:
        """Return what a template may know: nothing personal is in a Dossier to begin with.

        ``days_left`` are working days to the promised day, ``late_by`` those a finished dossier
        came after it.
        """
        today = now.astimezone(self._zone).date()
        status = status_of(dossier.status)
        left = working_days(today, dossier.promised_on) if dossier.promised_on else None
        changed = dossier.changed_at.astimezone(self._zone).date() if dossier.changed_at else None
        ended = dossier.finished_on or dossier.returned_on
        late_by = working_days(dossier.promised_on, ended) if dossier.promised_on and ended else 0
        return {
            "dossier": dossier,
            "status": status,
            "stage": status.stage.value,
            "days_left": left,
            "late_by": max(late_by, 0),
            "late": bool(
                status.clock_runs and dossier.promised_on and dossier.promised_on < today
            ),
            "today": today,
            "changed_on": changed,
            "as_of": dossier.as_of.astimezone(self._zone),
        }

    def _about(self, code: DossierCode, ask: Ask) -> tuple[Reply, ...]:
        try:
            dossier = look_up(code, self._sources)
        except SourceUnavailable:
            return self._say("dossiers/unavailable", code.value)
        except DossierNotFound:
            return self._say("dossiers/not_found", code.value)
        return self._say("dossiers/found", dossier.code, **self.facts(dossier, ask.now))

    def _say(self, name: str, code: str, **data: Any) -> tuple[Reply, ...]:
        replies = self._wording.replies(name, code=code, **data)
        return tuple(reply.with_meta(dossier_code=code) for reply in replies)

    def _without_code(self, ask: Ask) -> Answer:
        numbers = recognise(ask.text)
        if numbers.procedures and (found := self._catalogue.find(numbers.procedures[0])):
            replies = self._wording.replies("dossiers/procedure_code", procedure=found)
            return Answer(replies, {"procedure": found.code})
        for seen, name in (
            (numbers.personal and "bien nhan" in fold(ask.text), "dossiers/receipt_number"),
            (numbers.tail, "dossiers/tail_only"),
            (numbers.result_code, "dossiers/result_code"),
            (numbers.personal, "dossiers/personal_number"),
        ):
            if seen:
                return Answer(self._wording.replies(name))
        return Answer(self._wording.replies("dossiers/ask_code"))

    @staticmethod
    def other_number(ask: Ask) -> bool:
        """Whether the text holds a number that is none of a dossier: a phone, a tail, a card."""
        numbers = recognise(ask.text)
        return bool(numbers.procedures or numbers.result_code or numbers.tail or numbers.personal)


def _codes_of(text: str) -> tuple[DossierCode, ...]:
    return DossierCode.find_all(text) or DossierCode.find_all(as_digits(text))
