"""The logged-in session of a request: an unguessable cookie, everything else in the store."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from flask import g, redirect, request, session, url_for
from werkzeug.wrappers import Response

from bot.console.parts import Session, parts
from bot.core.staff.roles import Staff

_SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux")
# Edge and Opera call themselves Chrome too, and Chrome calls itself Safari.
_BROWSERS = {"Edg": "Edge", "OPR": "Opera", "coc_coc": "Cốc Cốc", "Firefox": "Firefox",
             "Chrome": "Chrome", "Safari": "Safari"}  # fmt: skip
_HERE = "/console"


def cookie_name(secure: bool) -> str:
    """Return the name of the cookie; the prefix makes browsers refuse it from anywhere else."""
    return "__Host-motcua_staff" if secure else "motcua_staff"


def current_session() -> Session | None:
    """Return who is logged in, or None."""
    if "staff_session" not in g:
        token = request.cookies.get(cookie_name(parts().secure), "")
        found = parts().store.staff_sessions.find(token, parts().clock()) if token else None
        g.staff_session = found
    known: Session | None = g.staff_session
    return known


def me() -> Staff:
    """Return who is logged in; only behind ``needs``."""
    return my_session().staff


def my_session() -> Session:
    """Return the session of who is logged in; only behind ``needs``."""
    known = current_session()
    if known is None:
        raise RuntimeError("nobody is logged in: the view lacks its decorator")
    return known


def begin(response: Response, staff_id: int) -> None:
    """Log somebody in. The token is new: one set by somebody else beforehand is worth nothing."""
    session.clear()
    token = secrets.token_urlsafe(32)
    parts().store.staff_sessions.open(staff_id, token, _device(), parts().clock())
    response.set_cookie(
        cookie_name(parts().secure),
        token,
        httponly=True,
        samesite="Strict",
        secure=parts().secure,
        path="/",
    )


def finish(response: Response) -> None:
    """Log out."""
    known = my_session()
    parts().store.staff_sessions.end(known.staff.id, known.id)
    session.clear()
    response.delete_cookie(
        cookie_name(parts().secure),
        path="/",
        secure=parts().secure,
        httponly=True,
        samesite="Strict",
    )


def to_login() -> Response:
    """Send a visitor to the login page, and back afterwards if they only wanted to read."""
    wanted = request.path if request.method == "GET" else ""
    return redirect(url_for("console_entry.login", next=safe_path(wanted) or None), 303)


def safe_path(text: str) -> str:
    """Return an address of the console, or "" for anything that leads elsewhere."""
    try:
        split = urlsplit(text)
    except ValueError:  # "//["
        return ""
    plain = not (split.scheme or split.netloc or "\\" in text or text.startswith("//"))
    return split.path if plain and f"{split.path}/".startswith(f"{_HERE}/") else ""


def _device() -> str:
    agent = request.headers.get("User-Agent", "")
    browser = next((name for mark, name in _BROWSERS.items() if mark in agent), "")
    system = next((name for name in _SYSTEMS if name in agent), "")
    return ", ".join(filter(None, (browser, system)))
