"""Fetches a photo a citizen sent, from the platform's hosts only."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from urllib.parse import urljoin

from bot.core.errors import PhotoForbidden, PhotoTooLarge, PhotoUnavailable
from bot.qr.address import Target, is_public, target_of
from bot.qr.header import MAX_BYTES

DEADLINE = 8.0  # seconds for everything: name, connection, redirects, the last byte
_MAX_REDIRECTS = 2
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PIECE = 64 * 1024  # bytes

Resolve = Callable[[str, int], Iterable[str]]
Connect = Callable[[str, int, float], socket.socket]


def resolve(host: str, port: int) -> list[str]:
    """Return the IP addresses of a host. Raises OSError when it has none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


def connect(address: str, port: int, timeout: float) -> socket.socket:
    """Open a connection to an IP address."""
    return socket.create_connection((address, port), timeout)


class MediaFetcher:
    """Fetches photos over https from allowed hosts, connecting only to public addresses.

    The address is checked once and then used, so a name cannot lead elsewhere in between.
    ``http_hosts`` are ``host:port`` pairs also allowed over plain http and on private networks.
    """

    def __init__(
        self,
        allowed_hosts: Iterable[str],
        http_hosts: Iterable[str] = (),
        *,
        deadline: float = DEADLINE,
        resolve: Resolve = resolve,
        connect: Connect = connect,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._hosts = tuple(host.lower().strip(".") for host in allowed_hosts)
        self._http_hosts = frozenset(host.lower() for host in http_hosts)
        self._deadline = deadline
        self._resolve = resolve
        self._connect = connect
        self._tls = tls or ssl.create_default_context()

    def fetch(self, url: str) -> bytes:
        """Return the bytes at ``url``, whatever they claim to be.

        Raises PhotoForbidden, PhotoTooLarge (over 12 MiB) or PhotoUnavailable.
        """
        end = time.monotonic() + self._deadline
        for _ in range(_MAX_REDIRECTS + 1):
            target = target_of(url, self._hosts, self._http_hosts)
            try:
                body, onward = self._get(target, end)
            except (OSError, http.client.HTTPException, ValueError) as error:
                raise PhotoUnavailable(f"no answer: {type(error).__name__}") from error
            if onward is None:
                return body
            url = urljoin(url, onward)
        raise PhotoForbidden("too many redirects")

    def _get(self, target: Target, end: float) -> tuple[bytes, str | None]:
        """Return the body, or where the host says it is now."""
        with self._open(target, end) as line, line.dup() as handle:
            # No timeout of a single read stops a host that sends one byte a second.
            watch = threading.Timer(max(0.0, end - time.monotonic()), _cut, (handle,))
            watch.daemon = True
            watch.start()
            try:
                with self._wrapped(line, target) as wrapped:
                    answer = _ask(wrapped, target)
            finally:
                watch.cancel()
        if time.monotonic() > end:  # then the body may have been cut short
            raise TimeoutError("no time left")
        return answer

    def _open(self, target: Target, end: float) -> socket.socket:
        addresses = self._addresses(target, end)
        if not addresses:
            raise PhotoUnavailable("the host has no address")
        if not target.inside and not all(is_public(address) for address in addresses):
            raise PhotoForbidden("the host leads to a private network")
        failure: OSError | None = None
        for address in addresses[:3]:
            left = end - time.monotonic()
            if left <= 0:
                break
            try:
                return self._connect(address, target.port, left)
            except OSError as error:
                failure = error
        raise failure or TimeoutError("no time left")

    def _addresses(self, target: Target, end: float) -> list[str]:
        """Resolve in a thread of its own: the system's resolver knows no deadline."""
        found: list[str] = []
        failure: list[OSError | UnicodeError] = []

        def ask() -> None:
            try:
                found.extend(self._resolve(target.host, target.port))
            except (OSError, UnicodeError) as error:
                failure.append(error)

        thread = threading.Thread(target=ask, daemon=True)
        thread.start()
        thread.join(max(0.0, end - time.monotonic()))
        if failure:
            raise PhotoUnavailable("the host is unknown") from failure[0]
        return list(dict.fromkeys(found)) if not thread.is_alive() else []

    def _wrapped(self, line: socket.socket, target: Target) -> socket.socket:
        if target.inside:
            return line
        return self._tls.wrap_socket(line, server_hostname=target.host)


def _ask(line: socket.socket, target: Target) -> tuple[bytes, str | None]:
    connection = http.client.HTTPConnection(target.host, target.port)
    connection.sock = line
    headers = {
        "Host": target.host_header,
        "Accept": "image/*",
        "Accept-Encoding": "identity",
        "Connection": "close",
    }
    connection.request("GET", target.path, headers=headers)
    with connection.getresponse() as response:
        return _answer(response)


def _answer(response: http.client.HTTPResponse) -> tuple[bytes, str | None]:
    if response.status in _REDIRECTS:
        return b"", response.getheader("Location") or ""
    if response.status != 200:
        raise PhotoUnavailable(f"status {response.status}")
    declared = response.length
    if declared is not None and declared > MAX_BYTES:
        raise PhotoTooLarge(f"more than {MAX_BYTES} bytes declared")
    body = bytearray()
    while piece := response.read1(_PIECE):
        body += piece
        if len(body) > MAX_BYTES:
            raise PhotoTooLarge(f"more than {MAX_BYTES} bytes")
    if declared is not None and len(body) < declared:
        raise PhotoUnavailable("the answer broke off")
    return bytes(body), None


def _cut(line: socket.socket) -> None:
    try:
        line.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # already closed
