"""``flask --app server notices send|pause|cancel|unsure|export``: what was approved goes out."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

import click
from tqdm import tqdm

from bot.cli.operating import Refused, actor, ready_store
from bot.core.messages import DeliveryState
from bot.core.notices.approval import Hand
from bot.core.notices.approval import command as command_hand
from bot.core.notices.draft import Draft
from bot.core.notices.states import OVER, State
from bot.settings import Settings
from bot.store import Store
from bot.store.unsure import UnsureRow
from bot.store.wake import Waker
from bot.wiring.desk import build_wording, utc_now
from bot.wiring.notices import build_notice_lane

_LOOK_EVERY = 1.0  # seconds
_REST = 10  # times as long as a look took
_WORKER_FRESH = timedelta(seconds=15)
_OPEN = {DeliveryState.QUEUED.value, DeliveryState.RETRY.value, DeliveryState.SENDING.value}


def hand() -> Hand:
    """Return whoever runs the command, as the notice's history names them."""
    return command_hand(actor())


def decided(draft: Draft) -> None:
    """Say where a notice stands now."""
    click.echo(f"Notice {draft.id} ({draft.code}) is {draft.state.value}.")


@click.command()
@click.argument("draft_id", type=int)
@click.option("--watch", is_flag=True, help="Show how far it is until it is through.")
def send(draft_id: int, watch: bool) -> None:
    """Release an approved notice: it goes out at its time, or at once if it has none.

    Approving is not a command: it takes the session of a person who neither wrote, changed nor
    submitted the notice, and a second one in an emergency.
    """
    settings = Settings.from_env()
    with ready_store(settings) as store:
        draft = _found(store, draft_id)
        if draft.state not in (State.PLANNED, State.SENDING):
            draft = store.drafts.schedule(draft_id, hand(), None, utc_now())
        decided(draft)
        lane = build_notice_lane(settings, store, build_wording(settings))
        wake = Waker(settings.data_dir)
        lane.step(utc_now, lambda: wake.notify("worker"))
        if store.processes.alive("worker", utc_now(), _WORKER_FRESH) is None:
            click.echo("No worker is running: nothing leaves before one does (make run).")
        if watch:
            decided(_watch(store, draft_id))


@click.command()
@click.argument("draft_id", type=int)
@click.option("--reason", default="", help="For the notice's history.")
def pause(draft_id: int, reason: str) -> None:
    """Let nothing more of a notice leave until it is resumed; holds between two recipients."""
    with ready_store(Settings.from_env()) as store:
        decided(store.broadcasts.pause(draft_id, hand(), reason, utc_now()))


@click.command()
@click.argument("draft_id", type=int)
@click.option("--reason", required=True, help="For the notice's history.")
@click.option("--yes", is_flag=True, help="Cancel without asking.")
def cancel(draft_id: int, reason: str, yes: bool) -> None:
    """Give a notice up: who has it keeps it, nobody else gets it. This cannot be taken back."""
    with ready_store(Settings.from_env()) as store:
        draft = _found(store, draft_id)
        if not yes:
            click.confirm(f"Cancel notice {draft.id} ({draft.state.value})?", abort=True)
        decided(store.broadcasts.cancel(draft_id, hand(), reason, utc_now()))


@click.command()
@click.argument("draft_id", type=int)
@click.option(
    "--decide",
    type=click.Choice(["arrived", "again"]),
    help="Count them as arrived, or send each once more; else they are only listed.",
)
@click.option("--delivery", type=int, help="Only this one; else all of the notice.")
@click.option("--yes", is_flag=True, help="Decide without asking.")
def unsure(draft_id: int, decide: str | None, delivery: int | None, yes: bool) -> None:
    """List recipients of whom nobody knows whether they got the notice, or decide about them."""
    with ready_store(Settings.from_env()) as store:
        announcement_id, looked_at = _sent(_found(store, draft_id)), utc_now()
        rows = _unsure_rows(store, announcement_id)
        count = 0
        for row in rows:
            count += 1
            if delivery in (None, row.delivery_id):
                click.echo(
                    f"delivery={row.delivery_id} citizen={row.citizen_id} channel={row.channel} "
                    f"code={row.error_code} at={row.at.isoformat(timespec='seconds')}"
                )
        if not count:
            click.echo("Nobody.")
        elif decide:
            again = decide == "again"
            if not yes:
                what = "Send once more" if again else "Count as arrived"
                click.confirm(f"{what}: {'one' if delivery else count}?", abort=True)
            _decide(store, announcement_id, delivery, looked_at, again)


def _unsure_rows(store: Store, announcement_id: int) -> Iterator[UnsureRow]:
    after = 0
    while rows := store.unsure.rows(announcement_id, after):
        yield from rows
        after = rows[-1].delivery_id


def _decide(
    store: Store, announcement_id: int, delivery: int | None, looked_at: datetime, again: bool
) -> None:
    """Decide as the page of the console does; somebody else may have been faster."""
    if delivery is None:
        now = utc_now()
        count = store.unsure.decide_all(announcement_id, hand(), looked_at, now, again=again)
    else:
        mine = any(row.delivery_id == delivery for row in _unsure_rows(store, announcement_id))
        if not mine:
            raise Refused(f"Delivery {delivery} is not in doubt for this notice.")
        count = int(store.unsure.decide(delivery, hand(), utc_now(), again=again))
    click.echo(f"Decided: {count}.")


@click.command()
@click.argument("draft_id", type=int)
@click.option("--to", "path", type=click.Path(path_type=Path), help="A new file; else the screen.")
def export(draft_id: int, path: Path | None) -> None:
    """Write what became of every recipient as CSV, of any size."""
    with ready_store(Settings.from_env()) as store:
        pieces = store.broadcasts.export(_sent(_found(store, draft_id)))
        if path is None:
            _note_export(store, draft_id)
            for piece in pieces:
                click.echo(piece, nl=False)
            return
        try:
            with path.open("x", encoding="utf-8", newline="") as file:
                _note_export(store, draft_id)
                bar = tqdm(pieces, desc="Exporting", unit=" rows", disable=_quiet())
                file.writelines(bar)
        except OSError as error:
            raise Refused(f"{path} cannot be written: {error.strerror}.") from error
        click.echo(f"Written to {path}.")


sending = (send, pause, cancel, unsure, export)


def _found(store: Store, draft_id: int) -> Draft:
    draft = store.drafts.find(draft_id)
    if draft is None:
        raise Refused(f"There is no notice {draft_id}.")
    return draft


def _note_export(store: Store, draft_id: int) -> None:
    """Note who takes the ledger along, before the first row leaves."""
    store.audit.append(actor(), "notice_exported", f"draft:{draft_id}", {}, utc_now())


def _sent(draft: Draft) -> int:
    if draft.announcement_id is None:
        raise Refused(f"Notice {draft.id} is {draft.state.value}: nothing was sent yet.")
    return draft.announcement_id


def _watch(store: Store, draft_id: int, rest: Callable[[float], None] = time.sleep) -> Draft:
    """Show progress until the notice is through, paused or given up."""
    with tqdm(desc="Sending", unit=" recipients", disable=_quiet()) as bar:
        while True:
            draft, began = _found(store, draft_id), time.monotonic()
            if draft.announcement_id is not None:
                _show(bar, store.deliveries.counts(draft.announcement_id))
            if draft.state in OVER | {State.PAUSED}:
                return draft
            # A million rows take seconds to count: most of the time is for the senders.
            rest(max(_LOOK_EVERY, _REST * (time.monotonic() - began)))


def _show(bar: tqdm, counts: Mapping[str, int]) -> None:
    bar.total = sum(counts.values())
    bar.n = sum(count for state, count in counts.items() if state not in _OPEN)
    bar.set_postfix({name: count for name, count in sorted(counts.items()) if count})


def _quiet() -> bool:
    return not sys.stderr.isatty()
