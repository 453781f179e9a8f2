"""Builds the registry file from the province's folder and merges imports into it."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import yaml
from sqlite_utils import Database

from bot.core.vietnamese import fold, normalise
from bot.registry import dossiers, procedures
from bot.registry.files import locked, replacing
from bot.registry.index import Progress, index
from bot.registry.rows import BadFile, BadRow, Problem, Row, read_rows
from bot.registry.schema import VERSION, create

# Table, file, column that must be there; the columns of the file are named as in the table.
_PLAIN = (
    ("fields", "fields.csv", "slug"),
    ("topics", "topics.csv", "slug"),
    ("areas", "areas.csv", "slug"),
    ("offices", "offices.csv", "slug"),
    ("words", "words.csv", "phrases"),
    ("absent", "absent.csv", "name"),
)
_FILES = ("province.yml", "procedures.csv", "labels.csv", "dossiers.csv")
_BATCH = 500


@dataclass
class Report:
    """What a build or an import did."""

    built: bool = True
    kept: dict[str, int] = field(default_factory=dict)
    problems: dict[str, list[Problem]] = field(default_factory=dict)

    @property
    def bad(self) -> int:
        """Return how many rows were left out."""
        return sum(map(len, self.problems.values()))


def quiet(done: int, total: int) -> None:
    """Report progress to nobody."""


def build(
    province: Path, target: Path, now: datetime, *, force: bool = False, progress: Progress = quiet
) -> Report:
    """Build ``target`` from the folder ``province``; skipped when nothing changed.

    What was imported before is kept. ``now`` is aware. Raises BadFile when the folder lacks a
    file; bad rows are in the report, good rows in the registry.
    """
    with locked(target):
        digest = _digest(province)
        if not force and stored_digest(target) == digest:
            return Report(built=False)
        report = Report()
        with replacing(target, copy=False) as db:
            create(db)
            _load(db, province, now, report)
            _carry_over(db, target)
            index(db, progress)
            _note(db, digest=digest, version=VERSION, built_at=now.isoformat())
        return report


class Where(Protocol):
    """The part of the settings that says where the registry comes from and stands."""

    @property
    def province_dir(self) -> Path:
        """Return the province's folder."""

    @property
    def registry_path(self) -> Path:
        """Return the registry file."""


def build_registry(
    settings: Where, now: datetime, *, force: bool = False, progress: Progress = quiet
) -> Report:
    """Build the registry where the settings say; see ``build``."""
    where = (settings.province_dir, settings.registry_path)
    return build(*where, now, force=force, progress=progress)


def import_dossiers(
    source: Path, target: Path, now: datetime, *, progress: Progress = quiet
) -> Report:
    """Insert or update the dossiers of a CSV or JSON file. Raises BadFile."""
    rows = list(read_rows(source, dossiers.NEEDED))
    report = Report()
    with locked(target), replacing(target, copy=True) as db:
        labels = _labels(db)

        def record(row: Row, _: int) -> dict[str, Any]:
            return dossiers.dossier_record(row, labels, now.isoformat(), "import")

        _upsert(db, "dossiers", source.name, rows, record, report, progress)
    return report


def import_procedures(
    source: Path, target: Path, now: datetime, *, progress: Progress = quiet
) -> Report:
    """Insert or update the procedures of a CSV file and index them. Raises BadFile."""
    rows = list(read_rows(source, procedures.NEEDED))
    report = Report()
    with locked(target), replacing(target, copy=True) as db:
        fields = _field_slugs(db)
        first = db.execute("select coalesce(max(position), 0) from procedures").fetchone()[0] + 1

        def record(row: Row, number: int) -> dict[str, Any]:
            return procedures.procedure_record(row, fields, first + number, "import")

        _upsert(db, "procedures", source.name, rows, record, report, quiet)
        index(db, progress)
        _note(db, imported_at=now.isoformat())
    return report


def stored_digest(target: Path) -> str | None:
    """Return the content hash a registry file was built from, None when it cannot be read."""
    if not target.is_file():
        return None
    try:
        connection = sqlite3.connect(f"file:{target}?mode=ro", uri=True)
        try:
            row = connection.execute("select value from meta where name = 'digest'").fetchone()
        finally:
            connection.close()
    except sqlite3.Error:
        return None
    return str(row[0]) if row else None


def _digest(province: Path) -> str:
    digest = hashlib.sha256(VERSION.encode())
    for name in sorted([*_FILES, *(file for _, file, _ in _PLAIN)]):
        path = province / name
        if not path.is_file():
            raise BadFile(f"{path} is missing")
        digest.update(name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _load(db: Database, province: Path, now: datetime, report: Report) -> None:
    facts = yaml.safe_load((province / "province.yml").read_text(encoding="utf-8"))
    _note(db, province=json.dumps(facts, ensure_ascii=False))
    for table, file, needed in _PLAIN:
        columns = db.table(table).columns_dict
        rows = list(read_rows(province / file, (needed,)))
        _upsert(db, table, file, rows, _plain_record(columns, needed), report, quiet)
    _load_labels(db, province, report)
    fields, labels = _field_slugs(db), _labels(db)

    def procedure(row: Row, number: int) -> dict[str, Any]:
        return procedures.procedure_record(row, fields, number, "province")

    def dossier(row: Row, _: int) -> dict[str, Any]:
        return dossiers.dossier_record(row, labels, now.isoformat(), "province", relative=True)

    rows = list(read_rows(province / "procedures.csv", procedures.NEEDED))
    _upsert(db, "procedures", "procedures.csv", rows, procedure, report, quiet)
    rows = list(read_rows(province / "dossiers.csv", dossiers.NEEDED))
    _upsert(db, "dossiers", "dossiers.csv", rows, dossier, report, quiet)


def _plain_record(
    columns: Mapping[str, type], needed: str
) -> Callable[[Row, int], dict[str, Any]]:
    def record(row: Row, number: int) -> dict[str, Any]:
        if row.error:
            raise BadRow(row.error)
        row.need(needed)
        return {
            name: number if name == "position" else _cell(row.get(name), name, kind)
            for name, kind in columns.items()
        }

    return record


def _cell(text: str, name: str, kind: type) -> Any:
    if kind is str:
        return normalise(text)
    if not text:
        return None
    try:
        return kind(text)
    except ValueError as error:
        raise BadRow(f"{name} {text!r} is no number") from error


def _load_labels(db: Database, province: Path, report: Report) -> None:
    def record(row: Row, _: int) -> dict[str, Any]:
        if row.error:
            raise BadRow(row.error)
        label = row.need("label")
        return {"folded": fold(label), "label": label, "status": int(row.need("status"))}

    rows = list(read_rows(province / "labels.csv", ("label", "status")))
    _upsert(db, "labels", "labels.csv", rows, record, report, quiet)


def _labels(db: Database) -> dict[str, tuple[str, int]]:
    """Return labels by folded text, and by number with the first label of each number."""
    known: dict[str, tuple[str, int]] = {}
    for row in db.query("select folded, label, status from labels order by rowid"):
        known[row["folded"]] = (row["label"], row["status"])
        known.setdefault(str(row["status"]), (row["label"], row["status"]))
    return known


def _field_slugs(db: Database) -> dict[str, str]:
    return {
        topic: row["slug"]
        for row in db.query("select slug, topics from fields")
        for topic in (row["slug"], *row["topics"].split())
    }


def _upsert(
    db: Database,
    table: str,
    file: str,
    rows: list[Row],
    record: Callable[[Row, int], dict[str, Any]],
    report: Report,
    progress: Progress,
) -> None:
    """Write good rows; list bad ones with line and reason in the report."""
    good: list[dict[str, Any]] = []
    for number, row in enumerate(rows, start=1):
        try:
            good.append(record(row, number))
        except BadRow as error:
            report.problems.setdefault(file, []).append(Problem(row.line, str(error)))
        if number % _BATCH == 0 or number == len(rows):
            db.table(table).insert_all(good, replace=True)
            report.kept[file] = report.kept.get(file, 0) + len(good)
            good.clear()
            progress(number, len(rows))


def _note(db: Database, **facts: str) -> None:
    rows = [{"name": name, "value": value} for name, value in facts.items()]
    db.table("meta").insert_all(rows, replace=True)


def _carry_over(db: Database, old: Path) -> None:
    """Copy imported rows from the registry that is about to be replaced."""
    if not old.is_file():
        return
    try:
        before = Database(sqlite3.connect(f"file:{old}?mode=ro", uri=True))
        try:
            for table in ("procedures", "dossiers"):
                rows = before.query(f"select * from {table} where origin = 'import'")  # noqa: S608
                db.table(table).insert_all(rows, replace=True, ignore=False)
        finally:
            before.close()
    except sqlite3.Error:
        return  # an older or damaged file has nothing to hand over
