"""A notice as a form: filled from a notice, read back into one, with what is wrong in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone, tzinfo
from typing import Any

from werkzeug.datastructures import MultiDict

from bot.console.notice_places import read_places
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
    letters than they hold, each with how many.
    """

    values: Mapping[str, str]
    channels: tuple[str, ...]
    everyone: bool = False
    wrong: Mapping[str, str] | None = None
    long: Mapping[str, int] | None = None


def longest(name: str) -> int:
    """Return how many letters a field holds."""
    return _MOST.get(name, _ELSE)


def filled(notice: Notice, zone: tzinfo, name_of: Callable[[str], str]) -> Form:
    """Return the form of a notice; ``name_of`` gives the name of a place."""
    values = {name: getattr(notice, name) for name in TEXTS}
    values["urgency"] = notice.urgency.value
    values["areas"] = "; ".join(name_of(slug) for slug in notice.audience.areas)
    for name in ("send_at", "expires_at"):
        moment: datetime | None = getattr(notice, name)
        values[name] = moment.astimezone(zone).strftime(_LOCAL) if moment else ""
    return Form(values, notice.audience.channels, notice.audience.everyone)


def read(
    given: MultiDict[str, str],
    zone: tzinfo,
    directory: Directory,
    channels: tuple[str, ...],
    before: Notice | None,
) -> tuple[Form, Notice | None]:
    """Return the form as given, and its notice if every field could be read.

    What the form does not show is kept from the notice ``before``.
    """
    values = {
        name: given.get(name, "").replace("\r\n", "\n")  # browsers count a line end as one
        for name in (*TEXTS, "urgency", "areas", "send_at", "expires_at")
    }
    chosen = tuple(name for name in channels if name in given.getlist("channels"))
    wrong: dict[str, str] = {}
    long = {name: len(text) for name, text in values.items() if len(text) > longest(name)}
    areas = () if "areas" in long else read_places(values["areas"], directory, wrong)
    send_at = _moment("send_at", values["send_at"], zone, wrong)
    expires_at = _moment("expires_at", values["expires_at"], zone, wrong)
    everyone = bool(given.get("everyone"))
    form = Form(values, chosen, everyone, wrong, long)
    if values["urgency"] not in {each.value for each in Urgency}:
        wrong["urgency"] = values["urgency"]
    if wrong or long:
        return form, None
    return form, _notice(form, areas, send_at, expires_at, before or Notice("", "", "", ""))


def _notice(
    form: Form,
    areas: tuple[str, ...],
    send_at: datetime | None,
    expires_at: datetime | None,
    kept: Notice,
) -> Notice:
    words: dict[str, Any] = {name: form.values[name] for name in TEXTS}
    audience = Audience(
        topics=(words["topic"],) if words["topic"] else (),
        areas=areas,
        channels=form.channels,
        dossier_states=kept.audience.dossier_states,
        uploaded=kept.audience.uploaded,
        everyone=form.everyone,
    )
    return Notice(
        **words,
        audience=kept.audience if kept.audience.corrects is not None else audience,
        area=areas[0] if len(areas) == 1 else None,
        urgency=Urgency(form.values["urgency"]),
        attachment_name=kept.attachment_name,
        attachment_digest=kept.attachment_digest,
        picture_digest=kept.picture_digest,
        send_at=send_at,
        expires_at=expires_at,
    )


def _moment(name: str, text: str, zone: tzinfo, wrong: dict[str, str]) -> datetime | None:
    if not text:
        return None
    try:
        local = datetime.strptime(text, _LOCAL).replace(tzinfo=zone)
    except ValueError:
        wrong[name] = text
        return None
    return local.astimezone(timezone.utc)
