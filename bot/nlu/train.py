"""``python -m bot.nlu.train``: train when the language changed, judge, then accept or refuse.

``--force`` trains even if nothing changed, ``--force-accept`` takes a model below the floors, and
``--restore [NAME]`` lets an earlier model answer again. Exit status 3: refused, the old one stays.
"""

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
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

from bot.nlu import gate, shelf
from bot.nlu.model import Folders, ModelSettings, model_path

_log = logging.getLogger(__name__)
_TICK_SECONDS = 15.0
REFUSED = 3  # exit status
_ASIDE = "refused-"  # before the name of a model that was not accepted

Say = Callable[[str], None]


class ModelRefused(RuntimeError):
    """A new model does not hold the floors; the message says which and what to do."""


def ensure_model(
    settings: ModelSettings, *, force: bool = False, force_accept: bool = False, say: Say = print
) -> Path:
    """Return the model that answers, after training and judging one if the sources changed.

    Only one training runs at a time: a second caller waits and then uses the first one's model.
    A refused model is neither trained nor judged again until sources, phrases or floors change.
    Raises ModelRefused when the one before stays, RuntimeError when Rasa could not train,
    BadEvaluation when the phrases or floors cannot be read.
    """
    if not force and (ready := _ready(settings, say)):
        return ready
    settings.model_dir.mkdir(parents=True, exist_ok=True)
    with _only_one(settings.model_dir / ".training.lock", say):
        if not force and (ready := _ready(settings, say)):
            return ready
        target = model_path(settings)
        if not (force or force_accept):
            _refuse_again(settings, target)
        aside_in = tempfile.TemporaryDirectory(dir=settings.model_dir, prefix=".training-")
        with aside_in as aside:
            candidate = None if force else _waiting(settings, target)
            candidate = candidate or _trained(Path(aside), target.name, say)
            return _decide(settings, candidate, target, force_accept, say)


def _ready(settings: ModelSettings, say: Say) -> Path | None:
    """Return the model that answers if no training is needed."""
    target, record = model_path(settings), shelf.read(settings.model_dir)
    if not record.knows(target.name):
        return None
    now = record.accepted[0].name
    if now == target.name:
        return target
    if record.pinned:
        say(f"{now} was restored and answers until another training is accepted.")
        return settings.model_dir / now
    known = next(model for model in record.accepted if model.name == target.name)
    shelf.change(settings.model_dir, lambda record: record.with_first(known))
    return target


def _refuse_again(settings: ModelSettings, target: Path) -> None:
    refused = shelf.read(settings.model_dir).refused
    same = refused and (refused.name, refused.judged_by) == (
        target.name,
        gate.digest(settings.evaluation_dir),
    )
    if refused and same:
        raise ModelRefused(_advice(settings, target, refused.failures))


def _waiting(settings: ModelSettings, target: Path) -> Path | None:
    """Return a model of these sources that was trained but not accepted yet."""
    aside = target.with_name(_ASIDE + target.name)
    return next((path for path in (target, aside) if path.is_file()), None)


def _trained(folder: Path, name: str, say: Say) -> Path:
    started = time.monotonic()
    say("Training the language model (one to two minutes) ...")
    with _ticking(say):
        path = _train(folder, name)
    seconds = time.monotonic() - started
    _log.info("event=model_trained model=%s seconds=%.0f", name, seconds)
    say(f"Trained {name} in {seconds:.0f} s, {path.stat().st_size / 1e6:.1f} MB.")
    return path


def _decide(
    settings: ModelSettings, candidate: Path, target: Path, force_accept: bool, say: Say
) -> Path:
    """Put the candidate in its place, or aside. Raises ModelRefused."""
    found = gate.examine(candidate, settings.evaluation_dir)
    for line in _report(found, settings.evaluation_dir):
        say(line)
    failures = found.failures if found else ()
    before = shelf.read(settings.model_dir)
    now = datetime.now(timezone.utc).isoformat(timespec="seconds")
    if failures and before.accepted and not force_accept:
        refused = shelf.Refused(target.name, gate.digest(settings.evaluation_dir), now, failures)
        candidate.replace(target.with_name(_ASIDE + target.name))
        shelf.change(settings.model_dir, lambda record: replace(record, refused=refused))
        _log.warning("event=model_refused model=%s floors=%s", target.name, ",".join(failures))
        raise ModelRefused(_advice(settings, target, failures))
    if failures:
        why = "as asked" if force_accept else "because there is no other"
        say(f"WARNING: {target.name} is below the floors; it is taken {why}.")
    figures = dict(found.figures) if found else {}
    note = "below the floors" if failures else "" if found else "not judged"
    _accept(settings.model_dir, candidate, shelf.Accepted(target.name, now, figures, note))
    return target


def _accept(folder: Path, candidate: Path, accepted: shelf.Accepted) -> None:
    candidate.replace(folder / accepted.name)
    shelf.change(
        folder, lambda record: replace(record.with_first(accepted), refused=None, pinned=False)
    )
    for path in folder.glob(f"{_ASIDE}*"):
        path.unlink(missing_ok=True)
    shelf.prune(folder)
    _log.info("event=model_accepted model=%s note=%s", accepted.name, accepted.note or "-")


def _report(found: gate.Verdict | None, folder: Path) -> list[str]:
    if found is None:
        return [f"No {gate.PHRASES} and {gate.FLOORS} in {folder}: the model is not judged."]
    lines = [f"Judged on the {found.phrases} phrases of {folder}:", *found.lines()]
    if found.unknown:
        lines.append(f"  not judged here: {', '.join(found.unknown)}")
    return lines


def _advice(settings: ModelSettings, target: Path, failures: Sequence[str]) -> str:
    aside = target.with_name(_ASIDE + target.name)
    stays = shelf.answering(settings.model_dir)
    return (
        f"REFUSED: {target.name} does not hold {', '.join(failures)}. "
        f"{stays.name if stays else 'No model'} keeps answering.\n"
        "See its mistakes:       python -m bot.nlu.evaluate "
        f"{settings.evaluation_dir / gate.PHRASES} --model {aside} --mistakes\n"
        "Then mend the phrases and train again, or take it as it is: "
        "python -m bot.nlu.train --force-accept"
    )


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


def _train(folder: Path, name: str) -> Path:
    """Train into ``folder``: a half-written model must never look finished."""
    _quiet_rasa()
    # Warnings are recorded, not filtered: packages reset the filters while they are imported.
    with warnings.catch_warnings(record=True):
        from rasa.model_training import train  # takes seconds and half a gigabyte

    with warnings.catch_warnings(record=True):
        result = train(
            domain="data/nlu",
            config="config.yml",
            training_files=["data/nlu"],
            output=str(folder),
            force_training=True,  # our fingerprint has already decided
            fixed_model_name=name.removesuffix(".tar.gz"),
        )
    if not result.model:
        raise RuntimeError(f"Rasa trained no model (code {result.code})")
    return Path(result.model)


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


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; exit status 0 when an accepted model of the sources is there."""
    plain = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="python -m bot.nlu.train", description=__doc__, formatter_class=plain
    )
    parser.add_argument("--force", action="store_true", help="train even if nothing changed")
    parser.add_argument(
        "--force-accept", action="store_true", help="take the new model even below the floors"
    )
    parser.add_argument(
        "--restore", nargs="?", const="", metavar="NAME", help="let an earlier model answer again"
    )
    parser.add_argument("--models", type=Path, default=Folders.model_dir)
    parser.add_argument("--province", type=Path, default=Folders.province_dir)
    parser.add_argument(
        "--evaluation", type=Path, default=Folders.evaluation_dir,
        help=f"folder of {gate.PHRASES} and {gate.FLOORS} (default: %(default)s)",
    )  # fmt: skip
    return _run(parser.parse_args(arguments))


def _run(options: argparse.Namespace) -> int:
    folders = Folders(options.models, options.province, options.evaluation)
    try:
        if options.restore is not None:
            path = shelf.restore(folders.model_dir, options.restore)
        else:
            path = ensure_model(
                folders,
                force=options.force,
                force_accept=options.force_accept,
                say=_to_stderr,
            )
    except ModelRefused as error:
        _to_stderr(str(error))
        return REFUSED
    except (LookupError, gate.BadEvaluation) as error:
        _to_stderr(f"motcua: {error}")
        return 2
    _to_stderr(f"Model: {path}")
    return 0


def _to_stderr(line: str) -> None:
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())
