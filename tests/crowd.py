"""A crowd written straight into the store, and a notice's ledger beside the receiver's log."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timezone

from sqlalchemy import text

from bot.store import Store
from bot.store.schema import citizens, subscriptions

TOPIC = "thien-tai"
_PAGE = 20_000  # rows


def utc_now() -> datetime:
    """Return the present moment."""
    return datetime.now(timezone.utc)


def noon_zone() -> str:
    """Return a time zone where it is about noon: no quiet hours in the hours to come."""
    ahead = 12 - utc_now().hour
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"  # these names count westwards


def gather(store: Store, size: int, name: str = "u{}", topic: str = TOPIC) -> Iterator[int]:
    """Write citizens 1 to ``size`` who wrote just now and follow ``topic``, page by page.

    ``name`` makes the platform's id out of ours. Yields how many each page has.
    """
    now = utc_now()
    for first in range(1, size + 1, _PAGE):
        ids = range(first, min(first + _PAGE, size + 1))
        people = [
            {
                "id": number,
                "channel": "zalo",
                "external_id": name.format(number),
                "first_interaction_at": now,
                "last_interaction_at": now,
            }
            for number in ids
        ]
        with store._db.write() as connection:
            connection.execute(citizens.insert(), people)
        subscribe(store, ids, topic)
        yield len(ids)
    with store._db.write() as connection:
        connection.execute(text("ANALYZE"))  # PostgreSQL does so within a minute, by itself


def subscribe(store: Store, ids: Iterable[int], topic: str) -> None:
    """Let citizens follow a topic."""
    told = {"topic": topic, "consent_at": utc_now(), "source": "test"}
    with store._db.write() as connection:
        connection.execute(subscriptions.insert(), [{"citizen_id": each, **told} for each in ids])


def ledger(store: Store, announcement_id: int) -> dict[int, dict[str, str]]:
    """Return the lines of a notice's CSV export by citizen; nobody may have two."""
    lines = (line.lstrip("\ufeff") for line in store.broadcasts.export(announcement_id))
    rows = list(csv.DictReader(lines))
    by_citizen = {int(row["citizen"]): row for row in rows}
    assert len(by_citizen) == len(rows), "somebody has two rows"
    return by_citizen


def fates(rows: Mapping[int, Mapping[str, str]]) -> dict[str, int]:
    """Return how many lines there are of each state."""
    return dict(Counter(row["state"] for row in rows.values()))


def contradictions(
    rows: Mapping[int, Mapping[str, str]], heard: Mapping[int, Sequence[str]]
) -> list[str]:
    """Compare a ledger with what the receiver heard: the ids of its messages by citizen.

    Sent means heard once, under that id; unsure at most once; everything else never.
    """
    found = [f"{who} heard something and has no line" for who in heard.keys() - rows.keys()]
    for who, row in rows.items():
        told = list(heard.get(who, ()))
        if not _agrees(row, told):
            found.append(f"{who} is {row['state']} and heard {len(told)}")
    return found


def _agrees(row: Mapping[str, str], told: Collection[str]) -> bool:
    if row["state"] in ("sent", "delivered"):
        return list(told) == [row["platform_message_id"]]
    return len(told) <= (row["state"] == "unsure")
