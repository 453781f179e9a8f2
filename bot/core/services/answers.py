"""What the desk says about procedures and online services."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.core.desk import Answer, Ask, Entity, Wording, page_start
from bot.core.dossiers.answers import DossierAnswers
from bot.core.dossiers.dossier import Dossier
from bot.core.services.catalogue import Catalogue, Procedure
from bot.core.services.resolve import Resolved, resolve

_PAGE = 5
_PROCEDURE_IN_PAYLOAD = re.compile(r'"procedure": "([^"]+)"')
_OTHER_FIELDS = "other"
_NAME_OF_A_FIELD = 3  # words at most
_FIELDS_PAGE = 8  # lines that a phone shows at once


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
        """Answer ``ask_duration``; of a dossier in talk, by its promised day."""
        if self._dossier_meant(ask) or self._dossiers.names_code(ask):
            return self._dossiers.lookup(ask)
        return self._about("services/duration", ask)

    def where(self, ask: Ask) -> Answer:
        """Answer ``ask_where``."""
        return self._about("services/where", ask)

    def fee(self, ask: Ask) -> Answer:
        """Answer ``ask_fee``; of a dossier named or in talk, by that dossier's procedure."""
        dossier = self._dossier_meant(ask)
        if dossier is None:
            unknown = self._dossiers.names_code(ask) and not ask.first("procedure")
            return self._dossiers.lookup(ask) if unknown else self._about("services/fee", ask)
        procedure = self._catalogue.find(dossier.procedure_code)
        if procedure is None or not procedure.details_known:
            replies = self._wording.replies("services/fee_of_unknown", dossier=dossier)
            return Answer(replies, {"dossier_code": dossier.code})
        answer = self._say("services/fee_of_dossier", procedure, {"code": dossier.code})
        return replace(answer, context={**answer.context, "dossier_code": dossier.code})

    def listing(self, ask: Ask) -> Answer:
        """Answer ``list_services``: the fields, or one page of a field."""
        name = ask.first("field")
        field = self._catalogue.find_field(name) if name else None
        if field and field.slug == _OTHER_FIELDS:  # "lĩnh vực khác" asks for the list again
            field = name = None
        if field is None:
            return self._fields(ask, unknown=name)
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

    def _fields(self, ask: Ask, unknown: str | None) -> Answer:
        fields = self._catalogue.fields()
        offset = page_start(ask)
        page = fields[offset : offset + _FIELDS_PAGE]
        following = offset + len(page)
        more = _payload("list_services", offset=str(following))
        more_or_none = more if following < len(fields) else None
        replies = self._wording.replies(
            "services/fields", fields=page, unknown=unknown, offset=offset, more=more_or_none
        )
        # Numbers go on from page to page, so all fields can be chosen from any of them.
        payloads = [_payload("list_services", field=field.slug) for field in fields[:following]]
        return Answer(replies, {"choices": json.dumps(payloads), "more": more_or_none})

    def _about(self, template: str, ask: Ask) -> Answer:
        open_choices = self._open_choices(ask)
        if open_choices:  # newer than the procedure the talk was about
            kept = {name: ask.context[name] for name in ask.context if name != "procedure"}
            ask = replace(ask, context=kept)
        found = resolve(ask, self._catalogue)
        if found == Resolved() and len(open_choices) == 1:
            return self._say(template, open_choices[0])
        if found.procedure:
            return self._say(template, found.procedure)
        if found.choices:
            return self.offer(ask.intent, found.choices)
        if found == Resolved() and open_choices:
            return self.offer(ask.intent, open_choices)
        return self._field_named(ask) or self._none(found, ask)

    def _field_named(self, ask: Ask) -> Answer | None:
        """Return the list of a field that is the whole text: "kinh doanh" is no one procedure."""
        short = ask.text and len(ask.text.split()) <= _NAME_OF_A_FIELD
        field = self._catalogue.find_field(ask.text) if short else None
        named = (Entity("field", field.slug),) if field else ()
        return self.listing(replace(ask, entities=named)) if field else None

    def _none(self, found: Resolved, ask: Ask) -> Answer:
        """Say that a matter is absent, or ask which one is meant."""
        if found.named:
            replies = self._wording.replies("services/absent", named=found.named)
            return Answer(replies, {"procedure": None})
        return Answer(self._wording.replies("services/which", intent=ask.intent))

    def _open_choices(self, ask: Ask) -> tuple[Procedure, ...]:
        """Return the procedures still to choose from: "phí?" asks again, now for the fee."""
        payloads = json.loads(ask.context.get("choices", "[]"))
        codes = [_PROCEDURE_IN_PAYLOAD.search(payload) for payload in payloads]
        found = [self._catalogue.find(code.group(1)) for code in codes if code]
        return tuple(procedure for procedure in found if procedure)

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

    def _dossier_meant(self, ask: Ask) -> Dossier | None:
        """Return the dossier asked about: named, or in talk while no other matter is named."""
        if ask.first("procedure"):
            return None
        codes = self._dossiers.codes_in(ask)
        dossier = self._dossiers.find(codes[0], ask) if codes else None
        if dossier is None or self._dossiers.names_code(ask):
            return dossier
        found = resolve(ask, self._catalogue)
        same = found.procedure and found.procedure.code == dossier.procedure_code
        return dossier if same or found == Resolved() else None


def _payload(intent: str, **entities: str) -> str:
    return f"/{intent}{json.dumps(entities, ensure_ascii=False)}"
