"""Builds the search index: every name of every procedure as terms of the lexicon."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from bot.core.services.lexicon import Lexicon, Term
from bot.core.vietnamese import fold, fold_tokens

if TYPE_CHECKING:  # readers need none of it, and it takes twenty megabytes
    from sqlite_utils import Database

_WORD = re.compile(r"[^\W\d_]+")
Progress = Callable[[int, int], None]


def lexicon_of(db: Database) -> Lexicon:
    """Return the lexicon of a registry file."""
    rows = db.query("select kind, phrases from words order by position")
    return Lexicon([(row["kind"], split(row["phrases"])) for row in rows])


def split(text: str) -> list[str]:
    """Return the parts of a list written with semicolons."""
    return [part for part in (part.strip() for part in text.split(";")) if part]


def index(db: Database, progress: Progress) -> None:
    """Write the tables ``search``, ``search_index`` and ``rarity`` anew."""
    for table in ("search", "rarity"):
        db.execute(f"delete from {table}")  # noqa: S608  two fixed names
    db.execute("insert into search_index(search_index) values ('delete-all')")
    lexicon = lexicon_of(db)
    entries = [*_procedures(db), *_absent(db)]
    rarity: Counter[str] = Counter()
    rows: list[dict[str, Any]] = []
    for done, (key, absent, texts) in enumerate(entries, start=1):
        # One row a name: beside a short name a long list of aliases would seem a poor match.
        for name in dict.fromkeys(tuple(_terms(lexicon, text)) for text in texts):
            terms = sorted({term.id for term in name})
            rarity.update(terms)
            rows.append({"id": len(rows) + 1, "key": key, "absent": absent, "name": _packed(name)})
            db.execute(
                "insert into search_index(rowid, terms) values (?, ?)",
                [len(rows), " ".join(terms)],
            )
        progress(done, len(entries))
    syllables = {
        word for _, _, texts in entries for text in texts for word in _WORD.findall(text.lower())
    }
    db.table("meta").insert(
        {"name": "syllables", "value": " ".join(sorted(syllables))}, replace=True
    )
    db.table("search").insert_all(rows)
    db.table("rarity").insert_all({"term": term, "rows": n} for term, n in rarity.items())


def unpacked(text: str) -> tuple[Term, ...]:
    """Return the name that ``index`` wrote."""
    return tuple(map(_unpacked_term, text.split()))


def _unpacked_term(text: str) -> Term:
    kind, _, identity = text.partition(":")
    return Term(identity, kind)


def _packed(name: Iterable[Term]) -> str:
    return " ".join(f"{term.kind}:{term.id}" for term in name)


def _terms(lexicon: Lexicon, text: str) -> list[Term]:
    return [term for term in lexicon.read_name(text) if term.kind != "ask"]


def _procedures(db: Database) -> Iterator[tuple[str, int, list[str]]]:
    for row in db.query("select code, name, short_name, aliases from procedures order by code"):
        yield row["code"], 0, _names(row)


def _names(row: dict[str, Any]) -> list[str]:
    names = [row["short_name"], *split(row["aliases"])]
    if fold(row["name"]) != fold(row["short_name"]):
        names.append(row["name"])
    return names


def _absent(db: Database) -> Iterator[tuple[str, int, list[str]]]:
    """Yield matters people ask for that no procedure in this file covers."""
    text = "\n".join(
        " ".join(fold_tokens(f"{row['name']} ; {row['aliases']}"))
        for row in db.query("select name, aliases from procedures")
    )
    for row in db.query("select name, phrases, unless from absent"):
        covered = any(" ".join(fold_tokens(part)) in text for part in split(row["unless"]))
        if not covered:
            yield row["name"], 1, split(row["phrases"])
