"""How satisfied citizens are: asked once a dossier, kept apart from who answered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo

from bot.core.desk import Answer, Ask, Wording
from bot.core.dossiers.codes import DossierCode
from bot.core.follow.follow import Follow, Follows
from bot.core.follow.stars import SKIP, Stars

STARS = ("1", "2", "3", "4", "5")
_LOW = 2


class RatingAnswers:
    """Takes the answer to an open question; nobody can answer one that was not asked.

    ``mark`` makes the digest by which a dossier is rated once, whoever follows it.
    """

    def __init__(
        self,
        follows: Follows,
        wording: Wording,
        zone: tzinfo,
        stars: Stars,
        mark: Callable[[DossierCode], str],
    ) -> None:
        self._follows = follows
        self._wording = wording
        self._zone = zone
        self._stars = stars
        self._mark = mark

    def rate(self, ask: Ask) -> Answer:
        """Answer the button with stars. The talk does not remember which one it was."""
        follow = self._asked_about(ask)
        stars = ask.first("stars") or ""
        if follow is None:
            return self._say("rate_closed")
        if stars not in (*STARS, SKIP):
            return self._question(follow)
        return self._rated(follow, stars, ask)

    def wish(self, ask: Ask) -> Answer:
        """Answer ``rate_service``: the open question if there is one, else where else to rate.

        Stars named in the words are an answer, where it is clear to which question.
        """
        open_ones = [each for each in self._follows.of(ask.citizen_id) if each.may_rate]
        stars = self._stars.read(ask.text)
        if stars and len(open_ones) == 1:
            return self._rated(open_ones[0], stars, ask)
        return self._question(open_ones[-1]) if open_ones else self._say("rate_service")

    def _rated(self, follow: Follow, stars: str, ask: Ask) -> Answer:
        mark = self._mark(DossierCode(follow.code))
        if stars != SKIP and self._follows.is_rated(mark):
            return self._say("rate_closed")
        effect = {
            "effect": "rate_dossier",
            "code": follow.code,
            "mark": mark,
            "stars": None if stars == SKIP else int(stars),
            "day": ask.now.astimezone(self._zone).date().isoformat(),
            "agency": follow.known.agency,
            "procedure": follow.known.procedure_code,
        }
        name = "rate_skipped" if stars == SKIP else "rated"
        low = stars != SKIP and int(stars) <= _LOW
        replies = self._wording.replies(f"follow/{name}", low=low)
        return Answer(replies, {"again": None}, (effect,))

    def _asked_about(self, ask: Ask) -> Follow | None:
        key = DossierCode(ask.first("dossier_code") or "").key
        found = (each for each in self._follows.of(ask.citizen_id) if each.key == key)
        return next((each for each in found if each.may_rate), None)

    def _question(self, follow: Follow) -> Answer:
        return Answer(self._wording.replies("follow/survey", code=follow.code), {"again": None})

    def _say(self, name: str) -> Answer:
        return Answer(self._wording.replies(f"follow/{name}"))
