"""Reads the province's file of announcements, whose times may be relative to now."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from bot.core.vietnamese import normalise
from bot.registry.rows import BadFile

_NEEDED = ("source_id", "topic", "title", "body", "issuer")
_OPTIONAL = ("area", "number", "url", "hotline")


def read_announcements(path: Path, now: datetime) -> list[dict[str, Any]]:
    """Return the announcements as rows for the store, oldest first.

    ``now`` is aware. ``days_ago`` and ``hours_ago`` or ``published_at`` give the time of
    publication, ``expires_in_days`` or ``expires_at`` the end. Raises BadFile.
    """
    try:
        items = yaml.safe_load(path.read_text(encoding="utf-8")) or []
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise BadFile(f"{path}: {error}") from error
    rows = [_row(path, number, item, now) for number, item in enumerate(items, start=1)]
    return sorted(rows, key=lambda row: (row["published_at"], row["source_id"]))


def _row(path: Path, number: int, item: dict[str, Any], now: datetime) -> dict[str, Any]:
    missing = [name for name in _NEEDED if not str(item.get(name) or "").strip()]
    if missing:
        raise BadFile(f"{path}: announcement {number} has no {', '.join(missing)}")
    ago = timedelta(days=float(item.get("days_ago", 0)), hours=float(item.get("hours_ago", 0)))
    lines = [normalise(line) for line in str(item["body"]).strip().splitlines()]
    return {
        "source_id": str(item["source_id"]),
        "topic": str(item["topic"]),
        "title": normalise(str(item["title"])),
        "body": "\n".join(lines),
        "issuer": normalise(str(item["issuer"])),
        "published_at": _moment(item.get("published_at"), now) or now - ago,
        **{name: str(item[name]) if item.get(name) else None for name in _OPTIONAL},
        "urgent": bool(item.get("urgent", False)),
        "expires_at": _expiry(item, now),
        "demo": bool(item.get("demo", True)),
    }


def _expiry(item: dict[str, Any], now: datetime) -> datetime | None:
    if "expires_in_days" in item:
        return now + timedelta(days=float(item["expires_in_days"]))
    return _moment(item.get("expires_at"), now)


def _moment(value: Any, now: datetime) -> datetime | None:
    """Return a moment from ISO text or what YAML made of it; without a zone it is ``now``'s."""
    if value is None:
        return None
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return moment if moment.tzinfo else moment.replace(tzinfo=now.tzinfo)
