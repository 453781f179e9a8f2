"""The middle step of the ladder: "did you mean …?" with the likeliest as buttons."""

from __future__ import annotations

import json
from collections.abc import Callable

from bot.core.conversation.ladder import FALLBACK, KIN, OUT_OF_SCOPE, decide
from bot.core.conversation.payloads import write_payload
from bot.core.desk import Answer, Ask, Wording
from bot.core.dossiers.codes import DossierCode
from bot.core.dossiers.recognise import recognise
from bot.core.faq.answers import FaqAnswers
from bot.core.services.catalogue import Catalogue
from bot.core.services.resolve import CONFIDENT

# A text this close to a frequent question is asked about before any other answer is given.
_SAME_QUESTION = 0.6
_NEVER_ASIDE = frozenset(("request_human", "verify_notice", "lookup_dossier", "delete_my_data"))
_ABOUT_A_PROCEDURE = KIN[0]
_SHORT = 5  # words
_ABOUT_NEWS = frozenset(("ask_announcements", "subscribe_topic", "unsubscribe_topic"))
_NAMED_NEWS = ("topic", "area")
_LONGEST_NAME = 80  # letters; what is longer is no name
FirstAid = Callable[[Ask], "Answer | None"]
_CLEARLY_AHEAD = 2.0  # times as likely as the second: then a bare "yes" means the first


class Doubt:
    """Asks back when the words may mean several things."""

    def __init__(
        self, wording: Wording, faq: FaqAnswers, catalogue: Catalogue, first_aid: FirstAid
    ) -> None:
        self._wording = wording
        self._faq = faq
        self._catalogue = catalogue
        self._first_aid = first_aid

    def question(self, ask: Ask) -> Answer | None:
        """Return the question to ask instead of answering ``ask``, or None when it is clear.

        A pick is answered with the words of the message that was in doubt, so nothing has to be
        written twice.
        """
        choices = decide(ask.ranking, len(ask.text.split())).choices
        unclear = bool(choices) or ask.intent in (OUT_OF_SCOPE, FALLBACK)
        if ask.ranking and unclear and (aid := self._first_aid(ask)):
            return aid
        aside = bool(ask.ranking) and ask.intent not in _NEVER_ASIDE
        if aside and (offer := self._faq.offer(ask.text, _SAME_QUESTION)):
            return offer
        if not choices or _is_about_a_number(ask, choices) or self._names_its_matter(ask):
            return None
        payloads = [write_payload(intent, **_carried(intent, ask)) for intent in choices]
        lines = list(zip(choices, payloads, strict=True))
        replies = self._wording.replies(
            "talk/unsure", lines=lines, named=ask.first("procedure") or ""
        )
        changes: dict[str, str | None] = {"choices": json.dumps(payloads), "again": None}
        if len(choices) == 1 or _is_ahead(ask, choices):
            changes["pending"] = payloads[0]
        effect = {"effect": "review", "reason": "unsure"}
        return Answer(replies, changes, (effect,))

    def _names_its_matter(self, ask: Ask) -> bool:
        """Whether a question about a procedure surely names one: a second witness."""
        if ask.intent not in _ABOUT_A_PROCEDURE:
            return False
        if "procedure" in ask.context and len(ask.text.split()) <= _SHORT:
            return True  # a short question about the matter in talk
        matches = self._catalogue.search(ask.text, 1)
        return bool(matches) and matches[0].score >= CONFIDENT


def _is_about_a_number(ask: Ask, choices: tuple[str, ...]) -> bool:
    """Whether the answer says first what the number in the message is good for."""
    numbers = recognise(ask.text)
    return "lookup_dossier" in choices and bool(numbers.personal or numbers.tail)


def _is_ahead(ask: Ask, choices: tuple[str, ...]) -> bool:
    sure = {guess.intent: guess.confidence for guess in ask.ranking}
    return sure[choices[0]] >= _CLEARLY_AHEAD * sure[choices[1]]


def _carried(intent: str, ask: Ask) -> dict[str, str]:
    """Return what a pick must not lose: "end the news of ..." would end all news without it."""
    named = {name: ask.first(name) or "" for name in _NAMED_NEWS if intent in _ABOUT_NEWS}
    return {
        **_code_in(ask),
        **{name: value for name, value in named.items() if 0 < len(value) <= _LONGEST_NAME},
    }


def _code_in(ask: Ask) -> dict[str, str]:
    """Return the dossier code of the message as a payload's entity: a pick must not lose it."""
    named = ask.first("dossier_code")
    codes = DossierCode.find_all(named or ask.text)
    return {"dossier_code": codes[0].value} if codes else {}
