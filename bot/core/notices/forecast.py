"""The reach of a notice before it goes out: how many at once, later, never, and why.

Everything here is arithmetic over counts; the store counts citizens by channel and reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from math import ceil
from typing import Any

from bot.core.notices.hours import Hours
from bot.core.notices.notice import Notice, Urgency
from bot.core.work.rate import BURST, FLOW, KEPT_BACK
from bot.core.work.windows import CHARGED_REASON, CLOSED_REASON

QUIET_HOURS = "quiet_hours"
STOPPED, BLOCKED, UNFOLLOWED = "stopped", "blocked", "unfollowed"
QUOTA_USED = "quota_used"
NOT_SUBSCRIBED, OTHER_AREA, AREA_UNKNOWN = "not_subscribed", "other_area", "area_unknown"
PAYING = "paying"  # reached, in the time for which the platform charges
DIGEST, PAYING_DIGEST = "digest", "paying_digest"  # reached with the day's or the week's digest
GOES = ""  # no reason against it
_GATHERED = frozenset({DIGEST, PAYING_DIGEST})
_OFFERED_FOR = frozenset({CLOSED_REASON, CHARGED_REASON, UNFOLLOWED})


class Cost(str, Enum):
    """What a message costs whoever runs the desk."""

    FREE = "free"
    CHARGED = "charged"  # per message, by the platform's list
    NONE = "none"  # nothing is sent


class Offer(str, Enum):
    """Another way to people whose window is closed, by hand in the platform's own tool."""

    ARTICLE = "article"  # broadcast of an article to followers, within the account's quota
    TEMPLATE = "template"  # registered template, charged per message


@dataclass(frozen=True)
class Group:
    """So many citizens of a channel with the same fate; ``reason`` "" means it goes."""

    channel: str
    reason: str
    count: int


@dataclass(frozen=True)
class Part:
    """So many citizens, why, and what it costs to write to them."""

    count: int
    reason: str = GOES
    cost: Cost = Cost.FREE

    def as_json(self) -> dict[str, Any]:
        """Return a JSON-ready dict."""
        return {"count": self.count, "reason": self.reason, "cost": self.cost.value}


@dataclass(frozen=True)
class ChannelForecast:
    """What to expect on one channel. ``lasts`` is how long sending takes at the allowed rate.

    ``later_from`` is the end of the night; digests come at their own times.
    """

    channel: str
    at_once: tuple[Part, ...] = ()
    later: tuple[Part, ...] = ()
    never: tuple[Part, ...] = ()
    later_from: datetime | None = None
    lasts: timedelta = timedelta(0)
    offers: tuple[tuple[Offer, int], ...] = ()

    def count(self, *parts: str) -> int:
        """Return how many citizens are in ``at_once``, ``later`` or ``never``."""
        return sum(part.count for name in parts for part in getattr(self, name))

    def as_json(self) -> dict[str, Any]:
        """Return a JSON-ready dict."""
        parts = {
            name: [part.as_json() for part in getattr(self, name)]
            for name in ("at_once", "later", "never")
        }
        return {
            "channel": self.channel,
            **parts,
            "later_from": self.later_from.isoformat() if self.later_from else None,
            "lasts_seconds": ceil(self.lasts.total_seconds()),
            "offers": [{"offer": offer.value, "count": count} for offer, count in self.offers],
        }


@dataclass(frozen=True)
class Forecast:
    """What to expect of a notice that goes out at ``at``."""

    at: datetime
    channels: tuple[ChannelForecast, ...] = ()

    def count(self, *parts: str) -> int:
        """Return how many citizens are in ``at_once``, ``later`` or ``never``."""
        return sum(each.count(*parts) for each in self.channels)

    def as_json(self) -> dict[str, Any]:
        """Return a JSON-ready dict; this is what is kept."""
        totals = {name: self.count(name) for name in ("at_once", "later", "never")}
        channels = [each.as_json() for each in self.channels]
        return {"at": self.at.isoformat(), **totals, "channels": channels}


@dataclass(frozen=True)
class Circumstances:
    """What is the same for everybody. ``per_minute`` is each limited channel's call rate.

    ``offering`` names channels on whose platform an article or a template can be sent instead.
    """

    hours: Hours = field(default_factory=Hours)
    per_minute: Mapping[str, int] = field(default_factory=dict)
    offering: frozenset[str] = frozenset({"zalo"})


def forecast(
    notice: Notice, groups: Iterable[Group], now: datetime, around: Circumstances
) -> Forecast:
    """Return what to expect if ``notice`` is approved and released now."""
    at = max(now, notice.send_at) if notice.send_at else now
    by_channel: dict[str, list[Group]] = {}
    for group in groups:
        if group.count:
            by_channel.setdefault(group.channel, []).append(group)
    channels = (
        _of_channel(notice, name, by_channel[name], at, around) for name in sorted(by_channel)
    )
    return Forecast(at, tuple(channels))


def _of_channel(
    notice: Notice, name: str, groups: Sequence[Group], at: datetime, around: Circumstances
) -> ChannelForecast:
    waits = not notice.is_urgent and around.hours.is_quiet(at)
    going = [group for group in groups if group.reason in (GOES, PAYING)]
    reached = tuple(
        Part(group.count, QUIET_HOURS if waits else GOES, _cost(group)) for group in going
    )
    gathered = tuple(
        Part(group.count, DIGEST, _cost(group)) for group in groups if group.reason in _GATHERED
    )
    never = tuple(
        Part(group.count, group.reason, Cost.NONE)
        for group in sorted(groups, key=lambda group: -group.count)
        if group not in going and group.reason not in _GATHERED
    )
    return ChannelForecast(
        name,
        at_once=() if waits else reached,
        later=(*reached, *gathered) if waits else gathered,
        never=never,
        later_from=around.hours.earliest(at) if waits else None,
        lasts=_lasts(sum(part.count for part in reached), notice.urgency, name, around),
        offers=_offers(never, name, around),
    )


def _cost(group: Group) -> Cost:
    return Cost.CHARGED if group.reason in (PAYING, PAYING_DIGEST) else Cost.FREE


def _lasts(count: int, urgency: Urgency, channel: str, around: Circumstances) -> timedelta:
    """Return how long ``count`` calls take; a channel without a limit takes no time."""
    limit = around.per_minute.get(channel)
    if not limit:
        return timedelta(0)
    kept = KEPT_BACK[2 if urgency is Urgency.BULK else 1]
    waiting = max(0.0, count - limit * BURST * (1 - kept))
    return timedelta(minutes=waiting / (limit * FLOW))


def _offers(
    never: Sequence[Part], channel: str, around: Circumstances
) -> tuple[tuple[Offer, int], ...]:
    if channel not in around.offering:
        return ()
    missed = sum(part.count for part in never if part.reason in _OFFERED_FOR)
    articles = sum(
        part.count for part in never if part.reason in _OFFERED_FOR - {UNFOLLOWED}
    )  # an article only reaches who follows the account
    offers = ((Offer.ARTICLE, articles), (Offer.TEMPLATE, missed))
    return tuple((offer, count) for offer, count in offers if count)


def outcome(
    expected: Mapping[str, Any], states: Mapping[str, int], skipped: Mapping[str, int]
) -> dict[str, Any]:
    """Return what happened beside what was expected; ``off`` is how far it was missed.

    ``states`` counts the rows of the ledger by state, ``skipped`` those skipped by reason.
    """
    got = sum(states.get(name, 0) for name in ("sent", "delivered"))
    hoped = int(expected.get("at_once", 0)) + int(expected.get("later", 0))
    return {
        "expected": hoped,
        "reached": got,
        "off": got - hoped,
        "states": dict(states),
        "skipped": dict(skipped),
    }
