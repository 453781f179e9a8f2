"""Cookies that know a browser again: who came in with it, and who was shown an invitation."""

from __future__ import annotations

import secrets
from datetime import timedelta

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response

from bot.console.parts import parts
from bot.core.staff.devices import Device
from bot.core.staff.sessions import DEVICE_LIFE, LINK_LIFE

_SALT = "motcua device 1"
_DEVICE, _ENROL = "motcua_device", "motcua_enrol"


def known_mark(login_key: str) -> str:
    """Return the mark of this browser if the login came in with it before, else ""."""
    device = _device()
    return device.mark if device and device.knows(login_key, parts().clock()) else ""


def any_mark() -> str:
    """Return the mark of this browser if anybody came in with it before, else ""."""
    device = _device()
    known = device.known if device else ()
    return next((known_mark(key) for key, _ in reversed(known)), "")


def remember_device(response: Response, login_key: str) -> None:
    """Know this browser again: somebody has just come in with password and second factor."""
    device = _device() or Device(secrets.token_urlsafe(24))
    kept = device.with_login(login_key, parts().clock()).as_json()
    _set(response, _DEVICE, str(_signer().dumps(kept)), DEVICE_LIFE, "Strict")


def enrolling_browser() -> str:
    """Return what this browser keeps since it opened an invitation, or ""."""
    return request.cookies.get(_name(_ENROL), "")


def remember_enrolling(response: Response, browser: str) -> None:
    """Let the same browser open its invitation again, also by the link in a letter."""
    _set(response, _ENROL, browser, LINK_LIFE, "Lax")


def _device() -> Device | None:
    try:
        return Device.from_json(_signer().loads(request.cookies.get(_name(_DEVICE), "")))
    except BadSignature:
        return None


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt=_SALT)


def _name(name: str) -> str:
    return f"__Host-{name}" if parts().secure else name


def _set(response: Response, name: str, value: str, life: timedelta, same_site: str) -> None:
    response.set_cookie(
        _name(name),
        value,
        max_age=int(life.total_seconds()),
        httponly=True,
        samesite=same_site,
        secure=parts().secure,
        path="/",
    )
