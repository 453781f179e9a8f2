"""An address documents come from: asked with our token, on one host, and bounded."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from bot.core.documents.source import EntryUnusable, Problem
from bot.core.errors import SettingsError, SourceUnavailable
from bot.sources.documents import FolderSource, HttpSource, http
from tests.adapters.test_documents_sources import PDF, ROW, ZONE, only, problems

SINCE = datetime(2026, 11, 21, 2, tzinfo=timezone.utc)


@dataclass
class System:
    """A document system: what stands at each path, and what it was asked."""

    answers: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    url: str = ""

    def list_of(self, *rows: dict[str, Any]) -> None:
        self.answers["/list"] = (200, {}, json.dumps(rows).encode())


@pytest.fixture
def system() -> Iterator[System]:
    known = System()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known.asked.append((self.path, dict(self.headers)))
            status, headers, body = known.answers.get(self.path.partition("?")[0], (404, {}, b""))
            if headers.get("ETag") and self.headers.get("If-None-Match") == headers["ETag"]:
                status, body = 304, b""
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    known.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=[0.01], daemon=True)
    thread.start()
    yield known
    server.shutdown()
    server.server_close()
    thread.join()


def row(file: str = "/files/12-TB.pdf") -> dict[str, Any]:
    return {**ROW, "TepDinhKem": file}


def test_a_list_is_asked_for_since_a_time_with_our_token(system: System) -> None:
    system.list_of(row())

    only(HttpSource(f"{system.url}/list", ZONE, "secret-1").entries(SINCE))

    path, headers = system.asked[0]
    assert path == "/list?since=2026-11-21T02%3A00%3A00%2B00%3A00"
    assert headers["Authorization"] == "Bearer secret-1"


def test_a_pdf_is_fetched_and_not_again_while_it_is_the_same(system: System) -> None:
    system.list_of(row("files/C%C3%B4ng%20v%C4%83n.pdf"))
    system.answers["/files/C%C3%B4ng%20v%C4%83n.pdf"] = (200, {"ETag": '"1"'}, PDF)
    asked = HttpSource(f"{system.url}/list", ZONE)
    entry = only(asked.entries(None))

    opened = asked.open(entry, "")

    assert opened
    assert (opened.document.name, opened.document.data) == ("Công văn.pdf", PDF)
    assert asked.open(entry, opened.stamp) is None
    system.answers["/files/C%C3%B4ng%20v%C4%83n.pdf"] = (200, {"ETag": '"2"'}, PDF + b"2")
    assert asked.open(entry, opened.stamp)


@pytest.mark.parametrize(
    "file",
    [
        "https://elsewhere.vn/a.pdf",
        "http://127.0.0.1:1/a.pdf",
        "//elsewhere.vn/a.pdf",
        "file:///etc/passwd",
        "http://[bad/a.pdf",
        "ftp://127.0.0.1/a.pdf",
    ],
)
def test_a_pdf_elsewhere_is_never_asked_for(system: System, file: str) -> None:
    system.list_of(row(file))

    (found,) = HttpSource(f"{system.url}/list", ZONE).entries(None)

    assert isinstance(found, Problem)
    assert found.code == "host"


def test_another_name_in_the_address_is_another_host(system: System) -> None:
    system.list_of(row(system.url.replace("//", "//user:x@") + "/a.pdf"))

    assert problems(HttpSource(f"{system.url}/list", ZONE).entries(None))


def test_a_redirect_is_not_followed_and_the_token_goes_nowhere(system: System) -> None:
    system.answers["/list"] = (302, {"Location": f"{system.url}/other"}, b"")

    with pytest.raises(SourceUnavailable, match="302"):
        HttpSource(f"{system.url}/list", ZONE, "secret-1").entries(None)
    assert [path for path, _ in system.asked] == ["/list"]

    system.list_of(row())
    system.answers["/files/12-TB.pdf"] = (302, {"Location": f"{system.url}/other"}, b"")
    asked = HttpSource(f"{system.url}/list", ZONE, "secret-1")
    with pytest.raises(EntryUnusable, match="302"):
        asked.open(only(asked.entries(None)), "")
    assert "/other" not in [path for path, _ in system.asked]


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, b"not json"), (200, b"\x00"), (500, b""), (401, b""), (404, b""), (200, b"")],
)
def test_a_system_that_gives_no_list_is_silent(system: System, status: int, body: bytes) -> None:
    system.answers["/list"] = (status, {}, body)

    with pytest.raises(SourceUnavailable):
        HttpSource(f"{system.url}/list", ZONE).entries(None)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((404, {}, b""), EntryUnusable),
        ((200, {}, b"<html>"), EntryUnusable),
        ((200, {"Content-Encoding": "gzip"}, PDF), EntryUnusable),
        ((503, {}, b""), SourceUnavailable),
        ((429, {}, b""), SourceUnavailable),
        ((200, {"Content-Length": "999"}, PDF), SourceUnavailable),
    ],
)
def test_a_pdf_that_does_not_come_is_bad_now_or_tried_later(
    system: System,
    answer: tuple[int, dict[str, str], bytes],
    error: type[Exception],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(http, "_SILENCE", 0.5)
    system.list_of(row())
    system.answers["/files/12-TB.pdf"] = answer
    asked = HttpSource(f"{system.url}/list", ZONE)

    with pytest.raises(error):
        asked.open(only(asked.entries(None)), "")


def test_more_than_ten_megabytes_are_not_read(system: System) -> None:
    system.list_of(row())
    system.answers["/files/12-TB.pdf"] = (200, {}, PDF + bytes(10 << 20))
    asked = HttpSource(f"{system.url}/list", ZONE)

    with pytest.raises(EntryUnusable, match="larger than 10 MB"):
        asked.open(only(asked.entries(None)), "")


def test_a_system_that_drips_is_given_up(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "_FILE_SECONDS", -1.0)
    system.list_of(row())
    system.answers["/files/12-TB.pdf"] = (200, {}, PDF)
    asked = HttpSource(f"{system.url}/list", ZONE)

    with pytest.raises(SourceUnavailable, match="too slow"):
        asked.open(only(asked.entries(None)), "")


def test_nobody_there_is_silence() -> None:
    with pytest.raises(SourceUnavailable, match="does not answer"):
        HttpSource("http://127.0.0.1:9/list", ZONE).entries(None)


@pytest.mark.parametrize("address", ["http://example.vn/list", "ftp://x/list", "https://"])
def test_an_open_line_to_another_machine_is_refused(address: str) -> None:
    with pytest.raises(SettingsError, match="https://"):
        HttpSource(address, ZONE)


def test_the_name_of_a_source_says_nothing_about_its_address(tmp_path: Path) -> None:
    names = {
        HttpSource("https://a.vn/x?key=1", ZONE).name,
        HttpSource("https://a.vn/x?key=2", ZONE).name,
    }
    names.add(FolderSource(tmp_path, ZONE).name)

    assert len(names) == 3
    assert not any("a.vn" in name or "key" in name or "tmp" in name for name in names)
