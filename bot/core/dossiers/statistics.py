"""Figures of the register: how many dossiers, how far, how many on time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from bot.core.desk import Answer, Ask, Wording
from bot.core.offices.directory import Area, Directory
from bot.core.services.catalogue import Catalogue, Field

_FIELDS_OFFERED = 2


@dataclass(frozen=True)
class Figures:
    """Counts of dossiers; ``as_of`` is the day of the newest data, None when there is none.

    ``finished`` have a result, ``judged`` of them had a promised day, ``on_time`` kept it.
    ``handling`` are with the office, ``waiting`` wait for the citizen, ``late`` are with the
    office past their promised day. The rest was refused, stopped or withdrawn.
    """

    received: int
    handling: int
    waiting: int
    finished: int
    judged: int
    on_time: int
    late: int
    as_of: date | None

    @property
    def closed(self) -> int:
        """Return how many ended without a result."""
        return self.received - self.handling - self.waiting - self.finished

    @property
    def on_time_percent(self) -> float | None:
        """Return the share of finished dossiers that kept their day, one decimal, or None."""
        return round(100 * self.on_time / self.judged, 1) if self.judged else None


class DossierStatistics(Protocol):
    """Counts the dossiers of a register."""

    def figures(
        self, now: datetime, agency: str | None = None, field: str | None = None
    ) -> Figures:
        """Return the figures of all dossiers, or of one receiving agency or one field.

        Raises SourceUnavailable.
        """


class StatisticsAnswers:
    """Answers ``ask_statistics`` from the register, never from memory."""

    def __init__(
        self,
        statistics: DossierStatistics,
        catalogue: Catalogue,
        directory: Directory,
        wording: Wording,
    ) -> None:
        self._statistics = statistics
        self._catalogue = catalogue
        self._directory = directory
        self._wording = wording

    def figures(self, ask: Ask) -> Answer:
        """Answer with the figures of the agency or field named, else of all dossiers."""
        agency, field = self._agency(ask), self._field(ask)
        figures = self._statistics.figures(
            ask.now, agency, field.slug if field and not agency else None
        )
        replies = self._wording.replies(
            "statistics/figures",
            figures=figures,
            agency=agency,
            field=None if agency else field,
            unknown=self._unknown_place(ask),
            fields=self._catalogue.fields()[:_FIELDS_OFFERED],
        )
        return Answer(replies)

    def _agency(self, ask: Ask) -> str | None:
        """Return the name of the office named, or of the committee of the place named."""
        words = " ".join((*ask.every("office"), *ask.every("area")))
        if not words:
            return None
        areas = [found[0] for value in ask.every("area") if (found := self._areas(value))]
        if areas and areas[0].kind in ("province", "old_province", "old_district"):
            return None
        offices = self._directory.find_offices(words, areas)
        return offices[0].name if offices else None

    def _areas(self, text: str) -> list[Area]:
        return list(self._directory.find_areas(text))

    def _unknown_place(self, ask: Ask) -> str | None:
        """Return a place named that is none of the province's."""
        return next((value for value in ask.every("area") if not self._areas(value)), None)

    def _field(self, ask: Ask) -> Field | None:
        return self._catalogue.find_field(ask.first("field") or ask.text)
