"""Which trained model belongs to the sources as they are now. Never imports Rasa."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

from bot.nlu.province import TABLES

_SOURCES = ("config.yml", "bot/core/vietnamese.py", "bot/core/dossiers/codes.py")
_TREES = (("data/nlu", ("*.yml",)), ("bot/nlu", ("*.py", "*.yml")))
# Parts of bot/nlu that read or run a model without changing what is trained.
_NOT_TRAINED = frozenset({"model.py", "train.py", "parser.py", "evaluate.py"})


class ModelSettings(Protocol):
    """The two settings this module needs."""

    @property
    def model_dir(self) -> Path:
        """Return the folder of trained models."""

    @property
    def province_dir(self) -> Path:
        """Return the folder of the province's own tables."""


def current_model(settings: ModelSettings, root: Path = Path()) -> Path | None:
    """Return the model trained from exactly these sources, or None when one must be trained."""
    path = model_path(settings, root)
    return path if path.exists() else None


def latest_model(settings: ModelSettings, root: Path = Path()) -> Path | None:
    """Return the current model, else the newest older one, else None."""
    older = sorted(settings.model_dir.glob("motcua-*.tar.gz"), key=lambda p: p.stat().st_mtime)
    return current_model(settings, root) or (older[-1] if older else None)


def model_path(settings: ModelSettings, root: Path = Path()) -> Path:
    """Return where the model of these sources is or will be: ``motcua-<hash12>.tar.gz``."""
    return settings.model_dir / f"motcua-{fingerprint(settings.province_dir, root)[:12]}.tar.gz"


def fingerprint(province_dir: Path, root: Path = Path()) -> str:
    """Return the SHA-256 of everything that shapes the model, Rasa's version included."""
    digest = hashlib.sha256(version("rasa").encode())
    for path in _files(province_dir, root):
        name = path.relative_to(root) if path.is_relative_to(root) else path
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{name.as_posix()} {content}\n".encode())
    return digest.hexdigest()


def _files(province_dir: Path, root: Path) -> Iterable[Path]:
    yield from (root / name for name in _SOURCES)
    for folder, patterns in _TREES:
        found = {path for pattern in patterns for path in (root / folder).rglob(pattern)}
        yield from sorted(path for path in found if path.name not in _NOT_TRAINED)
    tables = (root / province_dir / name for name in sorted(TABLES.values()))
    yield from (table for table in tables if table.exists())
