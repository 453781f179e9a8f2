"""Joins the channels with what they need: tokens, kept uploads, the shared call rate."""

from __future__ import annotations

import os
import sys
import time
from functools import partial
from re import ASCII, fullmatch

from bot.channels.web import WebChannel
from bot.channels.zalo.accounts import Account, all_accounts
from bot.channels.zalo.apart import RenewalApart
from bot.channels.zalo.api import ZaloApi, utc_now
from bot.channels.zalo.calls import AccessTokens
from bot.channels.zalo.channel import ZaloChannel
from bot.channels.zalo.messages import LIMITS as ZALO_LIMITS
from bot.channels.zalo.tokens import ZaloTokens
from bot.channels.zalo.visitors import ZaloVisitors
from bot.channels.zalo_bot.channel import LIMITS as ZALO_BOT_LIMITS
from bot.channels.zalo_bot.channel import ZaloBotChannel, check_keys
from bot.core.channel import Channel, visitors_of
from bot.core.errors import SettingsError
from bot.core.splitting import Limits
from bot.core.work.rate import Pool
from bot.core.work.windows import ZALO, Windows
from bot.settings import Settings
from bot.store import Store

LOWEST_RATE = 60


def zalo_accounts(settings: Settings) -> tuple[Account, ...]:
    """Return the official accounts, the one of MOTCUA_ZALO_OA_ID first; none if Zalo is off.

    Raises SettingsError.
    """
    if not settings.zalo_app_id:
        return ()
    first = Account(settings.zalo_oa_id, settings.zalo_oa_secret, settings.zalo_refresh_token)
    return all_accounts(first, settings.zalo_accounts)


def rate_pools(settings: Settings) -> dict[str, Pool]:
    """Return the call limit of each channel that has one: all accounts share the app's."""
    pool = Pool(f"zalo:{settings.zalo_app_id}", settings.zalo_rate_per_minute)
    accounts = zalo_accounts(settings)
    names = [account.channel for account in accounts]
    return dict.fromkeys((*names, *map(visitors_of, names)), pool)


def build_windows(settings: Settings) -> Windows:
    """Return for how long after their last act citizens of each channel may be written to."""
    names = [account.channel for account in zalo_accounts(settings)] or [ZaloChannel.name]
    return Windows(dict.fromkeys(names, ZALO), settings.zalo_charged_notices)


def build_channels(settings: Settings, store: Store) -> dict[str, Channel]:
    """Return the channels that are switched on, by name."""
    channels: dict[str, Channel] = {"web": WebChannel()}
    require_zalo_secrets(settings)
    accounts = zalo_accounts(settings)
    for account in accounts:
        # The app has one webhook address: the first account's channel hears for all of them.
        linked = accounts[1:] if account is accounts[0] else ()
        channel = _zalo_channel(settings, store, account, linked)
        visitors = ZaloVisitors(channel.name, channel.inbox, channel.api)
        channels[channel.name], channels[visitors.name] = channel, visitors
    if settings.zalo_bot_token:
        channels["zalo_bot"] = build_zalo_bot(settings)
    return channels


def limits_of(channel: Channel) -> Limits | None:
    """Return what one bubble of a channel may hold, None if it takes anything."""
    if isinstance(channel, ZaloBotChannel):
        return ZALO_BOT_LIMITS
    return ZALO_LIMITS if isinstance(channel, (ZaloChannel, ZaloVisitors)) else None


def _zalo_channel(
    settings: Settings, store: Store, account: Account, linked: tuple[Account, ...]
) -> ZaloChannel:
    return ZaloChannel(
        app_id=settings.zalo_app_id,
        oa_id=account.oa_id,
        oa_secret=account.oa_secret,
        api_url=settings.zalo_api_url,
        tokens=build_zalo_tokens(settings, store, account),
        business_url=settings.zalo_business_url,
        uploads=store.uploads,
        stated=partial(store.rates.stated, account.channel),
        name=account.channel,
        linked=linked,
    )


def build_zalo_bot(settings: Settings) -> ZaloBotChannel:
    """Return the bot of the Zalo Bot Platform."""
    return ZaloBotChannel(
        token=settings.zalo_bot_token,
        secret=settings.zalo_bot_secret,
        api_url=settings.zalo_bot_api_url,
        clock=utc_now,
    )


def build_zalo_tokens(
    settings: Settings, store: Store, account: Account, *, apart: bool = True
) -> ZaloTokens:
    """Return what keeps an account's access token fresh.

    Renewal is left to a process of its own (``apart``), which builds this without.
    """
    command = (sys.executable, "-m", "bot.renewal", account.oa_id)
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **settings.as_environ()}
    return ZaloTokens(
        app_id=settings.zalo_app_id,
        app_secret=settings.zalo_app_secret,
        account=account.oa_id,
        oauth_url=settings.zalo_oauth_url,
        store=store.tokens,
        clock=utc_now,
        first_refresh_token=account.refresh_token,
        apart=RenewalApart(command, environ) if apart else None,
        alarms=apart,
        rest=None if apart else time.sleep,
    )


def build_zalo_api(
    settings: Settings, store: Store, account: Account, tokens: AccessTokens
) -> ZaloApi:
    """Return an account's calls, for commands."""
    return ZaloApi(
        tokens=tokens,
        account=account.oa_id,
        api_url=settings.zalo_api_url,
        business_url=settings.zalo_business_url,
        uploads=store.uploads,
        clock=utc_now,
        stated=partial(store.rates.stated, account.channel),
    )


def require_zalo_secrets(settings: Settings) -> None:
    """Raise SettingsError when the channel is on but could neither verify nor send."""
    for name in ("zalo_app_secret", "zalo_oa_id", "zalo_oa_secret"):
        if settings.zalo_app_id and not getattr(settings, name):
            raise SettingsError(
                f"MOTCUA_{name.upper()} is missing: set it, "
                "or unset MOTCUA_ZALO_APP_ID to switch Zalo off"
            )
    if settings.zalo_rate_per_minute < LOWEST_RATE:
        raise SettingsError(
            f"MOTCUA_ZALO_RATE_PER_MINUTE is under {LOWEST_RATE}: raise it, or unset it"
        )
    zalo_accounts(settings)
    if not fullmatch(r"[\w-]*", settings.zalo_verifier, ASCII):
        raise SettingsError(
            "MOTCUA_ZALO_VERIFIER is no code: it is what stands between zalo_verifier and .html"
        )
    check_keys(settings.zalo_bot_token, settings.zalo_bot_secret)
