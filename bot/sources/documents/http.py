"""A document system asked over HTTPS: a JSON list, and PDFs on the same host only."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone, tzinfo
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

import requests
from urllib3.exceptions import HTTPError

from bot.core.documents.source import Entry, EntryUnusable, Opened, Problem
from bot.core.errors import SettingsError, SourceUnavailable
from bot.core.notices.files import MOST_DOCUMENT
from bot.registry.rows import BadFile, Loaded
from bot.sources.documents.folder import document_of
from bot.sources.documents.index import read_index

_MOST_LIST = 5 * 2**20  # bytes
_PIECE = 64 * 1024
_SILENCE = 10.0  # seconds without a byte
_LIST_SECONDS, _FILE_SECONDS = 30.0, 60.0  # altogether
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_NO_COOKIES = DefaultCookiePolicy(allowed_domains=[])


class HttpSource:
    """Documents of an address. Redirects are not followed: they would carry the token away."""

    def __init__(self, address: str, zone: tzinfo, token: str = "") -> None:
        """Raise SettingsError unless the address is https, or http on this very machine."""
        self._address = urlsplit(address)
        plain = self._address.scheme == "http" and self._address.hostname in _LOOPBACK
        if not (self._address.scheme == "https" or plain) or not self._address.hostname:
            raise SettingsError(
                "MOTCUA_DOCUMENT_SOURCE must be a folder or an https:// address: set one of them"
            )
        self._token = token
        self._zone = zone
        self._session = requests.Session()
        self._session.cookies.set_policy(_NO_COOKIES)

    @property
    def name(self) -> str:
        """Return what its looks are remembered under."""
        address = hashlib.sha256(self._address.geturl().encode()).hexdigest()
        return f"http {address[:16]}"

    def entries(self, since: datetime | None) -> Sequence[Entry | Problem]:
        """Return what came after ``since``, or all. Raises SourceUnavailable."""
        query = {"since": _instant(since)} if since else {}
        body, _ = self._get(self._address.geturl(), query, {}, _MOST_LIST, _LIST_SECONDS)
        try:
            found = list(read_index(Loaded("documents.json", body), self._zone))
        except BadFile as error:
            raise SourceUnavailable(f"the document system sent no list: {error}") from error
        return [each if isinstance(each, Problem) else self._inside(each) for each in found]

    def open(self, entry: Entry, before: str) -> Opened | None:
        """Return a document, or None if the server says that it did not change."""
        said, _, tag = before.partition(" ")
        known = {"If-None-Match": tag} if tag and said == entry.stamp else {}
        try:
            body, tag = self._get(entry.file, {}, known, MOST_DOCUMENT, _FILE_SECONDS)
        except _NotModified:
            return None
        except _Refused as error:
            raise EntryUnusable(entry.problem(error.code, str(error))) from error
        if not body.startswith(b"%PDF-"):
            raise EntryUnusable(entry.problem("not_pdf", f"{entry.file} is no PDF"))
        return Opened(document_of(entry, _file_name(entry), body), f"{entry.stamp} {tag}")

    def _inside(self, entry: Entry) -> Entry | Problem:
        """Return the entry with the whole address of its PDF, if that is on our host."""
        try:
            address = urlsplit(urljoin(self._address.geturl(), entry.file))
            ours = _place(address) == _place(self._address) and "@" not in address.netloc
        except ValueError:
            ours = False
        if not ours:
            return entry.problem("host", f"TepDinhKem {entry.file!r} is not on the same host")
        values = {**vars(entry), "file": address.geturl()}
        return Entry(**values)

    def _get(
        self,
        address: str,
        query: Mapping[str, str],
        headers: Mapping[str, str],
        most: int,
        seconds: float,
    ) -> tuple[bytes, str]:
        end = time.monotonic() + seconds
        try:
            with self._session.get(
                address,
                params=dict(query),
                headers={"Accept-Encoding": "identity", **headers},
                auth=_Bearer(self._token),
                timeout=_SILENCE,
                allow_redirects=False,
                stream=True,
            ) as answer:
                _check(answer)
                return _body(answer, most, end), answer.headers.get("ETag", "")
        except (requests.RequestException, HTTPError, OSError, UnicodeError) as error:
            raise SourceUnavailable(
                f"the document system does not answer ({type(error).__name__})"
            ) from error


def _instant(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).isoformat(timespec="seconds")


class _NotModified(Exception):
    """The server says that nothing changed."""


class _Refused(SourceUnavailable):
    """The server answered, but not with this file."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class _Bearer(requests.auth.AuthBase):
    """Puts our token on a request, and nothing else: no password of this machine's files."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _check(answer: requests.Response) -> None:
    status = answer.status_code
    if status == 304:
        raise _NotModified
    if status in (401, 403):
        raise SourceUnavailable("the document system refuses us: see MOTCUA_DOCUMENT_TOKEN")
    if 300 <= status < 500 and status != 429:
        raise _Refused(f"http_{status}", f"the document system answers {status}")
    if status != 200:
        raise SourceUnavailable(f"the document system answers {status}")
    if answer.headers.get("Content-Encoding", "identity").lower() not in ("", "identity"):
        raise _Refused("encoded", "the document system packs what was to come as it is")


def _body(answer: requests.Response, most: int, end: float) -> bytes:
    body = bytearray()
    while piece := answer.raw.read1(_PIECE, decode_content=False):
        body += piece
        if len(body) > most:
            raise _Refused("too_large", f"larger than {most >> 20} MB")
        if time.monotonic() > end:
            raise SourceUnavailable("the document system is too slow")
    announced = answer.headers.get("Content-Length", "")
    if announced.isdecimal() and int(announced) != len(body):
        raise SourceUnavailable("the document system broke off")
    return bytes(body)


def _place(address: SplitResult) -> tuple[str, str | None, int | None]:
    default = {"https": 443, "http": 80}.get(address.scheme)
    return address.scheme, address.hostname, address.port or default


def _file_name(entry: Entry) -> str:
    """Return what people call the PDF: the end of its address, or its number."""
    last = unquote(urlsplit(entry.file).path).rpartition("/")[2]
    if not last.lower().endswith(".pdf"):
        last = f"{entry.number}.pdf"
    return last.replace("/", "-").replace("\\", "-")
