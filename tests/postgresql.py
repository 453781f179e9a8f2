"""A private PostgreSQL server, reached through a socket file: no port is opened."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_DEBIANS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def binaries() -> Path | None:
    """Return the folder of the server's programs, or None if they are not installed."""
    found = shutil.which("initdb")
    return _DEBIANS[0] if _DEBIANS else Path(found).parent if found else None


def as_server_user(folder: Path) -> list[str]:
    """Return the words before a command: the server refuses to run as root."""
    if os.getuid() != 0:
        return []
    shutil.chown(folder, "postgres", "postgres")
    return ["runuser", "-u", "postgres", "--"]


def options(folder: Path, *, fsync: bool) -> str:
    """Return what the server in ``folder`` is started with."""
    flush = "on" if fsync else "off"
    return f"-k {folder} -c listen_addresses='' -c fsync={flush} -c max_connections=60"


@contextmanager
def private_server(programs: Path, *, fsync: bool) -> Iterator[str]:
    """Yield the address of a new, empty server; ``fsync`` off is for who never cuts its power."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    data, prefix = folder / "data", as_server_user(folder)

    def run(*command: object) -> None:
        words = [*prefix, *map(str, command)]
        subprocess.run(words, check=True, cwd="/", stdout=subprocess.DEVNULL, timeout=60)

    try:
        run(programs / "initdb", "-D", data, "-U", "motcua", "-A", "trust", "-E", "UTF8", "-N")
        how = ["-D", data, "-l", folder / "log", "-w", "-o", options(folder, fsync=fsync)]
        run(programs / "pg_ctl", *how, "start")
        yield f"postgresql://motcua@/postgres?host={folder}"
        run(programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
