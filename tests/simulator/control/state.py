"""Everything the page and other processes may see, as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.simulator import events, faults, rules
from tests.simulator.citizens import name_them
from tests.simulator.person import Person
from tests.simulator.windows import FREE_FOR, OPEN_FOR, window_of

if TYPE_CHECKING:
    from tests.simulator.simulator import Simulator

LINES = 200


def whole_state(zalo: Simulator, after: int) -> dict[str, Any]:
    """Return the state; of the log only what came after line ``after``."""
    return {
        "clock": _clock(zalo),
        "account": _account(zalo),
        "quotas": _quotas(zalo),
        "webhook": _webhook(zalo),
        "faults": zalo.faults.waiting(),
        "rules": {"all": sorted(rules.ALL), "off": sorted(zalo.rules.off)},
        "recording": str(zalo.world.recording.path or ""),
        "citizens": [person_state(zalo, person) for person in name_them(zalo.world)],
        "followers": zalo.world.followers(),
        "log": zalo.world.recording.lines(after, LINES),
    }


def choices() -> dict[str, Any]:
    """Return what may be ordered."""
    return {
        "events": sorted(events.BUILDERS),
        "fault_kinds": ["drop_after_acting", *faults.KINDS],
        "fault_places": [*faults.PLACES, faults.EVERYWHERE],
        "rules": {
            family: [{"name": r.name, "code": r.code, "message": r.message} for r in listed]
            for family, listed in rules.FAMILIES.items()
        },
    }


def person_state(zalo: Simulator, person: Person) -> dict[str, Any]:
    """Return how one citizen stands to the account."""
    now = zalo.clock.now()
    talk = zalo.world.talk(person.user_id)
    last = person.interacted_at
    return {
        "id": person.user_id,
        "name": person.name,
        "place": person.place,
        "follows": person.follows,
        "blocked": person.blocked,
        "inactive": person.is_inactive(now),
        "refusal": person.refusal,
        "unread": person.unread,
        "window": window_of(person, now).value,
        "free_until": last + FREE_FOR if last is not None else None,
        "open_until": last + OPEN_FOR if last is not None else None,
        "last": talk[-1] if talk else None,
    }


def _clock(zalo: Simulator) -> dict[str, Any]:
    return {
        "now": zalo.clock.now(),
        "local": zalo.clock.local().strftime("%H:%M:%S %d/%m/%Y"),
        "speed": zalo.clock.speed,
        "night": zalo.clock.is_night(),
        "planned": zalo.timetable.moments()[:20],
    }


def _account(zalo: Simulator) -> dict[str, Any]:
    standing, purse = zalo.world.standing, zalo.world.purse
    return {
        "app_id": zalo.account.app_id,
        "oa_id": zalo.account.oa_id,
        "refusal": standing.refusal,
        "wants_proof": standing.wants_proof,
        "redirect_uris": standing.redirect_uris,
        "cloud_account": purse.cloud_account,
        "balance": purse.balance,
        "package_total": purse.package_total,
        "package_remain": purse.package_remain,
        "token_seconds": max(0, int(zalo.tokens.expires_at - zalo.clock.now())),
        "refreshes": zalo.tokens.refreshes,
    }


def _quotas(zalo: Simulator) -> dict[str, Any]:
    world, now = zalo.world, zalo.clock.now()
    return {
        "rate": {"limit": world.rate.limit, "remain": world.rate.remain},
        "uploads": {
            "limit": world.uploads.month.limit,
            "remain": world.uploads.month.left(now),
        },
        "broadcasts": {
            "limit": world.articles.month.limit,
            "remain": world.articles.month.left(now),
        },
        "templates": {
            "limit": world.templates.daily_limit,
            "remain": world.templates.remain(now),
        },
        "sent": len(world.sent),
    }


def _webhook(zalo: Simulator) -> dict[str, Any]:
    webhooks = zalo.webhooks
    return {
        "url": webhooks.receiver if isinstance(webhooks.receiver, str) else "",
        "disabled": webhooks.disabled,
        "switched_off": sorted(webhooks.switched_off),
        "style": vars(webhooks.style),
        "bot": zalo.world.bot.webhook.url if zalo.world.bot.webhook else "",
    }
