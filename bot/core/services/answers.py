"""What the desk says about procedures and online services."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bot.core.desk import Answer, Ask, Wording, page_start
from bot.core.dossiers.answers import DossierAnswers
from bot.core.services.catalogue import Catalogue, Procedure
from bot.core.services.resolve import resolve

_PAGE = 5


class ServiceAnswers:
    """Answers about one procedure (card, papers, fee, time, place) and lists of services."""

    def __init__(self, catalogue: Catalogue, wording: Wording, dossiers: DossierAnswers) -> None:
        self._catalogue = catalogue
        self._wording = wording
        self._dossiers = dossiers

    def card(self, ask: Ask) -> Answer:
        """Answer ``find_procedure`` with the short card."""
        return self._about("services/card", ask)

    def papers(self, ask: Ask) -> Answer:
        """Answer ``ask_requirements``."""
        return self._about("services/papers", ask)

    def duration(self, ask: Ask) -> Answer:
        """Answer ``ask_duration``."""
        return self._about("services/duration", ask)

    def where(self, ask: Ask) -> Answer:
        """Answer ``ask_where``."""
        return self._about("services/where", ask)

    def fee(self, ask: Ask) -> Answer:
        """Answer ``ask_fee``; with a dossier's code, by the procedure of that dossier."""
        if ask.first("dossier_code") and (procedure := self._procedure_of_dossier(ask)):
            code = self._dossiers.codes_in(ask)[0].value
            return self._say("services/fee_of_dossier", procedure, {"code": code})
        return self._about("services/fee", ask)

    def listing(self, ask: Ask) -> Answer:
        """Answer ``list_services``: the fields, or one page of a field."""
        name = ask.first("field")
        field = self._catalogue.find_field(name) if name else None
        if field is None:
            return self._fields(unknown=name)
        offset = page_start(ask)
        page, total = self._catalogue.in_field(field.slug, offset=offset, limit=_PAGE)
        following = offset + len(page)
        payloads = [_payload("find_procedure", procedure=item.code) for item in page]
        more = _payload("list_services", field=field.slug, offset=str(following))
        replies = self._wording.replies(
            "services/in_field",
            field=field,
            page=page,
            offset=offset,
            total=total,
            more=more if following < total else None,
        )
        changes: dict[str, str | None] = {"field": field.slug, "choices": json.dumps(payloads)}
        changes["more"] = more if following < total else None
        return Answer(replies, changes)

    def _fields(self, unknown: str | None) -> Answer:
        fields = self._catalogue.fields()
        payloads = [_payload("list_services", field=field.slug) for field in fields]
        replies = self._wording.replies("services/fields", fields=fields, unknown=unknown)
        return Answer(replies, {"choices": json.dumps(payloads)})

    def _about(self, template: str, ask: Ask) -> Answer:
        found = resolve(ask, self._catalogue)
        if found.procedure:
            return self._say(template, found.procedure)
        if found.choices:
            return self.offer(ask.intent, found.choices)
        if found.named:
            return Answer(self._wording.replies("services/absent", named=found.named))
        return Answer(self._wording.replies("services/which", intent=ask.intent))

    def offer(self, intent: str, choices: tuple[Procedure, ...]) -> Answer:
        """Ask which of a few procedures is meant; the pick keeps the intent."""
        payloads = [_payload(intent, procedure=choice.code) for choice in choices]
        replies = self._wording.replies("services/choices", intent=intent, choices=choices)
        changes: dict[str, str | None] = {"choices": json.dumps(payloads)}
        if len(choices) == 1:
            changes["pending"] = payloads[0]
        return Answer(replies, changes)

    def _say(
        self, template: str, procedure: Procedure, data: Mapping[str, Any] | None = None
    ) -> Answer:
        name = template if procedure.details_known else "services/name_only"
        replies = self._wording.replies(name, procedure=procedure, **(data or {}))
        marked = tuple(reply.with_meta(procedure=procedure.code) for reply in replies)
        return Answer(marked, {"procedure": procedure.code})

    def _procedure_of_dossier(self, ask: Ask) -> Procedure | None:
        codes = self._dossiers.codes_in(ask)
        dossier = self._dossiers.find(codes[0]) if codes else None
        return self._catalogue.find(dossier.procedure_code) if dossier else None


def _payload(intent: str, **entities: str) -> str:
    return f"/{intent}{json.dumps(entities, ensure_ascii=False)}"
