"""Replaces the registry file as a whole, so that readers never see half of it."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlite_utils import Database

from bot.registry.rows import BadFile


@contextmanager
def replacing(target: Path, *, copy: bool) -> Iterator[Database]:
    """Give a database that takes the place of ``target`` at the end, or not at all."""
    if copy and not target.is_file():
        raise BadFile(f"{target} is missing: run 'flask --app server registry build' first")
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
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
    finally:
        db.close()
        draft.unlink(missing_ok=True)
        draft.with_name(draft.name + "-journal").unlink(missing_ok=True)


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
