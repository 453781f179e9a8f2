"""``docs/privacy.md`` names every table, every column about a citizen and every file, truly."""

from __future__ import annotations

import re
from datetime import timedelta
from fnmatch import fnmatch
from pathlib import Path

import pytest

from bot.core.follow.follow import KEPT_AFTER_END
from bot.sources.onestop.known import TERM
from bot.store import leaving, privacy
from bot.store.follow_effects import MARK_LIFE
from bot.store.hooks import REMEMBERED
from bot.store.reported import REPORT_LIFE
from bot.store.schema import metadata
from bot.wiring.sources import KNOWN_FILE
from tests.privacy_page import named, tables_under

CITIZENS = [
    table
    for table in metadata.sorted_tables
    if "citizen_id" in table.c or table.name in {"citizens", "pictures"}
]


def test_every_table_is_on_the_page_and_no_other() -> None:
    listed = [name for row in tables_under("Tables") for name in named(row["table"])]

    assert sorted(listed) == sorted(metadata.tables)


@pytest.mark.parametrize("table", CITIZENS, ids=lambda table: str(table.name))
def test_every_column_about_a_citizen_is_on_the_page_and_no_other(table: object) -> None:
    rows = [row for row in tables_under("Columns") if table.name in named(row["table"])]  # type: ignore[attr-defined]
    listed = [name for row in rows for name in named(row["columns"])]

    assert sorted(listed) == sorted(table.c.keys())  # type: ignore[attr-defined]


def test_every_table_about_citizens_is_erased_or_stays_without_them() -> None:
    rows = {name: row for row in tables_under("Tables") for name in named(row["table"])}

    for table in CITIZENS:
        assert re.match("erased|stays without the citizen", rows[table.name]["on request"])
        assert "exported" in rows[table.name]["on request"]


def test_every_row_says_why_how_long_and_who() -> None:
    for row in (*tables_under("Tables"), *tables_under("Files")):
        assert all(row.values()), row


def test_the_terms_are_those_of_the_code() -> None:
    terms = {row["what"]: row["term"] for row in tables_under("Terms")}

    assert terms["running talk (messages, answers, context, where from)"] == _hours(
        privacy.TEXT_LIFE
    )
    assert terms["rows of messages and deliveries without content"] == _days(privacy.ROW_LIFE)
    assert terms["news of a followed dossier"] == _days(privacy.NEWS_LIFE)
    assert terms["digest of notices"] == _days(privacy.NEWS_LIFE)
    assert terms["followed dossier"].endswith(_days(KEPT_AFTER_END))
    assert terms["citizen who wants nothing from us any more"] == _days(leaving.IDLE_LIFE)
    assert terms["calls of a back office nobody could take in"] == _days(privacy.EVENT_LIFE)
    assert terms["states reported before their register has them"] == _days(REPORT_LIFE)
    assert terms["that a dossier was rated"] == _days(MARK_LIFE)
    assert terms["last known states of a one-stop system"] == _days(TERM)
    assert terms["signatures of calls of a back office"].startswith(
        str(REMEMBERED // timedelta(minutes=1))
    )


def unlisted(folder: Path) -> list[str]:
    """Return the files of a data folder that are not on the page."""
    patterns = [name for row in tables_under("Files") for name in named(row["file"])]
    found = [
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()
    ]
    return [name for name in found if not any(fnmatch(name, pattern) for pattern in patterns)]


def test_the_files_the_code_names_are_on_the_page(tmp_path: Path) -> None:
    names = ["motcua.db", "registry.db", ".registry.db.lock", ".registry.db.17", KNOWN_FILE]
    names += ["secret.key", "token.key", "spool/1-2-a.jsonl", "spool/refused-4.lines"]
    for name in (*names, "wake/worker-7-a.sock"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()

    assert unlisted(tmp_path) == []
    (tmp_path / "notes.txt").touch()
    assert unlisted(tmp_path) == ["notes.txt"]


def _hours(life: timedelta) -> str:
    return f"{life // timedelta(hours=1)} hours"


def _days(life: timedelta) -> str:
    return f"{life.days} days"
