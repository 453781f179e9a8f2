"""A registry of the demo province, built once, and small files to import."""

import atexit
from datetime import datetime, timezone
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.registry.build import build

PROVINCE = Path("data/province")
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=timezone.utc)  # a Tuesday morning in the province
_FOLDER = TemporaryDirectory(prefix="motcua-registry-")
atexit.register(_FOLDER.cleanup)


@lru_cache(maxsize=1)
def built_registry() -> Path:
    """Return the path of a registry nobody changes."""
    target = Path(_FOLDER.name) / "registry.db"
    report = build(PROVINCE, target, NOW)
    assert not report.problems
    return target


def written(folder: Path, name: str, text: str) -> Path:
    """Return a file with this text."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path
