"""Citizens who follow dossiers, for the tests of store and lane together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.core.dossiers.codes import DossierCode
from bot.core.dossiers.days import WEEKENDS_ONLY
from bot.core.dossiers.dossier import Dossier
from bot.core.dossiers.facts import facts
from bot.core.errors import DossierNotFound, SourceUnavailable
from bot.core.follow.follow import CONSENT
from bot.core.follow.notices import Notices
from bot.core.follow.snapshot import as_json
from bot.core.follow.times import Times
from bot.core.messages import Citizen
from bot.core.work.follow_lane import FollowLane
from bot.store import Store
from tests.builders import WORDING, ZONE, a_dossier
from tests.contract.store_builders import NOW, talk

MORNING = NOW.replace(day=23, hour=2)  # a Monday, nine o'clock there
CODE = "000.00.19.H39-260915-0001"


def following(store: Store, dossier: Dossier, sender: str = "lan", **changes: Any) -> Citizen:
    """A citizen follows a dossier by the effect of a turn."""
    effect = {
        "effect": "follow_dossier",
        "code": dossier.code,
        "consent": CONSENT,
        "known": as_json(dossier),
    }
    return talk(store, effects=[effect], sender=sender, now=MORNING, sent_at=MORNING, **changes)


@dataclass
class Book:
    """A dossier source in memory that may fall silent."""

    name: str = "register"
    silent: bool = False
    asked: int = 0

    def __post_init__(self) -> None:
        self.known: dict[str, Dossier] = {}

    def put(self, *dossiers: Dossier) -> None:
        for dossier in dossiers:
            kept = replace(dossier, source=self.name)
            self.known[DossierCode(dossier.code).key] = kept

    def fetch(self, code: DossierCode) -> Dossier:
        if self.silent:
            raise SourceUnavailable(self.name)
        if code.key not in self.known:
            raise DossierNotFound(self.name)
        return self.known[code.key]

    def states(self, codes: Sequence[DossierCode]) -> Mapping[str, Dossier]:
        self.asked += 1
        if self.silent:
            raise SourceUnavailable(self.name)
        return {code.key: self.known[code.key] for code in codes if code.key in self.known}


@dataclass(frozen=True)
class Line:
    """One line of the history."""

    number: int
    key: str


class History:
    """The history of an embedded register, in memory."""

    def __init__(self) -> None:
        self.lines: list[Line] = []

    def add(self, *codes: str) -> None:
        for code in codes:
            self.lines.append(Line(len(self.lines) + 1, DossierCode(code).key))

    def since(self, number: int, limit: int) -> Sequence[Line]:
        return [line for line in self.lines if line.number > number][:limit]


def a_lane(
    store: Store,
    *sources: Any,
    history: History | None = None,
    owner: Callable[[int, DossierCode], bool] = lambda citizen_id, code: False,
    follows: Any = None,
) -> FollowLane:
    def known_facts(dossier: Dossier, now: datetime) -> dict[str, Any]:
        return facts(dossier, now, ZONE, WEEKENDS_ONLY)

    notices = Notices(WORDING, known_facts, owner, lambda people, now: people, ZONE)
    every = timedelta(minutes=10)
    kept = follows or store.follows
    return FollowLane(kept, history, sources, notices, Times(ZONE), every)


def heard(store: Store, now: datetime, channel: str = "zalo") -> list[str]:
    """Send what is due; return the first lines."""
    sent = []
    for delivery in store.deliveries.claim(now, "lane", channel, 50, timedelta(seconds=30)):
        store.deliveries.sent(delivery, f"p{delivery.id}", now)
        sent.append(delivery.reply.text.partition("\n")[0])
    return sent


def at(moment: datetime) -> Callable[[], datetime]:
    return lambda: moment


def changed(**change: Any) -> Dossier:
    return a_dossier(**{"changed_at": MORNING, **change})
