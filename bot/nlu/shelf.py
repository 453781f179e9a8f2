"""The folder of models: which were accepted, which one answers, which one was refused.

``record.json`` beside the models says so. It is written in one step, so that a worker that looks
at any moment sees the old record or the new one.
"""

from __future__ import annotations

import fcntl
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

PATTERN = "motcua-*.tar.gz"
KEPT = 3  # models: the one that answers and two to go back to
_RECORD = "record.json"


@dataclass(frozen=True)
class Accepted:
    """A model that may answer. ``figures`` are shares of the evaluation phrases.

    ``note`` is "" when the floors held, else why it was accepted all the same.
    """

    name: str
    at: str = ""
    figures: Mapping[str, float] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True)
class Refused:
    """A model that did not hold the floors; ``judged_by`` names the phrases and floors."""

    name: str
    judged_by: str
    at: str = ""
    failures: tuple[str, ...] = ()


@dataclass(frozen=True)
class Record:
    """What is known of the models. The first of ``accepted`` answers.

    ``pinned``: an operator chose it, so it stays until another training is accepted.
    """

    accepted: tuple[Accepted, ...] = ()
    refused: Refused | None = None
    pinned: bool = False

    def knows(self, name: str) -> bool:
        """Return whether the model ``name`` was accepted."""
        return any(model.name == name for model in self.accepted)

    def with_first(self, first: Accepted) -> Record:
        """Return the record with ``first`` as the one that answers."""
        others = (model for model in self.accepted if model.name != first.name)
        return replace(self, accepted=(first, *others))


def read(folder: Path) -> Record:
    """Return the record of a folder without the models that are gone.

    A folder without a record has only models of earlier versions: the newest of them answers.
    """
    try:
        record = _parsed(json.loads((folder / _RECORD).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return Record(tuple(Accepted(path.name, note="no record") for path in _files(folder)))
    except (OSError, ValueError, TypeError, KeyError) as error:
        log.error("event=model_record_unreadable error=%s", type(error).__name__)
        return Record(tuple(Accepted(path.name, note="no record") for path in _files(folder)))
    there = tuple(model for model in record.accepted if (folder / model.name).is_file())
    return replace(record, accepted=there)


def answering(folder: Path) -> Path | None:
    """Return the model that answers, or None when there is none."""
    return next(iter(usable(folder)), None)


def usable(folder: Path) -> list[Path]:
    """Return the accepted models, the one that answers first."""
    return [folder / model.name for model in read(folder).accepted]


def change(folder: Path, how: Callable[[Record], Record]) -> Record:
    """Change the record, one process at a time; return it as it is now."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".record.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        record = how(read(folder))
        aside = folder / f".{_RECORD}"
        text = json.dumps(asdict(record), ensure_ascii=False, indent=2)
        aside.write_text(text + "\n", encoding="utf-8")
        aside.replace(folder / _RECORD)
    return record


def restore(folder: Path, name: str = "") -> Path:
    """Let an earlier model answer again: ``name``, else the one before.

    It stays until another training is accepted. Raises LookupError when there is none.
    """
    chosen: list[Accepted] = []

    def put_first(record: Record) -> Record:
        others = record.accepted if name else record.accepted[1:]
        chosen.extend(model for model in others if name in ("", _short(model.name), model.name))
        if not chosen:
            raise LookupError(f"there is no model {name}" if name else "there is no earlier model")
        return replace(record.with_first(chosen[0]), pinned=True)

    change(folder, put_first)
    log.info("event=model_restored model=%s", chosen[0].name)
    return folder / chosen[0].name


def prune(folder: Path) -> None:
    """Delete all models but the few that can be restored."""
    kept = {model.name for model in read(folder).accepted[:KEPT]}
    for path in folder.glob(PATTERN):
        if path.name not in kept:
            path.unlink(missing_ok=True)


def _short(name: str) -> str:
    return name.removesuffix(".tar.gz")


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob(PATTERN), key=lambda path: path.stat().st_mtime, reverse=True)


def _parsed(data: Mapping[str, Any]) -> Record:
    refused = data.get("refused")
    if refused:
        refused = Refused(**{**refused, "failures": tuple(refused.get("failures", ()))})
    accepted = tuple(Accepted(**model) for model in data["accepted"])
    return Record(accepted, refused or None, bool(data.get("pinned")))
