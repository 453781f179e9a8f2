"""Joins the console: store, door, cookies' secret, the drawing of codes."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from flask import Request

from bot.console.hashing import Argon2, code_of, common_pieces, new_totp
from bot.core.province import Province
from bot.core.staff.door import Door
from bot.core.staff.passwords import PasswordRules
from bot.core.work.health import Platform
from bot.store import Store
from bot.web.addresses import client_address
from bot.wiring.desk import WebParts
from bot.wiring.health import build_health
from bot.wiring.keys import desk_secret

_LABEL = b"motcua console cookies 1"


@dataclass(frozen=True)
class ConsoleParts:
    """Everything the console needs."""

    store: Store
    province: Province
    door: Door
    hasher: Argon2
    rules: PasswordRules
    zone: tzinfo
    secure: bool
    secret: str
    address: str
    new_totp: Callable[[], str]
    platforms: Callable[[datetime], tuple[Platform, ...]]
    login_rate: str
    origin_of: Callable[[str, datetime], str]
    address_of: Callable[[Request], str]
    draw_qr: Callable[[str], str]
    clock: Callable[[], datetime]


def build_console(web: WebParts) -> ConsoleParts:
    """Return everything the console needs, next to the parts of the citizens' pages."""
    hasher, store, settings = Argon2(), web.store, web.settings
    cookies = hmac.digest(desk_secret(settings).encode(), _LABEL, hashlib.sha256)
    return ConsoleParts(
        store=store,
        province=web.province,
        door=Door(store.staff, store.logins, hasher, code_of, new_totp()),
        hasher=hasher,
        rules=PasswordRules(common_pieces()),
        zone=ZoneInfo(settings.timezone),
        secure=settings.address.startswith("https:"),
        secret=cookies.hex(),
        address=settings.address,
        new_totp=new_totp,
        platforms=build_health(settings, store),
        login_rate=settings.login_rate,
        origin_of=web.origin_of,
        address_of=client_address,
        draw_qr=_draw_qr,
        clock=web.clock,
    )


def _draw_qr(payload: str) -> str:
    from bot.qr.draw import draw_svg

    svg = draw_svg(payload).decode()
    return svg[svg.index("<svg") :]  # without the XML declaration: it stands inside a page
