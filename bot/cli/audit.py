"""``flask --app server audit``: was anything in the record of acts changed afterwards?"""

from __future__ import annotations

import click

from bot.cli.operating import ready_store
from bot.settings import Settings


@click.group()
def audit() -> None:
    """Check the record of who did what."""


@audit.command()
@click.option("--head", "expected", help="The digest noted down at an earlier check.")
def verify(expected: str | None) -> None:
    """Follow the chain of digests; exit status 1 and the place when it is broken.

    Rows cut off at the end leave no gap: note down the digest this prints, somewhere else, and
    give it next time.
    """
    with ready_store(Settings.from_env()) as store:
        broken = store.audit.verify()
        if broken is not None:
            raise click.ClickException(
                f"The chain breaks at row {broken}: it was changed, or the row before it is gone."
            )
        if expected and not store.audit.has(expected):
            raise click.ClickException(
                "The chain holds, but the row with the digest given is gone: "
                "rows were cut off at the end."
            )
        click.echo(f"The chain holds: {store.audit.count():,} rows, head {store.audit.head()}.")
