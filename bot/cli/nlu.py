"""``flask nlu``: train the language model, go back to an earlier one, try it, and teach it."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import click

from bot.cli.candidates import as_training_file
from bot.cli.operating import Refused, actor, ready_store
from bot.nlu import shelf
from bot.nlu.gate import BadEvaluation
from bot.nlu.model import latest_model, model_path
from bot.nlu.parser import Parser
from bot.nlu.train import REFUSED, ModelRefused, ensure_model
from bot.settings import Settings
from bot.store import Reviewed
from bot.wiring.desk import utc_now

_TRAINED_ON = Path("data/nlu")
_SWAP = "A running worker takes it over within ten seconds."


@click.group("nlu")
def nlu() -> None:
    """Language model: train, choose, try, and review what it did not understand."""


@nlu.command("train")
@click.option("--force", is_flag=True, help="Train even if nothing changed.")
@click.option("--force-accept", is_flag=True, help="Take the new model even below the floors.")
def train(force: bool, force_accept: bool) -> None:
    """Train when phrases, names or pipeline changed; otherwise do nothing.

    A new model that does not hold the floors is refused: exit status 3, the old one stays.
    """
    settings = Settings.from_env()
    try:
        path = ensure_model(settings, force=force, force_accept=force_accept, say=_say)
    except ModelRefused as error:
        _say(str(error))
        raise SystemExit(REFUSED) from error
    except BadEvaluation as error:
        raise Refused(str(error)) from error
    click.echo(f"Model: {path}")


@nlu.command("models")
def models() -> None:
    """List the accepted models; the first answers, the others can be restored."""
    record = shelf.read(Settings.from_env().model_dir)
    for number, model in enumerate(record.accepted):
        state = "answers" if number == 0 else "earlier"
        if number == 0 and record.pinned:
            state = "restored"
        figures = "  ".join(f"{name} {value:.1%}" for name, value in model.figures.items())
        notes = "  ".join(filter(None, (figures, model.note)))
        click.echo(f"{state:<9} {model.name}  {model.at or '-':<25}  {notes}".rstrip())
    if not record.accepted:
        click.echo("No model yet: run `make train`.")
    if record.refused:
        failures = ", ".join(record.refused.failures)
        click.echo(f"refused   {record.refused.name}  {record.refused.at}  below: {failures}")


@nlu.command("restore")
@click.argument("name", default="")
def restore(name: str) -> None:
    """Let an earlier model answer again: NAME, else the one before.

    It stays, also over restarts, until another training is accepted.
    """
    try:
        path = shelf.restore(Settings.from_env().model_dir, name)
    except LookupError as error:
        raise Refused(f"Nothing restored: {error.args[0]}.") from error
    click.echo(f"{path.name} answers. {_SWAP}")


@nlu.command("parse")
def parse() -> None:
    """Read lines from standard input, write one JSON object per line: what it understands."""
    settings = Settings.from_env()
    model = latest_model(settings) or ensure_model(settings, say=_say)
    if model.name != model_path(settings).name:
        _say("Phrases changed since this model was trained; answering with it all the same.")
    parser = Parser.open(model)
    lines = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", errors="replace", newline="\n")
    for line in lines:
        click.echo(parser.parse(line.rstrip("\r\n")).as_json())


def _span(_context: click.Context, _option: click.Parameter, text: str | None) -> timedelta | None:
    if text is None:
        return None
    units = {"h": "hours", "d": "days", "w": "weeks"}
    match = re.fullmatch(r"([0-9]{1,4})([hdw])", text.strip().lower())
    if not match:
        raise click.BadParameter(f"{text!r} is no span; write 12h, 7d or 4w")
    return timedelta(**{units[match[2]]: int(match[1])})


@nlu.command("review")
@click.option("--since", callback=_span, help="Only what was first said in the last 12h, 7d, 4w.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 20_000))
@click.option("--export", "path", type=click.Path(path_type=Path), help="Write FILE.yml.")
@click.option("--clear", is_flag=True, help="Delete what was listed or written.")
@click.option("--yes", is_flag=True, help="Delete without asking.")
def review(since: timedelta | None, limit: int, path: Path | None, clear: bool, yes: bool) -> None:
    """Show what the desk was unsure of, masked, most frequent first; or export it as phrases."""
    with ready_store(Settings.from_env()) as store:
        rows = store.review.rows(utc_now() - since if since else None)
        if path:
            _export(rows, path)
        else:
            _table(rows[:limit])
            if len(rows) > limit:
                click.echo(f"... and {len(rows) - limit:,} more: --limit {len(rows)} or --export")
            rows = rows[:limit]
        if clear and rows:
            if not yes:
                click.confirm(f"Delete these {len(rows):,} from the list?", abort=True)
            gone = store.review.remove(row.id for row in rows)
            store.audit.append(actor(), "review_cleared", "review", {"rows": gone}, utc_now())
            click.echo(f"{gone:,} deleted.")


def _table(rows: Sequence[Reviewed]) -> None:
    if not rows:
        click.echo("Nothing to review.")
        return
    click.echo(f"{'reason':<10}{'seen':>5}  {'guessed':<30}{'picked':<24}text")
    for row in rows:
        guessed = f"{row.guessed or '-'} {row.confidence:.2f}"
        click.echo(
            f"{row.reason:<10}{row.seen:>5}  {guessed:<30}{row.picked or '-':<24}{row.text}"
        )


def _export(rows: Sequence[Reviewed], path: Path) -> None:
    if path.suffix not in (".yml", ".yaml"):
        raise Refused(f"The file must end in .yml, not {path.name!r}.")
    if _TRAINED_ON.resolve() in path.resolve().parents:
        raise Refused(f"Nobody has read these yet: write them outside {_TRAINED_ON}.")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(as_training_file(rows))
    except FileExistsError as error:
        raise Refused(f"{path} is there already; give another name.") from error
    except OSError as error:
        raise Refused(f"{path} cannot be written: {error.strerror}.") from error
    click.echo(f"{len(rows):,} phrases in {path}. Read each before moving it to {_TRAINED_ON}.")


def _say(line: str) -> None:
    click.echo(line, err=True)
