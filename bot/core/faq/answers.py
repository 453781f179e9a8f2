"""What the desk says to a frequent question: first whether it was meant, then the answer."""

from __future__ import annotations

from bot.core.conversation.payloads import write_payload
from bot.core.desk import Answer, Wording
from bot.core.faq.book import CONVINCING, FaqBook


class FaqAnswers:
    """Offers and answers the frequent questions of the province."""

    def __init__(self, book: FaqBook, wording: Wording) -> None:
        self._book = book
        self._wording = wording

    def offer(self, text: str, at_least: float = CONVINCING) -> Answer | None:
        """Return the question whether a frequent one was meant, None when none is convincing."""
        found = self._book.search(text, at_least)
        if found is None:
            return None
        pending = write_payload("nlu_fallback", faq=found.slug)
        replies = self._wording.replies("talk/faq_offer", question=found.title, payload=pending)
        return Answer(replies, {"pending": pending})

    def answer(self, slug: str) -> Answer | None:
        """Return the approved answer; None for an unknown slug."""
        found = self._book.find(slug)
        if found is None:
            return None
        return Answer(self._wording.replies("talk/faq", answer=found.answer))
