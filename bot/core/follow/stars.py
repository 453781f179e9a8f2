"""How many stars a citizen gives in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.core.conversation.acts import plain
from bot.core.conversation.payloads import parse_payload, write_payload

RATE = "rate_dossier"
SKIP = "skip"


class Stars:
    """Reads a whole text as an answer to "how satisfied are you?"."""

    def __init__(self, phrases: Mapping[str, Sequence[str]], beside: Sequence[str] = ()) -> None:
        self._stars = {plain(text): stars for stars, texts in phrases.items() for text in texts}
        self._beside = frozenset(word for text in beside for word in plain(text).split())

    @classmethod
    def from_lists(cls, data: Mapping[str, Sequence[str]]) -> Stars:
        """Build it from lists of phrases by "1" to "5" and "skip"; ``beside`` means nothing."""
        phrases = {str(name): texts for name, texts in data.items() if name != "beside"}
        return cls(phrases, data.get("beside", ()))

    def read(self, text: str) -> str | None:
        """Return "1" to "5", "skip", or None for anything else."""
        words = plain(text).split()
        while words and " ".join(words) not in self._stars:
            if words[0] in self._beside:
                words.pop(0)
            elif words[-1] in self._beside:
                words.pop()
            else:
                return None
        return self._stars.get(" ".join(words))

    def pick(self, text: str, payloads: Sequence[str]) -> str | None:
        """Return the press ``text`` stands for if the question is among the buttons shown."""
        shown = (parse_payload(payload) for payload in payloads)
        asked = next((each for each in shown if each and each.intent == RATE), None)
        stars = self.read(text) if asked else None
        if asked is None or stars is None:
            return None
        code = next(each.value for each in asked.entities if each.name == "dossier_code")
        return write_payload(RATE, dossier_code=code, stars=stars)
