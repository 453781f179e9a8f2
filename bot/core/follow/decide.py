"""What a follower is told now, and when the dossier is looked at again. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from bot.core.dossiers.dossier import Dossier
from bot.core.dossiers.statuses import status_of
from bot.core.follow.follow import (
    KEPT_AFTER_END,
    Follow,
    Told,
    is_over,
    is_returned,
    needs_citizen,
    told_of,
)
from bot.core.follow.times import Times

REGISTER = "register"
# Changes are noticed at once; this look finds what no source ever announced.
LOOK_EVERY = timedelta(days=1)
LOOK_AGAIN = timedelta(minutes=15)  # after a source was silent


class Kind(str, Enum):
    """What a message to a follower is about; names a template of wording/follow."""

    STATE = "state"
    PROMISE = "promise"
    REMINDER = "reminder"
    LATE = "late"
    SURVEY = "survey"


@dataclass(frozen=True)
class Telling:
    """One message to one follower. ``key`` is unique among all messages of this follow."""

    kind: Kind
    key: str
    before: Told
    urgent: bool = False


@dataclass(frozen=True)
class Decision:
    """The follow as it is to be kept (not at all when ``over``), and what to tell."""

    follow: Follow
    tellings: tuple[Telling, ...] = ()
    over: bool = False


def decide(
    follow: Follow,
    dossier: Dossier,
    now: datetime,
    times: Times,
    *,
    fresh: bool = True,
    owner: Callable[[], bool] = lambda: True,
) -> Decision:
    """Return what to tell about ``dossier``, the newest state we know of.

    A change waits for the end of the quiet hours unless the citizen must act; several changes in
    one night are one message. ``fresh``: its source has just said so. Reminders and apologies
    need that, or we would apologise for what is long done. Only an ``owner`` is asked how
    satisfied they are.
    """
    ends_at = (follow.ends_at or now + KEPT_AFTER_END) if is_over(dossier) else None
    if ends_at and ends_at <= now:
        return Decision(follow, over=True)
    change = change_of(follow, dossier)
    quiet_until = times.quiet_until(now)
    waits = quiet_until is not None and not needs_citizen(dossier) and not follow.muted
    kept = replace(follow, known=dossier, ends_at=ends_at)
    if not change or not waits:
        kept = replace(kept, told=told_of(dossier), noticed_at=None)
    tellings: list[Telling] = []
    if change and not waits:
        key = f"{change.value} {follow.version}"
        tellings.append(Telling(change, key, follow.told, needs_citizen(dossier)))
    if fresh and quiet_until is None and not follow.muted:
        kept, more = _by_the_clock(kept, now, times, owner)
        # News just told names the promised day already.
        tellings += [each for each in more if each.kind is not Kind.REMINDER or not tellings]
    next_at = _next_look(kept, now, times, quiet_until, fresh=fresh)
    return Decision(replace(kept, next_at=next_at), () if follow.muted else tuple(tellings))


def change_of(follow: Follow, dossier: Dossier) -> Kind | None:
    """Return what kind of news ``dossier`` is for the follower, None if none.

    A label is news only where the number says nothing. A promised day that moves together with
    the day of reception was promised anew, not moved; one that moves in the register without an
    import is a day of the demo, which counts from today.
    """
    told = follow.told
    if dossier.status != told.status:
        return Kind.STATE
    if dossier.status is None and dossier.status_label != told.label:
        return Kind.STATE
    moved = dossier.promised_on is not None and dossier.promised_on != told.promised_on
    same_reception = dossier.received_on == follow.known.received_on
    announced = follow.noticed_at is not None or dossier.source != REGISTER
    runs = status_of(dossier.status).clock_runs
    return Kind.PROMISE if moved and same_reception and announced and runs else None


def _by_the_clock(
    follow: Follow, now: datetime, times: Times, owner: Callable[[], bool]
) -> tuple[Follow, list[Telling]]:
    """Return what time alone makes due, and the follow that has it noted.

    What was due before the citizen followed, they read when they did.
    """
    tellings: list[Telling] = []
    promised = follow.known.promised_on
    if promised and status_of(follow.known.status).clock_runs:
        soon, late = times.reminder_at(promised), times.late_at(promised)
        in_time = times.today(now) <= times.due_on(promised)
        if follow.reminded_for != promised and soon <= now and in_time and follow.since < soon:
            follow = replace(follow, reminded_for=promised)
            tellings.append(Telling(Kind.REMINDER, f"reminder {promised}", follow.told))
        if follow.late_for != promised and late <= now and follow.since < late:
            follow = replace(follow, late_for=promised)
            tellings.append(Telling(Kind.LATE, f"late {promised}", follow.told))
    if is_returned(follow.known) and follow.asked_at is None and owner():
        follow = replace(follow, asked_at=now)
        tellings.append(Telling(Kind.SURVEY, "survey", follow.told))
    return follow, tellings


def _next_look(
    follow: Follow, now: datetime, times: Times, quiet_until: datetime | None, *, fresh: bool
) -> datetime:
    moments = [now + (LOOK_EVERY if fresh else LOOK_AGAIN)]
    if quiet_until and not follow.muted:
        moments.append(quiet_until)
    if follow.ends_at:
        moments.append(follow.ends_at)
    promised = follow.known.promised_on
    if promised and status_of(follow.known.status).clock_runs:
        moments += [times.reminder_at(promised), times.late_at(promised)]
    return min(moment for moment in moments if moment > now)
