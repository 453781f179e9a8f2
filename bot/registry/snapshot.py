"""The small tables of the registry, read once and kept in memory until the file is replaced."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.core.announcements.announcement import Topic
from bot.core.offices.directory import Area, Office
from bot.core.services.catalogue import Field
from bot.core.services.lexicon import Lexicon
from bot.core.vietnamese import fold_tokens
from bot.registry.connection import RegistryFile
from bot.registry.index import split
from bot.registry.places import NamedArea, NamedOffice, Places

_COMMON_ROWS, _COMMON_SHARE = 200, 0.02
_LONG_WORD = 10  # letters; from here two slips are forgiven, below one


@dataclass(frozen=True)
class Snapshot:
    """What is kept in memory; immutable, so threads share it freely."""

    province: Mapping[str, Any]
    fields: tuple[Field, ...]
    topics: tuple[Topic, ...]
    places: Places
    lexicon: Lexicon
    repair: Callable[[str], str | None]
    rarity: Callable[[str], float]
    common: frozenset[str]  # terms of too many rows to find anything by


def load(file: RegistryFile) -> Snapshot:
    """Read the small tables. Raises SourceUnavailable."""
    facts = file.query("select value from meta where name = 'province'")
    lexicon = _lexicon(file)
    return Snapshot(
        province=json.loads(facts[0]["value"]) if facts else {},
        fields=tuple(_fields(file)),
        topics=tuple(
            Topic(row["slug"], row["name"], tuple(split(row["aliases"])))
            for row in file.query("select * from topics order by position")
        ),
        places=_places(file),
        lexicon=lexicon,
        repair=_repair(lexicon.spellings),
        rarity=_rarity(file),
        common=_common(file),
    )


def named(text: str, items: Iterable[tuple[str, Sequence[str]]]) -> str | None:
    """Return the key of the item whose longest name stands in ``text``, marks optional.

    >>> named("tin về BÃO lũ", [("disaster", ["bão", "bão lũ"]), ("policy", ["tin"])])
    'disaster'
    """
    folded = f" {' '.join(fold_tokens(text))} "
    best, key = 0, None
    for item, names in items:
        for name in names:
            words = " ".join(fold_tokens(name))
            if len(words) > best and f" {words} " in folded:
                best, key = len(words), item
    return key


def _fields(file: RegistryFile) -> Iterable[Field]:
    rows = file.query(
        "select f.slug, f.name, f.aliases, count(p.code) as n,"
        " coalesce(sum(p.channels like '%online%'), 0) as online from fields f"
        " left join procedures p on p.field = f.slug group by f.slug order by f.position"
    )
    for row in rows:
        aliases = tuple(split(row["aliases"]))
        yield Field(row["slug"], row["name"], aliases, row["n"], row["online"])


def _places(file: RegistryFile) -> Places:
    areas = [
        NamedArea(
            Area(row["slug"], row["name"], row["kind"], tuple(row["became"].split())),
            tuple(split(row["aliases"])),
            bool(row["needs_kind"]),
        )
        for row in file.query("select * from areas order by position")
    ]
    offices = file.query("select * from offices order by position")
    return Places(areas, [NamedOffice(_office(r), tuple(split(r["aliases"]))) for r in offices])


def _office(row: sqlite3.Row) -> Office:
    return Office(
        slug=row["slug"],
        name=row["name"],
        kind=row["kind"],
        area=row["area"],
        address=row["address"],
        hours=row["hours"],
        saturday=row["saturday"],
        phone=row["phone"],
        email=row["email"],
        latitude=row["lat"],
        longitude=row["lon"],
        demo=bool(row["demo"]),
    )


def _lexicon(file: RegistryFile) -> Lexicon:
    rows = file.query("select kind, phrases from words order by position")
    lexicon = Lexicon([(row["kind"], split(row["phrases"])) for row in rows])
    for row in file.query("select value from meta where name = 'syllables'"):
        lexicon.learn(row["value"])
    return lexicon


def _repair(spellings: Sequence[str]) -> Callable[[str], str | None]:
    """Return a function that gives the spelling one slip away, two for long words."""

    def repair(letters: str) -> str | None:
        slips = 2 if len(letters) >= _LONG_WORD else 1
        found = process.extractOne(letters, spellings, scorer=OSA.distance, score_cutoff=slips)
        return found[0] if found else None

    return repair


def _rarity(file: RegistryFile) -> Callable[[str], float]:
    """Return a function that gives 0 for an unknown term, else near 1 for a rare one."""
    rows = {row["term"]: row["rows"] for row in file.query("select term, rows from rarity")}
    total = file.query("select count(*) as n from search")[0]["n"]
    scale = math.log(total + 1) or 1.0
    known = {term: max(0.05, math.log((total + 1) / n) / scale) for term, n in rows.items()}
    return lambda term: known.get(term, 0.0)


def _common(file: RegistryFile) -> frozenset[str]:
    rows = file.query(
        "select term from rarity where rows > max(?, ? * (select count(*) from search))",
        [_COMMON_ROWS, _COMMON_SHARE],
    )
    return frozenset(row["term"] for row in rows)
