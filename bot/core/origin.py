"""Where a citizen of the web chat writes from, as a digest that says nothing the day after."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from datetime import datetime

_IPV6_HOUSE = 64  # bits; a household or a phone changes the rest at will


class Origins:
    """Makes the digests. Their key changes every day; addresses are never kept."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def of(self, address: str, now: datetime) -> str:
        """Return the digest of a client's address, "" for none, our own machine or nonsense.

        Everybody behind a proxy that names nobody seems to write from this machine: they must
        not share one budget.

        >>> now = datetime.fromisoformat("2026-11-22T08:00:00+00:00")
        >>> origins = Origins("s")
        >>> origins.of("2001:db8::1", now) == origins.of("2001:db8::2", now)
        True
        >>> origins.of("127.0.0.1", now), len(origins.of("203.0.113.9", now))
        ('', 32)
        """
        try:
            known = ipaddress.ip_address(address)
        except ValueError:
            return ""
        if isinstance(known, ipaddress.IPv6Address) and known.ipv4_mapped:
            known = known.ipv4_mapped
        if known.is_loopback:
            return ""
        whole = str(known)
        if known.version == 6:
            whole = str(ipaddress.ip_network((known, _IPV6_HOUSE), strict=False))
        day = hmac.digest(self._secret, f"motcua origin {now:%Y-%m-%d}".encode(), hashlib.sha256)
        return hmac.new(day, whole.encode(), hashlib.sha256).hexdigest()[:32]
