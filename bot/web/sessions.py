"""Chat sessions: an unguessable token, of which only the hash is kept."""

from __future__ import annotations

import hashlib
import secrets

from flask import Request, Response, request

from bot.core.messages import Citizen
from bot.web.addresses import is_same_origin
from bot.web.errors import ApiError
from bot.web.parts import parts

CHANNEL = "web"
COOKIE = "motcua_chat"
_COOKIE_AGE = 30 * 24 * 3600  # seconds; long enough for notices to find the citizen again


def hash_of(token: str) -> str:
    """Return what the store knows a session by."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def open_session() -> str:
    """Make a session and return its token."""
    token = secrets.token_urlsafe(32)
    parts().store.citizens.open_session(CHANNEL, hash_of(token), parts().clock())
    return token


def set_cookie(response: Response, token: str) -> None:
    """Give the page its session, unless a foreign page asked for it."""
    address = parts().settings.address
    if not is_same_origin(request, address):
        return
    response.set_cookie(
        COOKIE,
        token,
        max_age=_COOKIE_AGE,
        httponly=True,
        samesite="Lax",
        secure=address.startswith("https:"),
    )


def session_hash(request: Request) -> str | None:
    """Return the hash of the token a request carries; a bearer token goes before the cookie."""
    token = _bearer(request)
    if token is not None:
        return hash_of(token)
    cookie = request.cookies.get(COOKIE)
    return hash_of(cookie) if cookie else None


def _bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def current_citizen() -> Citizen:
    """Return who is calling. Raises ApiError 401, or 403 for a foreign page using the cookie."""
    by_cookie = _bearer(request) is None
    if by_cookie and request.method == "POST":
        if not is_same_origin(request, parts().settings.address):
            raise ApiError(403)
    known_by = session_hash(request)
    citizen = parts().store.citizens.find(CHANNEL, known_by) if known_by else None
    if citizen is None:
        raise ApiError(401)
    return citizen
