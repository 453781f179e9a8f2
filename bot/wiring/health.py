"""Tells the console how the platforms stand, from what the store knows; nothing is asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bot.channels.zalo.accounts import Account
from bot.channels.zalo.tokens import CHANNEL
from bot.core.work.health import Platform, hearing_troubles, pause_troubles, token_troubles
from bot.settings import Settings
from bot.store import Store
from bot.wiring.channels import zalo_accounts

_BOT = "zalo_bot"


def build_health(settings: Settings, store: Store) -> Callable[[datetime], tuple[Platform, ...]]:
    """Return what tells how each platform that is switched on stands."""
    accounts, bot = zalo_accounts(settings), bool(settings.zalo_bot_token)

    def health(now: datetime) -> tuple[Platform, ...]:
        found = [_account(store, account, now) for account in accounts]
        if bot:
            paused = tuple(pause_troubles(store.pauses.of(_BOT, now)))
            found.append(Platform(_BOT, "Zalo Bot", paused))
        return tuple(found)

    return health


def _account(store: Store, account: Account, now: datetime) -> Platform:
    troubles = (
        *token_troubles(
            store.tokens.state(CHANNEL, account.oa_id),
            now,
            first_waits=bool(account.refresh_token),
        ),
        *pause_troubles(store.pauses.of(account.channel, now)),
        *hearing_troubles(store.journal.last_received(account.channel), now),
    )
    return Platform(account.channel, f"Zalo {account.oa_id}", troubles)
