"""How long somebody stays logged in, and how long an invitation to enrol is good."""

from __future__ import annotations

from datetime import datetime, timedelta

IDLE = timedelta(minutes=30)
WHOLE = timedelta(hours=12)
LINK_LIFE = timedelta(hours=48)
DEVICE_LIFE = timedelta(days=180)  # a browser is known this long after its last log-in
NOTE_EVERY = timedelta(minutes=1)  # being seen again sooner is not worth a write


def is_over(begun_at: datetime, seen_at: datetime, now: datetime) -> bool:
    """Return whether a session has ended: long unused, or simply long."""
    return now >= seen_at + IDLE or now >= begun_at + WHOLE


def is_worth_noting(seen_at: datetime, now: datetime) -> bool:
    """Return whether the store should learn that a session is in use."""
    return now >= seen_at + NOTE_EVERY
