"""Reads the registry: procedures and their search, fields, topics, areas and offices."""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from bot.core.announcements.announcement import Topic
from bot.core.offices.directory import Area, Office
from bot.core.services.catalogue import Field, Match, Procedure
from bot.core.services.lexicon import KIND_WEIGHT
from bot.core.services.search import Name, Query, Scored, rank, weigh
from bot.core.vietnamese import normalise
from bot.registry.connection import RegistryFile, Stamp
from bot.registry.index import split, unpacked
from bot.registry.procedures import procedure_code
from bot.registry.snapshot import Snapshot, load, named

_CODE = re.compile(r"(?<![\w.-])\d\.\d{6}(?:\.[0-9A-Za-z]+)*(?![\w-])")
_CANDIDATES = 120  # names of the index looked at closely
_TERMS = 10  # of a query that ask the index
_SURELY_ABSENT = 0.7  # "bao giờ có kết quả" is not about the lottery's results
_LONGEST_QUERY = 1000  # letters; a matter is named well before that


class Registry:
    """The province's reference data. Implements Catalogue, Directory and Topics.

    Any number of threads may use one object; a rebuilt file is noticed at the next call. Raises
    SourceUnavailable when the file is missing or broken.
    """

    def __init__(self, path: Path) -> None:
        self._file = RegistryFile(path)
        self._lock = threading.Lock()
        self._snapshot: tuple[Stamp, Snapshot] | None = None

    @property
    def province(self) -> Mapping[str, Any]:
        """Return the facts of ``province.yml``."""
        return self._loaded().province

    def find(self, code: str) -> Procedure | None:
        """Return the procedure with this code (local suffixes ignored), or None."""
        national = procedure_code(normalise(code))
        if national is None:
            return None
        rows = self._file.query("select * from procedures where code = ?", [national])
        return _procedure(rows[0]) if rows else None

    def search(self, query: str, limit: int = 10) -> Sequence[Match]:
        """Return the procedures a citizen may mean, best first; nothing rather than nonsense."""
        text = normalise(query)[:_LONGEST_QUERY]
        coded = [self.find(code) for code in dict.fromkeys(_CODE.findall(text))]
        if exact := [Match(procedure, 1.0) for procedure in coded if procedure]:
            return exact[:limit]
        ranked = [item for item in self._ranked(text) if not item.absent][:limit]
        found = {row["code"]: row for row in self._rows([item.key for item in ranked])}
        return [Match(_procedure(found[item.key]), item.score) for item in ranked]

    def absent(self, query: str) -> str | None:
        """Return the name of a matter that ``query`` means and no procedure here covers."""
        ranked = self._ranked(normalise(query)[:_LONGEST_QUERY])
        sure = bool(ranked) and ranked[0].absent and ranked[0].score >= _SURELY_ABSENT
        return ranked[0].key if sure else None

    def _ranked(self, text: str) -> Sequence[Scored]:
        loaded = self._loaded()
        lexicon = loaded.lexicon
        asked = weigh(lexicon.read(text, loaded.repair), loaded.rarity, lexicon.kin)
        if asked.empty:
            return ()
        return rank(asked, self._candidates(asked, loaded.common), loaded.rarity)

    def _candidates(
        self, asked: Query, common: frozenset[str]
    ) -> Iterator[tuple[str, bool, Name]]:
        terms = sorted(asked.weights, key=lambda term: -asked.weights[term])
        # Terms of thousands of rows cost milliseconds each and only matter in the ranking.
        rare = [t for t in terms if t not in common or asked.weights[t] >= KIND_WEIGHT["subject"]]
        terms = (rare or terms)[:_TERMS]
        rows = self._file.query(
            "select key, absent, name from search where id in (select rowid from search_index"
            " where search_index match ? order by rank limit ?)",
            [" OR ".join(f'"{term}"' for term in terms), _CANDIDATES],
        )
        for row in rows:
            yield row["key"], bool(row["absent"]), _name(row["name"])

    def _rows(self, codes: Sequence[str]) -> list[sqlite3.Row]:
        marks = ",".join("?" * len(codes))
        return self._file.query(f"select * from procedures where code in ({marks})", codes)  # noqa: S608

    def fields(self) -> Sequence[Field]:
        """Return the fields that hold procedures, in display order."""
        return [field for field in self._loaded().fields if field.count]

    def find_field(self, text: str) -> Field | None:
        """Return the field named by ``text``, also one without procedures yet, or None."""
        fields = {field.slug: field for field in self._loaded().fields}
        if text in fields:
            return fields[text]
        names = [(slug, (field.name, *field.aliases)) for slug, field in fields.items()]
        slug = named(text, names)
        return fields[slug] if slug else None

    def in_field(
        self, slug: str, *, online_only: bool = False, offset: int = 0, limit: int = 5
    ) -> tuple[Sequence[Procedure], int]:
        """Return one page of a field's procedures and how many there are in all."""
        where = "where field = ?" + (" and channels like '%online%'" if online_only else "")
        total = self._file.query(f"select count(*) as n from procedures {where}", [slug])  # noqa: S608
        rows = self._file.query(
            f"select * from procedures {where} order by position limit ? offset ?",  # noqa: S608
            [slug, limit, max(offset, 0)],
        )
        return [_procedure(row) for row in rows], total[0]["n"]

    def all(self) -> Sequence[Topic]:
        """Return every topic in display order."""
        return self._loaded().topics

    def find_topic(self, text: str) -> Topic | None:
        """Return the topic a slug, name or everyday word means, or None."""
        topics = {topic.slug: topic for topic in self._loaded().topics}
        if text in topics:
            return topics[text]
        slug = named(
            text, [(slug, (topic.name, *topic.aliases)) for slug, topic in topics.items()]
        )
        return topics[slug] if slug else None

    @property
    def topics(self) -> RegistryTopics:
        """Return the view of this registry that implements Topics."""
        return RegistryTopics(self)

    def find_areas(self, text: str) -> Sequence[Area]:
        """Return the areas a text names (marks optional), most specific first."""
        return self._loaded().places.find_areas(normalise(text))

    def successors(self, area: Area) -> Sequence[Area]:
        """Return today's areas for an old one; the area itself if it still exists."""
        return self._loaded().places.successors(area)

    def find_offices(self, text: str, areas: Sequence[Area] = ()) -> Sequence[Office]:
        """Return offices that a text and areas mean, best first."""
        return self._loaded().places.find_offices(normalise(text), areas)

    def nearest(self, latitude: float, longitude: float, limit: int = 3) -> Sequence[Office]:
        """Return the offices nearest to a point."""
        return self._loaded().places.nearest(latitude, longitude, limit)

    def main_office(self) -> Office:
        """Return the province's public service centre."""
        return self._loaded().places.main_office()

    def close(self) -> None:
        """Close this thread's connection."""
        self._file.close()

    def _loaded(self) -> Snapshot:
        stamp = self._file.stamp()
        held = self._snapshot
        if held is None or held[0] != stamp:
            with self._lock:
                held = self._snapshot
                if held is None or held[0] != stamp:
                    held = (stamp, load(self._file))
                    self._snapshot = held
        return held[1]


class RegistryTopics:
    """The topics of a registry; ``Catalogue.find`` and ``Topics.find`` cannot share one class."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def all(self) -> Sequence[Topic]:
        """Return every topic in display order."""
        return self._registry.all()

    def find(self, text: str) -> Topic | None:
        """Return the topic a slug, name or everyday word means, or None."""
        return self._registry.find_topic(text)


@lru_cache(maxsize=16_384)
def _name(packed: str) -> Name:
    return Name.of(unpacked(packed))


def _procedure(row: sqlite3.Row) -> Procedure:
    return Procedure(
        code=row["code"],
        name=row["name"],
        short_name=row["short_name"],
        aliases=tuple(split(row["aliases"])),
        field=row["field"],
        field_name=row["field_name"],
        levels=tuple(filter(None, row["levels"].split("+"))),
        channels=tuple(filter(None, row["channels"].split("+"))),
        time_limit=row["time_limit"],
        time_status=row["time_status"],
        fee=row["fee"],
        fee_kind=row["fee_kind"],
        papers=tuple(filter(None, row["papers"].split("\n"))),
        result=row["result"],
        url=row["url"],
        verification=row["verification"],
        note=row["note"],
    )
