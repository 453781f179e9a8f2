"""Finds areas and offices by what people call them, old names and missing marks included."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.core.offices.directory import Area, Office
from bot.core.vietnamese import fold_tokens, normalise

MAIN_OFFICE = "trung-tam-hanh-chinh-cong"

# What people put before a name, folded, and the kinds of area it can mean.
_PREFIXES = {
    ("xa",): ("commune", "old_commune"),
    ("thi", "tran"): ("old_commune", "commune"),
    ("phuong",): ("ward", "old_commune"),
    ("p",): ("ward", "old_commune"),
    ("huyen",): ("old_district",),
    ("quan",): ("old_district",),
    ("thanh", "pho"): ("old_district",),
    ("tp",): ("old_district",),
    ("thi", "xa"): ("old_district",),
    ("tx",): ("old_district",),
    ("tinh",): ("province", "old_province"),
}
# Without such a word: today's communes first, but a province before a place of the same name.
_BARE_ORDER = ("province", "old_province", "ward", "commune", "old_district", "old_commune")
_OFFICE_KINDS = {
    "peoples_committee": ("ubnd", "uy ban", "uy ban nhan dan", "uy ban xa", "uy ban phuong"),
    "police": ("cong an", "ca xa", "ca phuong", "don cong an"),
    "tax": ("thue", "co quan thue", "chi cuc thue", "cuc thue"),
    "social_insurance": ("bhxh", "bao hiem xa hoi", "bao hiem", "co quan bao hiem"),
    "service_centre": ("mot cua", "hanh chinh cong", "trung tam hanh chinh cong"),
}
_EARTH_KM = 6371.0


@dataclass(frozen=True)
class NamedArea:
    """An area with its everyday names and whether a bare name is too common a word."""

    area: Area
    aliases: tuple[str, ...]
    needs_kind: bool


@dataclass(frozen=True)
class NamedOffice:
    """An office with its everyday names."""

    office: Office
    aliases: tuple[str, ...]


@dataclass(frozen=True)
class _Hit:
    area: NamedArea
    start: int
    length: int
    rank: int
    exact_marks: bool


class Places:
    """All areas and offices of the province, in memory."""

    def __init__(self, areas: Iterable[NamedArea], offices: Iterable[NamedOffice]) -> None:
        self._areas = {named.area.slug: named for named in areas}
        self._offices = list(offices)
        self._office_names = [(item, _folded_names(item)) for item in self._offices]
        self._names: dict[tuple[str, ...], list[NamedArea]] = {}
        for named in self._areas.values():
            for name in {_bare_name(named.area.name), *map(fold_tokens, named.aliases)}:
                if name:
                    self._names.setdefault(name, []).append(named)
        self._longest = max(map(len, self._names), default=1)

    def area(self, slug: str) -> Area | None:
        """Return the area with this slug."""
        named = self._areas.get(slug)
        return named.area if named else None

    def find_areas(self, text: str) -> list[Area]:
        """Return the areas a text names, most specific first."""
        if text in self._areas:
            return [self._areas[text].area]
        words = fold_tokens(text)
        hits: list[_Hit] = []
        position = 0
        while position < len(words):
            found = self._hits_at(words, position, text)
            hits += found
            position += found[0].length if found else 1
        hits.sort(key=lambda hit: (not hit.exact_marks, hit.rank, hit.start))
        return list(dict.fromkeys(hit.area.area for hit in hits))

    def _hits_at(self, words: Sequence[str], position: int, text: str) -> list[_Hit]:
        for length in range(min(self._longest, len(words) - position), 0, -1):
            named = self._names.get(tuple(words[position : position + length]), [])
            kinds = _kinds_before(words, position)
            alone = length == len(words)
            hits = [
                _Hit(item, position, length, _order(item.area, kinds), _marked(item.area, text))
                for item in named
                if _fits(item, kinds, alone=alone)
            ]
            if hits:
                return hits
        return []

    def successors(self, area: Area) -> list[Area]:
        """Return today's areas for an old one; the area itself if it still exists."""
        if not area.became:
            return [area]
        return [self._areas[slug].area for slug in area.became if slug in self._areas]

    def find_offices(self, text: str, areas: Sequence[Area] = ()) -> list[Office]:
        """Return the offices a text and areas mean, best first."""
        places = list(areas) or self.find_areas(text)
        today = [after.slug for place in places for after in self.successors(place)]
        folded = " ".join(fold_tokens(text))
        named = [item.office for item in self._offices if item.office.slug == text]
        named += self._by_name(folded)
        near = [item.office for item in self._offices if item.office.area in today]
        kinds = _kinds_of(folded)
        if kinds:
            return _once(self._of_kind(kinds, named, near, folded))
        if named:
            return _once([*(office for office in named if office.area in today), *named])
        return _once(sorted(near, key=lambda office: office.kind != "peoples_committee"))

    def _of_kind(
        self, kinds: Sequence[str], named: list[Office], near: list[Office], folded: str
    ) -> list[Office]:
        """Return offices of a kind: the one named, those at the place, or the province's own."""
        here = [office for office in near if office.kind in kinds]
        here.sort(key=self._of_the_province)  # its own office serves a commune, before those above
        if _names_one(named, folded):
            return [*named, *here]
        if here:
            return here
        commune = [office for office in near if office.kind == "peoples_committee"]
        above = [office for office in named if office.kind in kinds] or self._provincial(kinds)
        # The police and the counter of a commune sit with its committee.
        return [*commune, *above] if {"police", "service_centre"} & set(kinds) else above

    def _of_the_province(self, office: Office) -> bool:
        """Whether an office only sits in its commune: its name does not say the commune's."""
        area = self.area(office.area)
        name = " ".join(fold_tokens(area.name)) if area else ""
        return not _holds(" ".join(fold_tokens(office.name)), name)

    def _provincial(self, kinds: Sequence[str]) -> list[Office]:
        """Return the first office of each kind; communes have no office above them here."""
        first: dict[str, Office] = {}
        for item in self._offices:
            first.setdefault(item.office.kind, item.office)
        return [first[k] for k in kinds if k in first and k != "peoples_committee"]

    def _by_name(self, folded: str) -> list[Office]:
        """Return the offices whose name or alias stands in the text, longest name first."""
        found: list[tuple[int, int, Office]] = []
        for place, (item, names) in enumerate(self._office_names):
            held = [name for name in names if _holds(folded, name)]
            if held:
                found.append((-max(map(len, held)), place, item.office))
        return [office for _, _, office in sorted(found, key=lambda hit: hit[:2])]

    def nearest(self, latitude: float, longitude: float, limit: int = 3) -> list[Office]:
        """Return the offices nearest to a point."""
        located = [item.office for item in self._offices if item.office.latitude is not None]
        located.sort(key=lambda office: _distance(office, latitude, longitude))
        return located[:limit]

    def main_office(self) -> Office:
        """Return the province's public service centre."""
        centres = [item.office for item in self._offices if item.office.kind == "service_centre"]
        main = [office for office in centres if office.slug == MAIN_OFFICE]
        return (main or centres or [item.office for item in self._offices])[0]


def _folded_names(item: NamedOffice) -> tuple[str, ...]:
    names = (" ".join(fold_tokens(name)) for name in (item.office.name, *item.aliases))
    return tuple(name for name in names if name)


def _bare_name(name: str) -> tuple[str, ...]:
    """Return a name's folded words without its kind and without "(cũ)"."""
    words = fold_tokens(re.sub(r"\(.*?\)", "", name))
    for prefix in sorted(_PREFIXES, key=len, reverse=True):
        rest = words[len(prefix) :]
        if words[: len(prefix)] == prefix and rest:
            return words if rest[0].isdigit() else rest
    return words


def _kinds_before(words: Sequence[str], position: int) -> tuple[str, ...]:
    for length in (2, 1):
        if position >= length:
            kinds = _PREFIXES.get(tuple(words[position - length : position]))
            if kinds:
                return kinds
    return ()


def _fits(item: NamedArea, kinds: tuple[str, ...], *, alone: bool) -> bool:
    if kinds:
        return item.area.kind in kinds
    return alone or not item.needs_kind


def _order(area: Area, kinds: tuple[str, ...]) -> int:
    if any(char.isdigit() for char in area.name):
        return -1  # "phường 3 Tân An": the number says which one
    return (kinds or _BARE_ORDER).index(area.kind)


def _marked(area: Area, text: str) -> bool:
    """Whether the text holds the name with its marks, or has no marks to compare."""
    name = re.sub(r"\(.*?\)", "", area.name).split(" ", 1)[-1].strip().lower()
    lower = normalise(text).lower()
    return lower.isascii() or name in lower


def _kinds_of(folded: str) -> tuple[str, ...]:
    return tuple(
        kind
        for kind, words in _OFFICE_KINDS.items()
        if any(_holds(folded, word) for word in words)
    )


def _names_one(named: Sequence[Office], folded: str) -> bool:
    """Whether the first office found is named in full, not only by its kind."""
    common = max(len(w) for ws in _OFFICE_KINDS.values() for w in ws if _holds(folded, w))
    if not named:
        return False
    words = " ".join(fold_tokens(named[0].name))
    return _holds(folded, words) and len(words) > common


def _holds(text: str, words: str) -> bool:
    return f" {words} " in f" {text} "


def _once(offices: Iterable[Office]) -> list[Office]:
    return list({office.slug: office for office in offices}.values())


def _distance(office: Office, latitude: float, longitude: float) -> float:
    """Return kilometres on a plane; exact enough within a province."""
    if office.latitude is None or office.longitude is None:
        return math.inf
    scale = math.radians(1) * _EARTH_KM
    east = (office.longitude - longitude) * math.cos(math.radians(latitude)) * scale
    return math.hypot(east, (office.latitude - latitude) * scale)
