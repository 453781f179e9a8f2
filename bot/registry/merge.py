"""Merges dossiers into the register: what is the same stays, what changed leaves a trace."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlite_utils import Database

from bot.core.vietnamese import fold

_TEXTS = (
    "procedure_code", "procedure_name", "agency", "handling_unit", "note", "owner_phone",
    "owner_secret",
)  # fmt: skip
_MOMENTS = ("received", "promised", "finished", "returned")
_FACTS = ("key", "code", "status", "status_label", *_TEXTS, *_MOMENTS, "changed")
_KEPT = (*_FACTS, "as_of", "origin")
PROOF_LIFE = timedelta(days=90)  # of what proves an owner, after the end of the dossier
# What citizens are told of; a new unit, a spelling or a step inside the same state is not.
_TOLD = ("status", "promised", "finished", "returned")


@dataclass(frozen=True)
class Tally:
    """What a file did to the register: dossiers, but ``repeated`` counts rows.

    ``noted`` is how many rows the history gained; ``written`` tells whether anything at all is
    different now.
    """

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    repeated: int = 0
    noted: int = 0
    written: bool = False


class Staging:
    """Rows wait beside the register until the whole file is read; the last row of a code counts.

    Use it inside one transaction: ``add`` rows, then ``settle`` once.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._rows = 0
        columns = ", ".join(name for name in _FACTS if name != "key")
        db.execute("drop table if exists temp.staged")
        db.execute(f"create temp table staged (key text primary key, line integer, {columns})")
        self._insert = (
            f"insert or replace into staged (line, {', '.join(_FACTS)})"  # noqa: S608  our names
            f" values (:line, {', '.join(f':{name}' for name in _FACTS)})"
        )

    def add(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Add records of ``Reader.record``."""
        rows = [
            {**record, "line": self._rows + number} for number, record in enumerate(records, 1)
        ]
        self._rows += len(rows)
        self._db.conn.executemany(self._insert, rows)

    def settle(self, now: datetime, as_of: str, origin: str) -> Tally:
        """Write what waits. A column the file does not have keeps what it held.

        ``origin`` "province" leaves imported dossiers alone, and what is new is not noted: the
        history begins with the first change.
        """
        self._db.conn.create_function("folded", 1, lambda text: fold(text or ""))
        staged = self._count("select count(*) from staged")
        if origin == "province":
            self._db.execute(_DROP_GONE)
            self._db.execute(_LEAVE_IMPORTED)
        self._merge(now, as_of, origin)
        new = self._count("select count(*) from merged where first")
        changed = self._count("select count(*) from merged where not first and altered")
        noted = self._note(now, "" if origin == "import" else "and not first")
        written = self._db.execute(_WRITE).rowcount + self._end_proofs("dossiers", now)
        total = self._count("select count(*) from merged")
        self._db.execute("drop table temp.merged")
        self._db.execute("drop table temp.staged")
        return Tally(new, changed, total - new - changed, self._rows - staged, noted, written > 0)

    def _merge(self, now: datetime, as_of: str, origin: str) -> None:
        self._db.execute("drop table if exists temp.merged")
        self._db.execute(_MERGE, {"as_of": as_of, "origin": origin})
        self._db.execute("update merged set agency = handling_unit where agency = ''")
        self._end_proofs("merged", now)
        self._db.execute(_COMPARE)

    def _end_proofs(self, table: str, now: datetime) -> int:
        sql = _END_PROOFS.format(table=table)
        return int(self._db.execute(sql, [(now - PROOF_LIFE).isoformat()]).rowcount)

    def _note(self, now: datetime, which: str) -> int:
        sql = _NOTE.format(which=which)
        return int(self._db.execute(sql, {"noticed_at": now.isoformat()}).rowcount)

    def _count(self, sql: str) -> int:
        return int(self._db.execute(sql).fetchone()[0])


def _any_differs(names: Iterable[str]) -> str:
    return " or ".join(f"m.{name} is not d.{name}" for name in names)


_DROP_GONE = """
delete from dossiers where origin = 'province' and key not in (select key from staged)
"""
_LEAVE_IMPORTED = """
delete from staged where key in (select key from dossiers where origin = 'import')
"""
_TEXT = ", ".join(f"coalesce(s.{name}, d.{name}, '') as {name}" for name in _TEXTS)
_MOMENT = ", ".join(f"nullif(coalesce(s.{name}, d.{name}), '') as {name}" for name in _MOMENTS)
# "or" would fold every label, "case" only those that differ.
_OTHER_STATE = (
    "(case when s.status is not d.status then 1 when s.status_label is d.status_label then 0"
    " else folded(s.status_label) != folded(d.status_label) end)"
)
# A time of change that was not told belongs to the state before.
_MERGE = f"""
create temp table merged as select s.line, s.key, s.code, s.status, s.status_label, {_TEXT},
    {_MOMENT}, case when s.changed is not null then nullif(s.changed, '')
    when {_OTHER_STATE} then null else d.changed end as changed,
    nullif(s.changed, '') as changed_at, :as_of as as_of, :origin as origin,
    d.key is null as first, {_OTHER_STATE} as moved, 0 as altered, 0 as fresh
from staged s left join dossiers d on d.key = s.key
"""  # noqa: S608  our own names of columns
_COMPARE = f"""
update merged as m set
    altered = {_any_differs(_FACTS)},
    fresh = m.as_of is not d.as_of or m.origin is not d.origin,
    moved = m.moved or {_any_differs(_TOLD)}
from dossiers d where d.key = m.key
"""  # noqa: S608
# Days of the demo that count from today never end: they do not begin with a year.
_END_PROOFS = """
update {table} set owner_phone = '', owner_secret = ''
where (owner_phone != '' or owner_secret != '') and status in (3, 7, 8, 10)
and coalesce(returned, finished, changed) between '2' and ?
"""
_NOTE = """
insert into history (code_key, code, status, label, changed_at, noticed_at, first)
select key, code, status, status_label, changed_at, :noticed_at, first from merged
where (first or moved) {which} order by coalesce(changed_at, ''), line
"""
_WRITE = f"""
insert or replace into dossiers ({", ".join(_KEPT)})
select {", ".join(_KEPT)} from merged where first or altered or fresh
"""  # noqa: S608
