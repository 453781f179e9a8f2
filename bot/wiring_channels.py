"""Joins the channels with what they need: tokens, kept uploads, the shared call rate."""

from __future__ import annotations

import os
import sys
from functools import partial

from bot.channels.web import WebChannel
from bot.channels.zalo.apart import RenewalApart
from bot.channels.zalo.api import ZaloApi, utc_now
from bot.channels.zalo.calls import AccessTokens
from bot.channels.zalo.channel import ZaloChannel
from bot.channels.zalo.tokens import ZaloTokens
from bot.channels.zalo_bot.channel import ZaloBotChannel, check_keys
from bot.core.channel import Channel
from bot.core.errors import SettingsError
from bot.core.work.rate import Pool
from bot.settings import Settings
from bot.store import Store

LOWEST_RATE = 60


def rate_pools(settings: Settings) -> dict[str, Pool]:
    """Return the call limit of each channel that has one; it is the app's."""
    app = settings.zalo_app_id
    return {ZaloChannel.name: Pool(f"zalo:{app}", settings.zalo_rate_per_minute)} if app else {}


def build_channels(settings: Settings, store: Store) -> dict[str, Channel]:
    """Return the channels that are switched on, by name."""
    channels: dict[str, Channel] = {"web": WebChannel()}
    require_zalo_secrets(settings)
    if settings.zalo_app_id:
        channels["zalo"] = ZaloChannel(
            app_id=settings.zalo_app_id,
            oa_id=settings.zalo_oa_id,
            oa_secret=settings.zalo_oa_secret,
            api_url=settings.zalo_api_url,
            tokens=build_zalo_tokens(settings, store),
            business_url=settings.zalo_business_url,
            uploads=store.uploads,
            stated=partial(store.rates.stated, ZaloChannel.name),
        )
    if settings.zalo_bot_token:
        channels["zalo_bot"] = build_zalo_bot(settings)
    return channels


def build_zalo_bot(settings: Settings) -> ZaloBotChannel:
    """Return the bot of the Zalo Bot Platform."""
    return ZaloBotChannel(
        token=settings.zalo_bot_token,
        secret=settings.zalo_bot_secret,
        api_url=settings.zalo_bot_api_url,
        clock=utc_now,
    )


def build_zalo_tokens(settings: Settings, store: Store, *, apart: bool = True) -> ZaloTokens:
    """Return what keeps the account's access token fresh.

    Renewal is left to a process of its own (``apart``), which builds this without.
    """
    command = (sys.executable, "-m", "bot.renewal")
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **settings.as_environ()}
    return ZaloTokens(
        app_id=settings.zalo_app_id,
        app_secret=settings.zalo_app_secret,
        account=settings.zalo_oa_id,
        oauth_url=settings.zalo_oauth_url,
        store=store.tokens,
        clock=utc_now,
        first_refresh_token=settings.zalo_refresh_token,
        apart=RenewalApart(command, environ) if apart else None,
        alarms=apart,
    )


def build_zalo_api(settings: Settings, store: Store, tokens: AccessTokens) -> ZaloApi:
    """Return the account's calls, for commands."""
    return ZaloApi(
        tokens=tokens,
        account=settings.zalo_oa_id,
        api_url=settings.zalo_api_url,
        business_url=settings.zalo_business_url,
        uploads=store.uploads,
        clock=utc_now,
        stated=partial(store.rates.stated, ZaloChannel.name),
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
    check_keys(settings.zalo_bot_token, settings.zalo_bot_secret)
