"""A notice as a form: filled from a notice, read back into one, with what is wrong in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone, tzinfo
from typing import Any

from werkzeug.datastructures import MultiDict

from bot.console.notice_files import Attached
from bot.console.notice_places import read_places
from bot.core.dossiers.statuses import STATUSES
from bot.core.notices.notice import Audience, Notice, Urgency
from bot.core.offices.directory import Directory

TEXTS = ("topic", "title", "body", "issuer", "number", "document_date", "url", "hotline")
_MOST = {"title": 200, "body": 3500, "url": 500, "areas": 4000}
_ELSE = 200
_LOCAL = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True)
class Form:
    """What was filled in.

    ``wrong`` names the fields in doubt, each with what was written; ``long`` those with more
    letters than they hold, each with how many. ``followers`` are those of the topic, ``states``
    numbers of dossier states.
    """

    values: Mapping[str, str]
    channels: tuple[str, ...]
    everyone: bool = False
    followers: bool = True
    states: tuple[int, ...] = ()
    wrong: Mapping[str, str] | None = None
    long: Mapping[str, int] | None = None


@dataclass(frozen=True)
class Around:
    """What a form is read with: ``attached`` and the list ``uploaded`` (a digest) beside it."""

    zone: tzinfo
    directory: Directory
    channels: tuple[str, ...]
    attached: Attached
    uploaded: str = ""


def longest(name: str) -> int:
    """Return how many letters a field holds."""
    return _MOST.get(name, _ELSE)


def filled(notice: Notice, zone: tzinfo, name_of: Callable[[str], str]) -> Form:
    """Return the form of a notice; ``name_of`` gives the name of a place."""
    audience = notice.audience
    values = {name: getattr(notice, name) for name in TEXTS}
    values["urgency"] = notice.urgency.value
    values["areas"] = "; ".join(name_of(slug) for slug in audience.areas)
    for name in ("send_at", "expires_at"):
        moment: datetime | None = getattr(notice, name)
        values[name] = moment.astimezone(zone).strftime(_LOCAL) if moment else ""
    return Form(
        values,
        audience.channels,
        audience.everyone,
        followers=bool(audience.topics) or audience.is_empty,
        states=audience.dossier_states,
    )


def read(
    given: MultiDict[str, str], around: Around, before: Notice | None
) -> tuple[Form, Notice | None]:
    """Return the form as given, and its notice if every field could be read.

    What the form does not show is kept from the notice ``before``.
    """
    values = {
        name: given.get(name, "").replace("\r\n", "\n")  # browsers count a line end as one
        for name in (*TEXTS, "urgency", "areas", "send_at", "expires_at")
    }
    kept = before or Notice("", "", "", "")
    wrong = dict(around.attached.wrong)
    long = {name: len(text) for name, text in values.items() if len(text) > longest(name)}
    areas = () if "areas" in long else read_places(values["areas"], around.directory, wrong)
    send_at = _moment("send_at", values["send_at"], around.zone, wrong)
    expires_at = _moment("expires_at", values["expires_at"], around.zone, wrong)
    form = _chosen(given, values, around.channels, kept.audience, wrong, long)
    if values["urgency"] not in {each.value for each in Urgency}:
        wrong["urgency"] = values["urgency"]
    if wrong or long:
        return form, None
    return form, _notice(form, areas, (send_at, expires_at), around, kept.audience)


def _chosen(
    given: MultiDict[str, str],
    values: Mapping[str, str],
    channels: tuple[str, ...],
    kept: Audience,
    wrong: Mapping[str, str],
    long: Mapping[str, int],
) -> Form:
    """Return the form with everything that was ticked."""
    is_shown = "audience_shown" in given  # boxes without a tick are not sent at all
    ticked = {text for text in given.getlist("states") if text.isdecimal()}
    states = tuple(number for number in STATUSES if str(number) in ticked)
    return Form(
        values,
        tuple(name for name in channels if name in given.getlist("channels")),
        everyone=bool(given.get("everyone")),
        followers=not is_shown or bool(given.get("followers")),
        states=states if is_shown else kept.dossier_states,
        wrong=wrong,
        long=long,
    )


def _notice(
    form: Form,
    areas: tuple[str, ...],
    moments: tuple[datetime | None, datetime | None],
    around: Around,
    kept: Audience,
) -> Notice:
    words: dict[str, Any] = {name: form.values[name] for name in TEXTS}
    audience = Audience(
        topics=(words["topic"],) if words["topic"] and form.followers else (),
        areas=areas,
        channels=form.channels,
        dossier_states=form.states,
        uploaded=around.uploaded,
        everyone=form.everyone,
    )
    return Notice(
        **words,
        audience=kept if kept.corrects is not None else audience,
        area=areas[0] if len(areas) == 1 else None,
        urgency=Urgency(form.values["urgency"]),
        attachment_name=around.attached.document_name,
        attachment_digest=around.attached.document,
        picture_digest=around.attached.picture,
        send_at=moments[0],
        expires_at=moments[1],
    )


def _moment(name: str, text: str, zone: tzinfo, wrong: dict[str, str]) -> datetime | None:
    if not text:
        return None
    try:
        local = datetime.strptime(text, _LOCAL).replace(tzinfo=zone)
        return local.astimezone(timezone.utc)
    except (ValueError, OverflowError):  # the first of January of the year 1 is none in UTC
        wrong[name] = text
        return None
