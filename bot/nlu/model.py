"""Which trained model belongs to the sources as they are now. Never imports Rasa."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

from bot.nlu import shelf
from bot.nlu.province import TABLES

_SOURCES = ("config.yml", "bot/core/vietnamese.py", "bot/core/dossiers/codes.py")
_TREES = (("data/nlu", ("*.yml",)), ("bot/nlu", ("*.py", "*.yml")))
# Parts of bot/nlu that read or run a model without changing what is trained.
_NOT_TRAINED = frozenset(
    {
        "model.py",
        "train.py",
        "parser.py",
        "evaluate.py",
        "gate.py",
        "shelf.py",
        "figures.py",
        "report.py",
        "steps.py",
        "near.py",
    }  # fmt: skip
)


class ModelSettings(Protocol):
    """The settings training needs."""

    @property
    def model_dir(self) -> Path:
        """Return the folder of trained models."""

    @property
    def province_dir(self) -> Path:
        """Return the folder of the province's own tables."""

    @property
    def evaluation_dir(self) -> Path:
        """Return the folder of the phrases and floors a new model is judged by."""


@dataclass(frozen=True)
class Folders:
    """The same settings as plain paths."""

    model_dir: Path = Path("models")
    province_dir: Path = Path("data/province")
    evaluation_dir: Path = Path("tests/nlu")


def current_model(settings: ModelSettings, root: Path = Path()) -> Path | None:
    """Return the model trained from exactly these sources, or None when there is none.

    It need not be the one that answers: an operator may have gone back to an earlier one.
    """
    path = model_path(settings, root)
    return path if path.exists() else None


def latest_model(settings: ModelSettings, root: Path = Path()) -> Path | None:
    """Return the model that answers: the one accepted or restored last, or None."""
    return next(iter(usable_models(settings, root)), None)


def usable_models(settings: ModelSettings, root: Path = Path()) -> list[Path]:
    """Return the models that may answer, the best first; earlier ones are for when it fails."""
    if found := shelf.usable(settings.model_dir):
        return found
    current = current_model(settings, root)
    return [current] if current else []


def marked(path: Path) -> str:
    """Return a name that changes when the file does: ``motcua-<hash12>.tar.gz@<nanoseconds>``."""
    try:
        return f"{path.name}@{path.stat().st_mtime_ns}"
    except FileNotFoundError:  # pruned this very moment
        return f"{path.name}@0"


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
