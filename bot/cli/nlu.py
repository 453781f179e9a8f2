"""``flask nlu``: train the language model, see how it understands a line."""

from __future__ import annotations

import io
import sys

import click

from bot.nlu.model import current_model, latest_model
from bot.nlu.parser import Parser
from bot.nlu.train import ensure_model
from bot.settings import Settings


@click.group("nlu")
def nlu() -> None:
    """Language model: train and try."""


@nlu.command("train")
@click.option("--force", is_flag=True, help="Train even if nothing changed.")
def train(force: bool) -> None:
    """Train when phrases, names or pipeline changed; otherwise do nothing."""
    path = ensure_model(Settings.from_env(), force=force, say=_say)
    click.echo(f"Model: {path}")


@nlu.command("parse")
def parse() -> None:
    """Read lines from standard input, write one JSON object per line: what it understands."""
    settings = Settings.from_env()
    model = latest_model(settings) or ensure_model(settings, say=_say)
    if model != current_model(settings):
        _say("Phrases changed since the last training; answering with the older model.")
    parser = Parser.open(model)
    lines = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", errors="replace", newline="\n")
    for line in lines:
        click.echo(parser.parse(line.rstrip("\r\n")).as_json())


def _say(line: str) -> None:
    click.echo(line, err=True)
