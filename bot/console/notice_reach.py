"""The reach of a notice as its page shows it: what was forecast, and what happened instead."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.console.notice_parts import Kept, notice_parts
from bot.console.notice_words import notice_words
from bot.console.sending_words import sending_words
from bot.core.notices.draft import Draft
from bot.core.notices.progress import Tally, differences
from bot.core.notices.states import OVER, State

_FRESH = timedelta(hours=6)  # windows close by the hour
_OPEN = (State.DRAFT, State.RETURNED, State.SUBMITTED, State.APPROVED, State.PLANNED)


def reach_of(draft: Draft, tally: Tally, now: datetime) -> dict[str, Any]:
    """Return what the section about reach needs."""
    kept = notice_parts().store.forecasts.newest(draft.id)
    is_over = draft.state in OVER and tally.total > 0
    return {
        "kept": kept,
        "outdated": _outdated(draft, kept, now),
        "channels": [_channel(each) for each in kept.figures["channels"]] if kept else [],
        "happened": _happened(kept, tally) if kept and is_over else None,
        "open": draft.state in _OPEN,
    }


def _outdated(draft: Draft, kept: Kept | None, now: datetime) -> str:
    """Return why an approver should not trust the forecast, or ""."""
    if draft.state not in _OPEN:
        return ""
    if kept is None:
        return "missing"
    if kept.fingerprint != draft.fingerprint:
        return "changed"
    return "old" if now - kept.at > _FRESH else ""


def _channel(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Return one channel's table: rows with their reason, cost and time, and the offers."""
    from_when = figures.get("later_from")
    rows = [
        {**part, "fate": fate, "first": number == 0, "of": len(figures[fate])}
        for fate in ("at_once", "later", "never")
        for number, part in enumerate(figures[fate])
    ]
    return {
        "name": notice_words()["channels"].get(figures["channel"], figures["channel"]),
        "rows": rows,
        "later_from": datetime.fromisoformat(from_when) if from_when else None,
        "minutes": -(-int(figures["lasts_seconds"]) // 60),
        "offers": [
            {**sending_words()["offers"][each["offer"]], "count": each["count"]}
            for each in figures["offers"]
        ],
    }


def _happened(kept: Kept, tally: Tally) -> dict[str, Any]:
    """Return forecast and outcome side by side, and the difference in words."""
    never: dict[str, int] = {}
    for channel in kept.figures["channels"]:
        for part in channel["never"]:
            never[part["reason"]] = never.get(part["reason"], 0) + part["count"]
    expected = int(kept.figures["at_once"]) + int(kept.figures["later"])
    known = {**notice_words()["reasons"], **sending_words()["differences"]}
    found = differences(never, tally)
    return {
        "expected": expected,
        "reached": tally.arrived,
        "off": tally.arrived - expected,
        "why": [
            (known.get(reason, reason), count)
            for reason, count in sorted(found.items(), key=lambda item: -abs(item[1]))
        ],
    }
