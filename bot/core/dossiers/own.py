"""What the desk says about a dossier already filed: late, papers, result, receipt, taking back."""

from __future__ import annotations

from collections.abc import Mapping

from bot.core.desk import Answer, Ask, Wording
from bot.core.dossiers.answers import DossierAnswers
from bot.core.dossiers.dossier import Dossier
from bot.core.messages import Reply
from bot.core.offices.directory import Directory, Office
from bot.core.phrases import Aspects
from bot.core.vietnamese import fold


class OwnDossierAnswers:
    """Answers that begin with the state of the dossier meant, when there is one.

    A bare code shows the receiving office only, so that is the one to call.
    """

    def __init__(
        self,
        dossiers: DossierAnswers,
        directory: Directory,
        wording: Wording,
        aspects: Mapping[str, Aspects],
    ) -> None:
        self._dossiers = dossiers
        self._directory = directory
        self._wording = wording
        self._aspects = aspects

    def overdue(self, ask: Ask) -> Answer:
        """Answer ``ask_overdue``: whether it is late at all, by how much, and the rights then."""
        if len(self._dossiers.codes_in(ask)) > 1:
            return self._dossiers.lookup(ask)
        if not self._dossiers.codes_in(ask) and self._dossiers.other_number(ask):
            explained = self._dossiers.lookup(ask).replies
            return Answer((*explained, *self._general("overdue", ask, code_given=True)))
        return self._answer("overdue", ask)

    def supplement(self, ask: Ask) -> Answer:
        """Answer ``ask_supplement``: papers asked for, or a dossier refused."""
        return self._answer("supplement", ask)

    def delivery(self, ask: Ask) -> Answer:
        """Answer ``ask_result_delivery``: where, by whom, by post, electronically."""
        return self._answer("delivery", ask)

    def lost_receipt(self, ask: Ask) -> Answer:
        """Answer ``ask_lost_receipt``; who still knows the code has lost little."""
        return self._answer("lost_receipt", ask)

    def withdraw(self, ask: Ask) -> Answer:
        """Answer ``withdraw_dossier``: whether it still can be, and how."""
        return self._answer("withdraw", ask)

    def _answer(self, topic: str, ask: Ask) -> Answer:
        codes = self._dossiers.codes_in(ask)
        named = self._dossiers.names_code(ask)
        if not codes or (ask.first("procedure") and not named):
            return Answer(self._general(topic, ask))
        dossier = self._dossiers.find(codes[0], ask)
        changes = {"dossier_code": codes[0].value}
        if dossier is None:
            unknown = self._dossiers.lookup(ask).replies if named else ()
            return Answer((*unknown, *self._general(topic, ask, code_given=named)), changes)
        return Answer(self._about(topic, dossier, ask), changes)

    def _about(self, topic: str, dossier: Dossier, ask: Ask) -> tuple[Reply, ...]:
        replies = self._wording.replies(
            f"own/{topic}",
            code=dossier.code,
            code_given=True,
            office=self._office_of(dossier),
            aspect=self._aspect(topic, ask),
            **self._dossiers.facts(dossier, ask.now),
        )
        return tuple(reply.with_meta(dossier_code=dossier.code) for reply in replies)

    def _general(self, topic: str, ask: Ask, *, code_given: bool = False) -> tuple[Reply, ...]:
        return self._wording.replies(
            f"own/{topic}",
            dossier=None,
            code_given=code_given,
            aspect=self._aspect(topic, ask),
        )

    def _aspect(self, topic: str, ask: Ask) -> str | None:
        named = ask.first("aspect")
        known = self._aspects.get(topic)
        if known is None:
            return None
        return named if named in known.lists else known.of(ask.text)

    def _office_of(self, dossier: Dossier) -> Office | None:
        """Return the receiving office as the directory has it, by its very name."""
        name = fold(dossier.agency)
        found = self._directory.find_offices(dossier.agency) if name else ()
        return next((office for office in found if fold(office.name) == name), None)
