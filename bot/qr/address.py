"""Which addresses a photo may be fetched from; decided before anything is opened."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from bot.core.errors import PhotoForbidden

_MAX_LENGTH = 2_048  # characters
_EMBEDS_IPV4 = ipaddress.ip_network("64:ff9b::/96")  # NAT64 may lead back inside


@dataclass(frozen=True)
class Target:
    """Where to connect and what to ask for. ``inside`` means the operator named this host:port."""

    host: str
    port: int
    path: str
    inside: bool

    @property
    def host_header(self) -> str:
        """Return what goes into the Host line."""
        return f"{self.host}:{self.port}" if self.inside else self.host


def target_of(url: str, hosts: Collection[str], http_hosts: Collection[str]) -> Target:
    """Return where ``url`` leads if photos may come from there; plain http becomes https.

    ``hosts`` allow themselves and their subdomains; ``http_hosts`` are ``host:port`` pairs for
    plain http. Raises PhotoForbidden.
    """
    if len(url) > _MAX_LENGTH or not url.isprintable() or set(url) & set(" \\"):
        raise PhotoForbidden("not an address")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise PhotoForbidden("not an address") from error
    if parts.scheme not in {"http", "https"} or not host or "@" in parts.netloc:
        raise PhotoForbidden("not a plain web address")
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    if parts.query:
        path += "?" + quote(parts.query, safe="/%:@!$&'()*+,;=~-._?")
    if parts.scheme == "http" and f"{host}:{port or 80}" in http_hosts:
        return Target(host, port or 80, path, inside=True)
    if port not in {None, 443 if parts.scheme == "https" else 80}:
        raise PhotoForbidden("not the default port")
    if not any(host == allowed or host.endswith(f".{allowed}") for allowed in hosts if allowed):
        raise PhotoForbidden("not a host on the list")
    return Target(host, 443, path, inside=False)


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the open internet, and not to us or our neighbours.

    >>> is_public("8.8.8.8"), is_public("169.254.169.254"), is_public("::ffff:10.0.0.1")
    (True, False, False)
    """
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return is_public(str(ip.ipv4_mapped))
        if ip.sixtofour is not None or ip.teredo is not None or ip in _EMBEDS_IPV4:
            return False
    return ip.is_global and not ip.is_multicast
