"""Who is calling: the client's address and whether a browser calls from our own page."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from flask import Request


def client_address(request: Request) -> str:
    """Return the caller's address.

    A proxy on this machine is believed about whom it speaks for; nobody else is.
    """
    peer = request.remote_addr or ""
    forwarded = request.headers.get("X-Forwarded-For", "")
    if forwarded and is_loopback(peer):
        return forwarded.rsplit(",", 1)[-1].strip()
    return peer


def is_loopback(address: str) -> bool:
    """Return whether an address belongs to this machine."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def is_same_origin(request: Request, public_address: str) -> bool:
    """Return whether a request may use the page's cookie.

    Browsers send Origin or Sec-Fetch-Site with every POST; a caller that sends neither is no
    browser, so nobody's cookie can be borrowed.
    """
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        return False
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    return urlsplit(origin).netloc in {request.host, urlsplit(public_address).netloc}
