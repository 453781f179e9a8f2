"""Joins what signs slips and what shows them: keys, the list of revoked ones, the sources."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from zoneinfo import ZoneInfo

from bot.core.dossiers.slip_page import SlipPages, WrongCodes
from bot.core.dossiers.slips import Slips
from bot.core.errors import SettingsError
from bot.registry.holidays import read_calendar
from bot.settings import Settings
from bot.store import Store
from bot.wiring.keys import desk_secret
from bot.wiring.sources import build_sources

_DEFAULT_KID = "a"
_LABEL = b"motcua slip key 1"
_SHORTEST = 16  # characters of a secret


def build_slips(settings: Settings, store: Store) -> Slips:
    """Return what signs and checks slips. Raises SettingsError for keys that cannot be used."""
    keys = slip_keys(settings)
    try:
        return Slips(keys, next(iter(keys)), store.slips.is_revoked)
    except ValueError as error:
        raise SettingsError(f"MOTCUA_SLIP_KEYS cannot be used: {error}") from error


def slip_keys(settings: Settings) -> dict[str, bytes]:
    """Return the keys by id, the one that signs first.

    The key made of the desk's secret comes last: what was printed before there were other keys
    goes on verifying, until the list has a key of its own with that id. Raises SettingsError.
    """
    keys: dict[str, bytes] = {}
    for part in settings.slip_keys.replace(",", " ").split():
        kid, colon, secret = part.partition(":")
        if not colon or len(secret) < _SHORTEST or kid.lower() in keys:
            raise SettingsError(
                "MOTCUA_SLIP_KEYS must be id:secret pairs with different ids and secrets of at "
                f"least {_SHORTEST} characters: 'flask --app server qr keys --new' makes one"
            )
        keys[kid.lower()] = secret.encode()
    if _DEFAULT_KID not in keys:
        secret_key = desk_secret(settings).encode()
        keys[_DEFAULT_KID] = hmac.new(secret_key, _LABEL, hashlib.sha256).digest()
    return keys


def new_slip_key(settings: Settings) -> str:
    """Return another ``id:secret`` to put before the present keys."""
    taken = slip_keys(settings)
    letters = "abcdefghijklmnopqrstuvwxyz"
    names = [*letters, *(first + second for first in letters for second in letters)]
    kid = next(name for name in names if name not in taken)
    return f"{kid}:{secrets.token_urlsafe(32)}"


def build_slip_pages(settings: Settings, store: Store, wrong_codes: WrongCodes) -> SlipPages:
    """Return what the page behind a slip's link asks. Raises SettingsError."""
    return SlipPages(
        build_slips(settings, store),
        build_sources(settings, store),
        wrong_codes,
        ZoneInfo(settings.timezone),
        read_calendar(settings.province_dir),
    )
