"""Photos are fetched from the platform's hosts and from nowhere else."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from bot.core.errors import PhotoForbidden, PhotoTooLarge, PhotoUnavailable
from bot.qr.address import Target, is_public, target_of
from bot.qr.fetch import MediaFetcher
from bot.qr.header import MAX_BYTES

HOSTS = ("zdn.vn", "zalo.me")
PHOTO = b"\x89PNG not really"


class Pages(BaseHTTPRequestHandler):
    """A small platform: what it answers hangs on the path."""

    def do_GET(self) -> None:
        answer = {
            "/photo": lambda: self._send(200, PHOTO),
            "/missing": lambda: self._send(404),
            "/broken": lambda: self._send(500),
            "/once": lambda: self._send(302, location="/photo"),
            "/forever": lambda: self._send(302, location="/forever"),
            "/away": lambda: self._send(302, location="http://169.254.169.254/latest"),
            "/file": lambda: self._send(302, location="file:///etc/passwd"),
            "/nowhere": lambda: self._send(302),
            "/declared": lambda: self._send(200, b"x", length=MAX_BYTES + 1),
            "/endless": self._endless,
            "/short": lambda: self._send(200, b"half", length=100),
            "/host": lambda: self._send(200, self.headers["Host"].encode()),
            "/slow": self._slow,
        }[self.path.split("?")[0]]
        answer()

    def _send(
        self, status: int, body: bytes = b"", location: str = "", length: int | None = None
    ) -> None:
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def _endless(self) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            for _ in range(20):
                self.wfile.write(bytes(1 << 20))
        except OSError:
            return

    def _slow(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"a")
        self.wfile.flush()
        self.server.released.wait(10)  # type: ignore[attr-defined]

    def log_message(self, *args: object) -> None:
        """Keep the test's output clean."""


def _serve(tls: ssl.SSLContext | None = None) -> tuple[ThreadingHTTPServer, threading.Thread]:
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    server.released = threading.Event()
    server.handle_error = lambda request, address: None  # a client that hangs up is no news
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    return server, thread


def _stop(server: Any, thread: threading.Thread) -> None:
    server.released.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    server, thread = _serve()
    yield int(server.server_address[1])
    _stop(server, thread)


@pytest.fixture
def fetch(port: int) -> Callable[[str], bytes]:
    fetcher = MediaFetcher(HOSTS, [f"127.0.0.1:{port}"])
    return lambda path: fetcher.fetch(f"http://127.0.0.1:{port}{path}")


def test_a_photo_is_fetched(fetch: Callable[[str], bytes], port: int) -> None:
    assert fetch("/photo?size=large") == PHOTO
    assert fetch("/host") == f"127.0.0.1:{port}".encode()


def test_a_redirect_within_the_list_is_followed(fetch: Callable[[str], bytes]) -> None:
    assert fetch("/once") == PHOTO


@pytest.mark.parametrize("path", ["/forever", "/away", "/file", "/nowhere"])
def test_other_redirects_are_not_followed(fetch: Callable[[str], bytes], path: str) -> None:
    with pytest.raises(PhotoForbidden):
        fetch(path)


@pytest.mark.parametrize("path", ["/missing", "/broken", "/short"])
def test_a_photo_that_does_not_come_is_unavailable(
    fetch: Callable[[str], bytes], path: str
) -> None:
    with pytest.raises(PhotoUnavailable):
        fetch(path)


@pytest.mark.parametrize("path", ["/declared", "/endless"])
def test_a_photo_over_the_cap_is_left(fetch: Callable[[str], bytes], path: str) -> None:
    with pytest.raises(PhotoTooLarge):
        fetch(path)


def test_a_host_that_never_finishes_is_cut_off(port: int) -> None:
    fetcher = MediaFetcher(HOSTS, [f"127.0.0.1:{port}"], deadline=0.3)

    with pytest.raises(PhotoUnavailable):
        fetcher.fetch(f"http://127.0.0.1:{port}/slow")


def test_a_resolver_that_never_answers_is_left() -> None:
    never = threading.Event()

    def resolve(host: str, port: int) -> list[str]:
        never.wait(10)
        return []

    with pytest.raises(PhotoUnavailable):
        MediaFetcher(HOSTS, deadline=0.1, resolve=resolve).fetch("https://a.zdn.vn/x")
    never.set()


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("https://zdn.vn/a.jpg", Target("zdn.vn", 443, "/a.jpg", False)),
        (
            "https://Photo-7.ZDN.vn/a.jpg?x=1&y=%20",
            Target("photo-7.zdn.vn", 443, "/a.jpg?x=1&y=%20", False),
        ),
        ("http://photo.zdn.vn/a.jpg", Target("photo.zdn.vn", 443, "/a.jpg", False)),
        ("http://photo.zdn.vn:80/a.jpg", Target("photo.zdn.vn", 443, "/a.jpg", False)),
        ("https://photo.zdn.vn:443", Target("photo.zdn.vn", 443, "/", False)),
        ("https://photo.zdn.vn/ảnh.jpg#x", Target("photo.zdn.vn", 443, "/%E1%BA%A3nh.jpg", False)),
        ("http://127.0.0.1:9000/a", Target("127.0.0.1", 9000, "/a", True)),
    ],
)
def test_allowed_addresses(url: str, wanted: Target) -> None:
    assert target_of(url, HOSTS, {"127.0.0.1:9000"}) == wanted


@pytest.mark.parametrize(
    "url",
    [
        "",
        "zdn.vn/a.jpg",
        "ftp://zdn.vn/a.jpg",
        "file:///etc/passwd",
        "data:image/png;base64,AAAA",
        "https:///a.jpg",
        "https://evil.example/a.jpg",
        "https://evilzdn.vn/a.jpg",
        "https://zdn.vn.evil.example/a.jpg",
        "https://zdn.vn@evil.example/a.jpg",
        "https://evil.example@zdn.vn/a.jpg",
        "https://evil.example\\@zdn.vn/a.jpg",
        "https://zdn.vn\\.evil.example/",
        "https://zdn.vn:8443/a.jpg",
        "https://zdn.vn:80/a.jpg",
        "http://zdn.vn:443/a.jpg",
        "https://zdn.vn:x/",
        "https://[::1]/",
        "https://[::1",
        "https://127.0.0.1/",
        "https://127.0.0.1:9000/",
        "http://127.0.0.1/",
        "http://127.0.0.1:9001/",
        "http://2130706433:9000/",
        "https://zdn.vn./a.jpg",
        "https://zdn.vn/a b.jpg",
        "https://zdn.vn/a\r\nHost: evil",
        "https://ｚdn.vn/a.jpg",
        "https://zdn.vn/" + "a" * 3_000,
    ],
)
def test_forbidden_addresses(url: str) -> None:
    with pytest.raises(PhotoForbidden):
        target_of(url, HOSTS, {"127.0.0.1:9000"})


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "0.0.0.0",  # noqa: S104  (an address to refuse)
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "192.0.2.1",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:0:7f00:1::",
        "2001:db8::1",
        "not an address",
    ],
)
def test_addresses_that_are_not_public_are_never_connected_to(address: str) -> None:
    def connect(address: str, port: int, timeout: float) -> socket.socket:
        raise AssertionError(f"connected to {address}")

    fetcher = MediaFetcher(
        HOSTS, resolve=lambda host, port: ["203.162.0.1", address], connect=connect
    )

    assert not is_public(address)
    with pytest.raises(PhotoForbidden):
        fetcher.fetch("https://photo.zdn.vn/a.jpg")


def test_public_addresses_are_public() -> None:
    assert is_public("203.162.0.1")
    assert is_public("2405:4800::1")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
        + ["-nodes", "-days", "2", "-subj", "/CN=photo.zdn.vn"]
        + ["-addext", "subjectAltName=DNS:photo.zdn.vn", "-keyout", str(path), "-out", str(path)],
        check=True,
        capture_output=True,
    )
    return path


@pytest.fixture
def secure(certificate: Path) -> Iterator[Callable[[str], bytes]]:
    """Fetch over TLS: the name resolves to a public address, which the test leads here."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server, thread = _serve(context)
    seen: list[tuple[str, int]] = []

    def connect(address: str, port: int, timeout: float) -> socket.socket:
        seen.append((address, port))
        return socket.create_connection(("127.0.0.1", server.server_address[1]), timeout)

    fetcher = MediaFetcher(
        HOSTS,
        resolve=lambda host, port: ["203.162.0.1"],
        connect=connect,
        tls=ssl.create_default_context(cafile=str(certificate)),
        deadline=5,
    )
    yield fetcher.fetch
    _stop(server, thread)
    assert set(seen) == {("203.162.0.1", 443)}


def test_the_checked_address_is_the_one_connected_to(secure: Callable[[str], bytes]) -> None:
    assert secure("https://photo.zdn.vn/photo") == PHOTO
    assert secure("http://photo.zdn.vn/once") == PHOTO
    assert secure("https://photo.zdn.vn/host") == b"photo.zdn.vn"


def test_a_certificate_for_another_name_is_refused(secure: Callable[[str], bytes]) -> None:
    with pytest.raises(PhotoUnavailable):
        secure("https://other.zdn.vn/photo")
