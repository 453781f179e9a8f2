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
from bot.registry.carry import carry_over
from bot.registry.files import Unchanged, locked, replacing
from bot.registry.index import Progress, index
from bot.registry.ledger import Entry, enter, last_of
from bot.registry.merge import Staging, Tally
from bot.registry.owners import OwnerDigests
from bot.registry.rows import BadFile, BadRow, Loaded, Problem, Row, load, read_rows
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
    dossiers: Tally = field(default_factory=Tally)  # what became of the dossiers of an import

    @property
    def bad(self) -> int:
        """Return how many rows were left out."""
        return sum(map(len, self.problems.values()))


def quiet(done: int, total: int) -> None:
    """Report progress to nobody."""


def build(
    province: Path,
    target: Path,
    now: datetime,
    *,
    force: bool = False,
    progress: Progress = quiet,
    owners: OwnerDigests | None = None,
) -> Report:
    """Build ``target`` from the folder ``province``; skipped when nothing changed.

    What was imported before is kept, and the history with its running numbers. ``now`` is aware;
    ``owners`` makes the digests that prove an owner, none are kept without it. Raises BadFile
    when the folder lacks a file; bad rows are in the report, good rows in the registry.
    """
    owners = owners or OwnerDigests()
    with locked(target):
        digest = _digest(province, owners)
        if not force and stored_digest(target) == digest:
            return Report(built=False)
        report = Report()
        with replacing(target, copy=False) as db:
            create(db)
            carry_over(db, target, now)
            _load(db, province, now, report, owners)
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
    settings: Where,
    now: datetime,
    *,
    force: bool = False,
    progress: Progress = quiet,
    owners: OwnerDigests | None = None,
) -> Report:
    """Build the registry where the settings say; see ``build``."""
    where = (settings.province_dir, settings.registry_path)
    return build(*where, now, force=force, progress=progress, owners=owners)


def import_dossiers(
    source: Path | Loaded,
    target: Path,
    now: datetime,
    *,
    progress: Progress = quiet,
    owners: OwnerDigests | None = None,
) -> Report:
    """Insert or update the dossiers of a CSV, JSON or Excel file. Raises BadFile.

    Either all good rows and the changes they bring are in the registry at the end, or none. The
    same file again changes nothing. Rows say how things stood when the file first came.
    """
    file = load(source) if isinstance(source, Path) else source
    report = Report()
    with locked(target), replacing(target, copy=True) as db:
        _check_version(db)
        before = last_of(db.conn, file.name)
        again = before is not None and before.digest == file.digest
        as_of = before.imported_at if before and again else now.isoformat()
        reader = dossiers.Reader(_labels(db), owners or OwnerDigests())
        staging = _stage(db, file, reader, report, progress)
        tally = report.dossiers = staging.settle(now, as_of, "import")
        if again and not tally.written:
            raise Unchanged
        good, bad = report.kept[file.name], report.bad
        counts = (good, bad, tally.new, tally.changed, tally.unchanged)
        enter(db.conn, Entry(file.name, file.digest, now.isoformat(), *counts))
    return report


def _stage(
    db: Database,
    file: Loaded,
    reader: dossiers.Reader,
    report: Report,
    progress: Progress,
) -> Staging:
    """Read a file of dossiers; list bad rows with line and reason in the report."""
    staging = Staging(db)
    good: list[dict[str, Any]] = []
    kept = number = 0
    for number, row in enumerate(file.rows(dossiers.NEEDED), start=1):
        try:
            good.append(reader.record(row))
        except BadRow as error:
            report.problems.setdefault(file.name, []).append(Problem(row.line, str(error)))
        if len(good) >= _BATCH:
            kept += len(good)
            staging.add(good)
            good.clear()
            progress(number, file.guess and max(number, file.guess))
    staging.add(good)
    report.kept[file.name] = kept + len(good)
    progress(number, number)
    return staging


def _check_version(db: Database) -> None:
    found = db.execute("select value from meta where name = 'version'").fetchone()
    if not found or found[0] != VERSION:
        raise BadFile(
            "the registry is of another version: run 'flask --app server registry build' first"
        )


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


def _digest(province: Path, owners: OwnerDigests) -> str:
    digest = hashlib.sha256(f"{VERSION} {owners.fingerprint}".encode())
    for name in sorted([*_FILES, *(file for _, file, _ in _PLAIN)]):
        path = province / name
        if not path.is_file():
            raise BadFile(f"{path} is missing")
        digest.update(name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _load(
    db: Database, province: Path, now: datetime, report: Report, owners: OwnerDigests
) -> None:
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

    rows = list(read_rows(province / "procedures.csv", procedures.NEEDED))
    _upsert(db, "procedures", "procedures.csv", rows, procedure, report, quiet)
    reader = dossiers.Reader(labels, owners, relative=True)
    staging = _stage(db, load(province / "dossiers.csv"), reader, report, quiet)
    staging.settle(now, now.isoformat(), "province")


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
