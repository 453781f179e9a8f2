"""What a template may say about a dossier: its days counted, and nothing personal."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Any

from bot.core.dossiers.clock import clock_of
from bot.core.dossiers.days import WorkCalendar
from bot.core.dossiers.dossier import Dossier
from bot.core.dossiers.statuses import Stage, status_of
from bot.core.dossiers.timeline import timeline_of

_PAUSES = {5: "papers", 6: "money"}


def facts(dossier: Dossier, now: datetime, zone: tzinfo, holidays: WorkCalendar) -> dict[str, Any]:
    """Return what a template may know of ``dossier`` at the moment ``now``.

    The fields of ``Clock``; the ``timeline``; ``paused`` is "papers" or "money" while the clock
    waits for the citizen; ``days_waiting`` are working days a dossier lies unchecked and
    ``days_ready`` days a result lies uncollected, None when that is not so or not known.
    Days are local to ``zone``.
    """
    today = now.astimezone(zone).date()
    status = status_of(dossier.status)
    clock = clock_of(dossier, today, holidays)
    changed = dossier.changed_at.astimezone(zone).date() if dossier.changed_at else None
    sent = dossier.received_on if status.stage is Stage.WAITING_OFFICE else None
    ready = dossier.finished_on if status.stage is Stage.READY else None
    return {
        **vars(clock),
        "dossier": dossier,
        "status": status,
        "stage": status.stage.value,
        "today": today,
        "paused": _PAUSES.get(status.number),
        "days_waiting": max(holidays.working_days(sent, today), 0) if sent else None,
        "days_ready": max((today - ready).days, 0) if ready else None,
        "changed_on": changed,
        "as_of": dossier.as_of.astimezone(zone),
        "timeline": timeline_of(dossier, today, clock),
    }
