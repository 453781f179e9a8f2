"""What the desk says about offices: address, hours, phone."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.desk import Answer, Ask, Wording
from bot.core.offices.directory import Area, Directory


class OfficeAnswers:
    """Answers about offices by name and area, and the nearest ones to a point."""

    def __init__(self, directory: Directory, wording: Wording) -> None:
        self._directory = directory
        self._wording = wording

    def find(self, ask: Ask) -> Answer:
        """Answer ``ask_office``; old place names lead to today's offices."""
        named = " ".join(ask.every("office")) or ask.text
        old, areas = self._areas(ask)
        offices = self._directory.find_offices(named, areas)
        if not offices and ask.text != named:
            offices = self._directory.find_offices(ask.text, areas)
        if not offices:
            main = self._directory.main_office()
            replies = self._wording.replies("offices/unknown", areas=areas, office=main)
            return Answer(replies)
        replies = self._wording.replies("offices/found", offices=offices[:3], old=old, areas=areas)
        changes = {"area": areas[0].slug if areas else None, "office": offices[0].slug}
        return Answer(replies, changes)

    def nearest(self, ask: Ask) -> Answer:
        """Answer a shared location (entities ``latitude``, ``longitude``)."""
        latitude, longitude = ask.first("latitude"), ask.first("longitude")
        offices = self._directory.nearest(float(latitude or 0), float(longitude or 0))
        return Answer(self._wording.replies("offices/nearest", offices=offices))

    def _areas(self, ask: Ask) -> tuple[Area | None, Sequence[Area]]:
        """Return the old place a citizen named (if it is old) and today's areas for it."""
        values = ask.every("area") or (ask.text,)
        for value in values:
            for area in self._directory.find_areas(value)[:1]:
                now = self._directory.successors(area)
                return (area if area.became else None), now
        return None, ()
