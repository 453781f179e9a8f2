"""Joins what watches followed dossiers: the answers of the desk and the worker's lane."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from bot.core.announcements.answers import AnnouncementAnswers
from bot.core.desk import AnswerFunction, Wording
from bot.core.dossiers.answers import DossierAnswers
from bot.core.dossiers.codes import DossierCode
from bot.core.dossiers.dossier import Dossier
from bot.core.dossiers.facts import facts
from bot.core.follow.answers import FollowAnswers
from bot.core.follow.follow import Follows
from bot.core.follow.notices import Notices
from bot.core.follow.ratings import RatingAnswers
from bot.core.follow.stars import Stars
from bot.core.follow.times import Times
from bot.core.work.follow_lane import FollowLane
from bot.registry.changes import Changes
from bot.registry.holidays import read_calendar
from bot.settings import Settings
from bot.store import Store
from bot.wiring.hours import build_hours
from bot.wiring.lookups import build_proofs
from bot.wiring.sources import build_sources


def follow_answers(
    follows: Follows,
    dossiers: DossierAnswers,
    news: AnnouncementAnswers,
    wording: Wording,
    zone: tzinfo,
    stars: Stars,
    mark: Callable[[DossierCode], str],
) -> dict[str, AnswerFunction]:
    """Return the answers about followed dossiers, and those of news that end or list them too."""
    follow = FollowAnswers(follows, dossiers, wording, zone)
    ratings = RatingAnswers(follows, wording, zone, stars, mark)
    return {
        "action_follow_dossier": follow.follow,
        "action_unfollow_dossier": follow.unfollow,
        "action_my_dossiers": follow.mine,
        "action_mute_dossier": follow.mute,
        "action_unmute_dossier": follow.unmute,
        "action_rate_dossier": ratings.rate,
        "action_rate_service": ratings.wish,
        "action_my_subscriptions": follow.beside(news.mine),
        "action_stop": follow.ended_by(news.stop),
        "action_unsubscribe_topic": follow.unless_told(follow.ended_by(news.unsubscribe)),
    }


def build_follow_lane(
    settings: Settings, store: Store, wording: Wording, clock: Callable[[], datetime]
) -> FollowLane:
    """Return the lane that notices changes and tells followers."""
    zone = ZoneInfo(settings.timezone)
    calendar = read_calendar(settings.province_dir)
    sources = build_sources(settings, store)
    proofs = build_proofs(settings, store, sources)

    def owner(citizen_id: int, code: DossierCode) -> bool:
        return proofs.owner(citizen_id, code, clock())

    def known_facts(dossier: Dossier, now: datetime) -> dict[str, Any]:
        return facts(dossier, now, zone, calendar)

    return FollowLane(
        store.follows,
        Changes(settings.registry_path, settings.timezone),
        sources,
        Notices(wording, known_facts, owner, store.follows.with_proofs, zone),
        Times(zone, calendar, build_hours(settings)),
        timedelta(minutes=settings.follow_poll_minutes),
    )
