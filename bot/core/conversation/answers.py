"""What the desk says about the talk itself: greeting, menu, yes and no, a person."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace

from bot.core.conversation.payloads import ERASE
from bot.core.desk import Answer, Ask, Wording
from bot.core.dossiers.answers import DossierAnswers
from bot.core.dossiers.recognise import recognise
from bot.core.faq.answers import FaqAnswers
from bot.core.services.answers import ServiceAnswers
from bot.core.services.catalogue import Catalogue
from bot.core.services.resolve import POSSIBLE, resolve
from bot.core.vietnamese import fold

RunPayload = Callable[[str, Ask], Answer | None]

# Folded: words of papers and permits, by which a matter the list lacks is a procedure.
_OF_PAPERS = re.compile(r"\b(?:giay|giay phep|thu tuc|dang ky|chung nhan|xac nhan|tro cap)\b")
_OF_A_DOSSIER = ("pay_fee",)
_SURELY_FOREIGN = 0.95  # below this a text right after a procedure is taken to be about it
_SURE_ENOUGH_TO_OFFER = 0.6  # a guess from free text needs more than a named procedure


class TalkAnswers:
    """Answers that need no register, and the honest ones when nothing fits."""

    def __init__(
        self,
        wording: Wording,
        catalogue: Catalogue,
        dossiers: DossierAnswers,
        services: ServiceAnswers,
        run: RunPayload,
        faq: FaqAnswers,
    ) -> None:
        self._wording = wording
        self._catalogue = catalogue
        self._dossiers = dossiers
        self._services = services
        self._run = run
        self._faq = faq

    def say(self, name: str) -> Callable[[Ask], Answer]:
        """Return an answer that is always the template ``name``."""

        def answer(ask: Ask) -> Answer:
            return Answer(self._wording.replies(name, intent=ask.intent))

        return answer

    def affirm(self, ask: Ask) -> Answer:
        """Answer "yes": do what was just offered; a list stays open; else ask what is needed."""
        pending = ask.context.get("pending")
        if pending == ERASE:  # taken for a yes, but by a guess only
            return self.delete_my_data(replace(ask, intent="delete_my_data", entities=()))
        if done := self._run(pending, ask) if pending else None:
            return done
        if choices := ask.context.get("choices"):
            count = len(json.loads(choices))
            kept = {"choices": choices, "more": ask.context.get("more")}
            return Answer(self._wording.replies("talk/choose_within", count=count), kept)
        return Answer(self._wording.replies("talk/nothing_open"))

    def deny(self, ask: Ask) -> Answer:
        """Answer "no": drop what was offered and ask again."""
        return Answer(self._wording.replies("talk/denied"))

    def cancel(self, ask: Ask) -> Answer:
        """Forget what the talk was about."""
        forget = dict.fromkeys(("procedure", "dossier_code", "field", "topic", "area", "office"))
        is_open = any(name in ask.context for name in ("pending", "choices"))
        return Answer(self._wording.replies("talk/cancelled", is_open=is_open), forget)

    def ask_human(self, ask: Ask) -> Answer:
        """Note that a person is wanted and give the ways to reach one now."""
        return Answer(self._wording.replies("talk/human"), effects=({"effect": "ask_human"},))

    def delete_my_data(self, ask: Ask) -> Answer:
        """Ask, and erase only after the button or a whole text that means nothing but yes.

        A guess never erases: "đừng xóa" and "xóa đi" look alike to a classifier.
        """
        if ask.first("confirmed") == "yes":
            return Answer(self._wording.replies("talk/erased"), effects=({"effect": "erase"},))
        return Answer(self._wording.replies("talk/erase_confirm"), {"pending": ERASE})

    def point_the_way(self, ask: Ask) -> Answer:
        """Answer an intent without a full answer yet: honestly, with the next step.

        About a dossier named, its state comes first.
        """
        procedure = None
        if ask.intent == "submit_dossier":
            procedure = resolve(ask, self._catalogue).procedure
        pointer = self._wording.replies(f"pointers/{ask.intent}", procedure=procedure)
        changes = {"procedure": procedure.code} if procedure else {}
        if ask.intent in _OF_A_DOSSIER and self._dossiers.names_code(ask):
            changes["dossier_code"] = self._dossiers.codes_in(ask)[0].value
            return Answer((*self._dossiers.brief(ask), *pointer), changes)
        return Answer(pointer, changes)

    def out_of_scope(self, ask: Ask) -> Answer:
        """Say that the desk does not serve this, unless it is a frequent question after all.

        What a number is not good for is said first, as in ``not_understood``.
        """
        numbers = recognise(ask.text)
        if numbers.personal or numbers.tail:
            return self._dossiers.lookup(ask)
        offer = self._faq.offer(ask.text) if ask.text else None
        return offer or self._beside_a_procedure(ask) or self._foreign()

    def _beside_a_procedure(self, ask: Ask) -> Answer | None:
        """Return what fits a text that is about a procedure after all: absent, or in talk."""
        sure = ask.ranking[0].confidence if ask.ranking else 1.0
        of_papers = sure < _SURELY_FOREIGN or _OF_PAPERS.search(fold(ask.text))
        if of_papers and (absent := self._catalogue.absent(ask.text)):
            return Answer(self._wording.replies("services/absent", named=absent))
        current = self._catalogue.find(ask.context.get("procedure", ""))
        if current is None or sure >= _SURELY_FOREIGN:
            return None
        return Answer(self._wording.replies("services/no_detail", procedure=current))

    def _foreign(self) -> Answer:
        return Answer(self._wording.replies("talk/out_of_scope"))

    def not_understood(self, ask: Ask) -> Answer:
        """Offer what the words may mean, else say so and show the way to a person.

        Procedures first, then frequent questions; each is asked about before it is answered.
        """
        slug = ask.first("faq")
        if slug and (answer := self._faq.answer(slug)):
            return answer
        numbers = recognise(ask.text)
        if numbers.personal or numbers.tail or numbers.result_code:
            return self._dossiers.lookup(ask)
        matches = [m for m in self._catalogue.search(ask.text, 3) if m.score >= POSSIBLE]
        if matches and matches[0].score >= _SURE_ENOUGH_TO_OFFER:
            return self._services.offer("find_procedure", tuple(m.procedure for m in matches))
        if offer := self._faq.offer(ask.text):
            return offer
        if _OF_PAPERS.search(fold(ask.text)) and (absent := self._catalogue.absent(ask.text)):
            return Answer(self._wording.replies("services/absent", named=absent))
        return Answer(self._wording.replies("talk/not_understood"))
