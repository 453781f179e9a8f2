"""What the desk says about offices: address, hours, phone."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bot.core.desk import Answer, Ask, Wording
from bot.core.offices.directory import Area, Directory, Office
from bot.core.vietnamese import fold_tokens

_SHOWN = 3
_NEWS = "/ask_announcements"
_WHERE = re.compile(r"\b(?:o dau|o mo|cho nao|noi nao|(?:den|ra|toi|len) dau)\b")
_PROCEDURES = ("/find_procedure", "/ask_requirements", "/ask_fee", "/ask_duration", "/ask_where")
_LONGEST_PLACE_ALONE = 5  # words: "còn ở xã Đức Hòa"
# Folded: "còn công an thì sao" goes on about the place of the answer before.
_GOES_ON = re.compile(r"^(?:(?:vay|the|roi|a|o) )*con |\bthi sao$|^(?:vay|the) ")


@dataclass(frozen=True)
class _Place:
    """Where a citizen means: ``old`` as named if it is old, today's ``areas``, or ``unknown``."""

    old: Area | None = None
    areas: Sequence[Area] = ()
    unknown: str | None = None


class OfficeAnswers:
    """Answers about offices by name and area, and the nearest ones to a point."""

    def __init__(
        self,
        directory: Directory,
        wording: Wording,
        news: Callable[[Ask], Answer] | None = None,
        where: Callable[[Ask], Answer] | None = None,
    ) -> None:
        """Take the answers of other talk: ``news`` for a bare place right after announcements.

        ``where`` answers "ở đâu?" right after a procedure.
        """
        self._directory = directory
        self._wording = wording
        self._news = news
        self._where = where

    def find(self, ask: Ask) -> Answer:
        """Answer ``ask_office``; old place names lead to today's offices."""
        if self._news and _only_a_place(ask) and ask.context.get("again", "").startswith(_NEWS):
            answer = self._news(ask)
            # "Again" and the next place go on with the news.
            return replace(answer, context={**answer.context, "again": _NEWS})
        if self._where and not ask.entities and ask.text and _about_procedure(ask):
            if not self._directory.find_offices(ask.text):
                return self._where(replace(ask, intent="ask_where"))
        place = self._place(ask)
        if place.unknown:
            replies = self._wording.replies("offices/other_place", place=place.unknown)
            return Answer(replies, {"area": None, "office": None})
        offices = self._offices(ask, place.areas)
        if not offices:
            main = self._directory.main_office()
            replies = self._wording.replies("offices/unknown", areas=place.areas, office=main)
            return Answer(replies)
        if not ask.first("office"):  # a place alone: its committee, not every office there
            offices = [office for office in offices if office.kind == offices[0].kind]
        replies = self._wording.replies(
            "offices/found", offices=offices[:_SHOWN], old=place.old, areas=place.areas
        )
        changes: dict[str, str | None] = {"office": offices[0].slug}
        if offices[0].slug != ask.context.get("office"):
            changes["area"] = place.areas[0].slug if place.areas else None
        return Answer(replies, changes)

    def nearest(self, ask: Ask) -> Answer:
        """Answer a shared location (entities ``latitude``, ``longitude``)."""
        latitude, longitude = ask.first("latitude"), ask.first("longitude")
        offices = self._directory.nearest(float(latitude or 0), float(longitude or 0))
        return Answer(self._wording.replies("offices/nearest", offices=offices))

    def _offices(self, ask: Ask, areas: Sequence[Area]) -> Sequence[Office]:
        """Return the offices named; hours or a phone alone are asked of the one in talk."""
        named = " ".join(ask.every("office"))
        if named and not ask.text:
            return self._directory.find_offices(named, areas)
        # "bhxh" and "đức hòa" together may be the name of an office that sits elsewhere.
        full = " ".join((named, *ask.every("area"))) if named else ask.text
        offices = self._directory.find_offices(full, areas)
        if not offices and named:
            offices = self._directory.find_offices(ask.text, areas)
        if not offices and not named and "office" in ask.context:
            return self._directory.find_offices(ask.context["office"])[:1]
        return offices

    def _place(self, ask: Ask) -> _Place:
        """Return the place named now, or that of the talk when the question only goes on."""
        named = ask.every("area")
        known = [self._directory.find_areas(value)[:1] for value in named or (ask.text,)]
        strange = [value for value, found in zip(named, known, strict=False) if not found]
        if strange:
            return _Place(unknown=strange[0])
        for area in (area for found in known for area in found):
            old = area if area.became else None
            return _Place(old, self._directory.successors(area))
        words = " ".join(fold_tokens(ask.text))
        goes_on = "area" in ask.context and _GOES_ON.search(words)
        if goes_on and (ask.first("office") or self._directory.find_offices(ask.text)):
            return _Place(areas=self._directory.find_areas(ask.context["area"]))
        return _Place()


def _only_a_place(ask: Ask) -> bool:
    names = {entity.name for entity in ask.entities}
    return names == {"area"} and len(ask.text.split()) <= _LONGEST_PLACE_ALONE


def _about_procedure(ask: Ask) -> bool:
    if not _WHERE.search(" ".join(fold_tokens(ask.text))):
        return False
    return "procedure" in ask.context and ask.context.get("again", "").startswith(_PROCEDURES)
