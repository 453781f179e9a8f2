"""Offices of the province and the areas they serve, old names understood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Area:
    """A place. ``kind`` is province, commune, ward, old_commune, old_district or old_province.

    An old place names its successors by slug in ``became``.
    """

    slug: str
    name: str
    kind: str
    became: tuple[str, ...] = ()


@dataclass(frozen=True)
class Office:
    """An office with what a citizen needs to reach it."""

    slug: str
    name: str
    kind: str  # service_centre, peoples_committee, department, police, tax, social_insurance
    area: str  # slug of an Area
    address: str
    hours: str
    saturday: str
    phone: str
    email: str
    latitude: float | None = None
    longitude: float | None = None
    demo: bool = True


class Directory(Protocol):
    """Looks up offices and areas."""

    def find_areas(self, text: str) -> Sequence[Area]:
        """Return the areas a text names (marks optional), most specific first; [] if none."""

    def successors(self, area: Area) -> Sequence[Area]:
        """Return today's areas for an old one; the area itself if it still exists."""

    def find_offices(self, text: str, areas: Sequence[Area] = ()) -> Sequence[Office]:
        """Return offices that a text and areas mean, best first; [] if none fits."""

    def nearest(self, latitude: float, longitude: float, limit: int = 3) -> Sequence[Office]:
        """Return the offices nearest to a point."""

    def main_office(self) -> Office:
        """Return the province's public service centre."""
