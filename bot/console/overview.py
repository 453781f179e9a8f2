"""The first page: what waits, what is sent, what citizens wrote and think, and how all stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import current_app, render_template, url_for

from bot.console.layout import console_blueprint
from bot.console.parts import Rated, parts
from bot.console.policy import needs
from bot.console.sessions import me
from bot.console.words import clock_time, day, words
from bot.core.staff.roles import Role, may

blueprint = console_blueprint("overview")
_FRESH = timedelta(seconds=15)
_RATED = timedelta(days=30)
_STARS = (5, 4, 3, 2, 1)
_MOST_AGENCIES = 8
_FEWEST = 5  # marks; fewer could be traced to somebody who knows who was served
_MOST_NOTICES = 5
_SENDERS = (Role.AUTHOR, Role.APPROVER, Role.OPERATOR)
# What may wait: whose it is, and where it is done.
_WORK: tuple[tuple[str, Collection[Role], str, Mapping[str, Any]], ...] = (
    ("paused", tuple(Role), "console_notices.listing", {"state": "paused"}),
    ("approve", (Role.APPROVER,), "console_notices.listing", {"state": "submitted"}),
    ("returned", (Role.AUTHOR,), "console_notices.listing", {"state": "returned"}),
    ("release", _SENDERS, "console_notices.listing", {"state": "approved"}),
    ("unsure", _SENDERS, "console_unsure.listing", {}),
)


@blueprint.get("/")
@needs(*Role)
def overview() -> str:
    """Show how the desk stands."""
    known, now = parts(), parts().clock()
    midnight = now.astimezone(known.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    today, rows = known.store.today, _deliveries()
    return render_template(
        "console/overview.html",
        today=day(now, known.zone),
        at=now,
        figures=today.figures(midnight),
        wanted=today.wanted_person(midnight),
        work=_work(),
        sending=today.under_way(_MOST_NOTICES),
        may_watch="console_notices.show" in current_app.view_functions,
        health=_health(now),
        rating=_rating(today.ratings((midnight - _RATED).date().isoformat())),
        rows=rows,
        total=sum(row["count"] for row in rows),
    )


def _work() -> list[dict[str, Any]]:
    """Return what waits for who is logged in, each with words, count and where to go."""
    staff, views = me(), current_app.view_functions
    counts = parts().store.today.waiting_for(staff.id)
    return [
        {
            **words()["work"][name],
            "count": getattr(counts, name),
            "href": url_for(endpoint, **arguments) if endpoint in views else "",
        }
        for name, roles, endpoint, arguments in _WORK
        if may(staff.roles, roles) and getattr(counts, name)
    ]


def _health(now: datetime) -> list[dict[str, str]]:
    """Return a line for the worker and for each platform: how it stands and what to do."""
    worker = parts().store.processes.alive("worker", now, within=_FRESH)
    say = words()["health"]
    code = "worker_away" if worker is None else "fine" if worker.get("model") else "no_model"
    lines = [{"name": say["worker"], **say[code]}]
    for platform in parts().platforms(now):
        for trouble in platform.troubles:
            at = clock_time(trouble.at, now, parts().zone) if trouble.at else ""
            filled = {
                part: text.format(at=at, error=trouble.error)
                for part, text in say[trouble.code].items()
            }
            lines.append({"name": platform.name, **filled})
        if not platform.troubles:
            lines.append({"name": platform.name, **say["connected"]})
    return lines


def _rating(rated: Sequence[Rated]) -> dict[str, Any]:
    """Return the marks of all agencies together, and means of those that have many."""
    by_stars: Counter[int] = Counter()
    by_agency: dict[str, Counter[int]] = {}
    for each in rated:
        by_stars[each.stars] += each.count
        by_agency.setdefault(each.agency, Counter())[each.stars] += each.count
    most = sorted(by_agency.items(), key=lambda item: (-item[1].total(), item[0]))
    return {
        "count": by_stars.total(),
        "mean": _mean(by_stars),
        "stars": [(stars, by_stars[stars]) for stars in _STARS],
        "most": max(by_stars.values(), default=0),
        "agencies": [
            (agency, marks.total(), _mean(marks))
            for agency, marks in most[:_MOST_AGENCIES]
            if marks.total() >= _FEWEST
        ],
        "fewest": _FEWEST,
    }


def _mean(marks: Counter[int]) -> str:
    """Return the mean as it is written here, or "" for none.

    >>> _mean(Counter({5: 3, 4: 1}))
    '4,8'
    """
    if not marks:
        return ""
    return f"{sum(stars * count for stars, count in marks.items()) / marks.total():.1f}".replace(
        ".", ","
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
