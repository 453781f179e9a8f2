"""Replaces the registry file as a whole, so that readers never see half of it."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlite_utils import Database

from bot.registry.rows import BadFile


class Unchanged(Exception):
    """Raised inside ``replacing``: the draft is the same as the target, which then stays."""


@contextmanager
def replacing(target: Path, *, copy: bool) -> Iterator[Database]:
    """Give a database that takes the place of ``target`` at the end, or not at all.

    To be used inside ``locked``. A process killed meanwhile leaves the target as it was and a
    draft, which the next one clears away.
    """
    if copy and not target.is_file():
        raise BadFile(f"{target} is missing: run 'flask --app server registry build' first")
    _clear_drafts(target)
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    if copy:
        shutil.copyfile(target, draft)
    db = Database(draft)
    try:
        db.conn.isolation_level = None
        db.execute("pragma synchronous = off")  # the draft is thrown away when the process dies
        with db.atomic():
            yield db
        db.close()
        _sync(draft)
        draft.replace(target)
    except Unchanged:
        pass
    finally:
        db.close()
        draft.unlink(missing_ok=True)
        draft.with_name(draft.name + "-journal").unlink(missing_ok=True)


def _clear_drafts(target: Path) -> None:
    draft = re.compile(rf"\.{re.escape(target.name)}\.\d+(-journal)?")
    for path in target.parent.iterdir():
        if draft.fullmatch(path.name):
            path.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


@contextmanager
def locked(target: Path) -> Iterator[None]:
    """Let one process at a time write the registry; others wait."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.with_name(f".{target.name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
