"""The first page: what citizens wrote today, what was sent, and whether the desk is at work."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import render_template

from bot.console.layout import console_blueprint
from bot.console.parts import parts
from bot.console.policy import needs
from bot.console.words import day, words
from bot.core.staff.roles import Role

blueprint = console_blueprint("overview")
_FRESH = timedelta(seconds=15)


@blueprint.get("/")
@needs(*Role)
def overview() -> str:
    """Show how the desk stands."""
    known, now = parts(), parts().clock()
    midnight = now.astimezone(known.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    worker = known.store.processes.alive("worker", now, within=_FRESH)
    rows = _deliveries()
    return render_template(
        "console/overview.html",
        today=day(now, known.zone),
        at=now,
        figures=known.store.today.figures(midnight),
        worker=worker is not None,
        model=bool(worker and worker.get("model")),
        rows=rows,
        total=sum(row["count"] for row in rows),
        doubtful=sum(row["count"] for row in rows if row["state"] == "unsure"),
    )


def _deliveries() -> list[dict[str, Any]]:
    """Return each state with its words and count; states nobody is in stay out."""
    counts = {getattr(k, "value", k): v for k, v in parts().store.deliveries.counts().items()}
    most = max(counts.values(), default=0)
    return [
        {**row, "count": counts[row["state"]], "most": most}
        for row in words()["deliveries"]
        if counts.get(row["state"])
    ]
