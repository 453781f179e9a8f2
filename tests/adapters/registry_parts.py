"""A registry of the demo province, built once, and small files to import."""

from datetime import datetime, timezone
from functools import lru_cache
from pathlib import Path
from tempfile import mkdtemp

from bot.registry.build import build

PROVINCE = Path("data/province")
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=timezone.utc)  # a Tuesday morning in the province


@lru_cache(maxsize=1)
def built_registry() -> Path:
    """Return the path of a registry nobody changes."""
    target = Path(mkdtemp(prefix="motcua-registry-")) / "registry.db"
    report = build(PROVINCE, target, NOW)
    assert not report.problems
    return target


def written(folder: Path, name: str, text: str) -> Path:
    """Return a file with this text."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path
