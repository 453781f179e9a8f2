"""``python -m bot.nlu.train [--force]``: train when the language changed, else do nothing."""

from __future__ import annotations

import argparse
import fcntl
import logging
import os
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.nlu.model import ModelSettings, current_model, model_path

_log = logging.getLogger(__name__)
_TICK_SECONDS = 15.0
_KEPT = 2  # models: the current one and the one a running worker may still hold


@dataclass(frozen=True)
class Folders:
    """Where models go and where the province's tables are."""

    model_dir: Path = Path("models")
    province_dir: Path = Path("data/province")


def ensure_model(
    settings: ModelSettings, *, force: bool = False, say: Callable[[str], None] = print
) -> Path:
    """Return the model of the current sources, training it first if it is missing.

    Only one training runs at a time: a second caller waits and then uses the first one's model.
    Raises RuntimeError when Rasa could not train.
    """
    if not force and (ready := current_model(settings)):
        return ready
    settings.model_dir.mkdir(parents=True, exist_ok=True)
    with _only_one(settings.model_dir / ".training.lock", say):
        if not force and (ready := current_model(settings)):
            return ready
        started = time.monotonic()
        say("Training the language model (one to two minutes) ...")
        with _ticking(say):
            path = _train(settings, model_path(settings))
        _prune(settings.model_dir, path)
        seconds = time.monotonic() - started
        _log.info("event=model_trained model=%s seconds=%.0f", path.name, seconds)
        say(f"Trained {path.name} in {seconds:.0f} s, {path.stat().st_size / 1e6:.1f} MB.")
        return path


@contextmanager
def _only_one(lock: Path, say: Callable[[str], None]) -> Iterator[None]:
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another training is running; waiting for it ...")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def _ticking(say: Callable[[str], None]) -> Iterator[None]:
    """Say every few seconds that the work goes on."""
    done = threading.Event()
    started = time.monotonic()

    def tick() -> None:
        while not done.wait(_TICK_SECONDS):
            say(f"  ... {time.monotonic() - started:.0f} s")

    ticker = threading.Thread(target=tick, daemon=True)
    ticker.start()
    try:
        yield
    finally:
        done.set()
        ticker.join()


def _train(settings: ModelSettings, target: Path) -> Path:
    _quiet_rasa()
    # Warnings are recorded, not filtered: packages reset the filters while they are imported.
    with warnings.catch_warnings(record=True):
        from rasa.model_training import train  # takes seconds and half a gigabyte

    # A half-written model must never look finished: train aside, then rename.
    aside_in = tempfile.TemporaryDirectory(dir=settings.model_dir, prefix=".training-")
    with aside_in as aside, warnings.catch_warnings(record=True):
        result = train(
            domain="data/nlu",
            config="config.yml",
            training_files=["data/nlu"],
            output=aside,
            force_training=True,  # our fingerprint has already decided
            fixed_model_name=target.name.removesuffix(".tar.gz"),
        )
        if not result.model:
            raise RuntimeError(f"Rasa trained no model (code {result.code})")
        Path(result.model).replace(target)
    return target


def _quiet_rasa() -> None:
    """Keep Rasa's many progress bars and its packages' warnings off the operator's screen."""
    import structlog

    for name, value in (
        ("LOG_LEVEL", "ERROR"),
        ("TF_CPP_MIN_LOG_LEVEL", "3"),
        ("RASA_TELEMETRY_ENABLED", "false"),
    ):
        os.environ.setdefault(name, value)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))


def _prune(folder: Path, current: Path) -> None:
    older = sorted(
        (path for path in folder.glob("motcua-*.tar.gz") if path != current),
        key=lambda path: path.stat().st_mtime,
        reverse=True,
    )
    for path in older[_KEPT - 1 :]:
        path.unlink(missing_ok=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; exit status 0 when a current model is there."""
    parser = argparse.ArgumentParser(prog="python -m bot.nlu.train", description=__doc__)
    parser.add_argument("--force", action="store_true", help="train even if nothing changed")
    parser.add_argument("--models", type=Path, default=Folders.model_dir)
    parser.add_argument("--province", type=Path, default=Folders.province_dir)
    options = parser.parse_args(arguments)
    folders = Folders(options.models, options.province)
    path = ensure_model(folders, force=options.force, say=_to_stderr)
    _to_stderr(f"Model: {path}")
    return 0


def _to_stderr(line: str) -> None:
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())
