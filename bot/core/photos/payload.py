"""What the text inside a QR code means; nothing personal is ever kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from urllib.parse import SplitResult, unquote, urlsplit

from bot.core.dossiers.codes import DossierCode

MAX_LENGTH = 300  # characters; no slip needs more, and a longer text is somebody's trick

# Chip identity card: number | old number or empty | name | day of birth | …
_IDENTITY_CARD = re.compile(r"\d{12}\|\d{0,9}\|[^|]*\|\d{8}(?:\||$)")
# Health-insurance card: number | name as hex | …
_HEALTH_CARD = re.compile(r"(?:[A-Z]{2}\d{13}|\d{10})\|[0-9A-Fa-f]+\|")
_PAYMENT = re.compile(r"000201\d{2}")  # EMVCo, which VietQR follows
# First digit 1-3 is public; 5 and 6 are internal between authorities and never shown.
_PROCEDURE = re.compile(r"[1-3]\.\d{6}(?:(?:\.\d{3}\.\d{2}\.\d{2})?\.[GH]\d{2}(?:\.\d{2})?)?")
_HOST = re.compile(
    r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]"
)
_LINK_PARTS = re.compile(r"[/?&=#;,]")
_PAGE_ENDING = re.compile(r"\.(?:html?|aspx?|php|jsp)$", re.IGNORECASE)
# The province's own slip: /q/<code>.<key id>.<signature>
_SIGNED_SLIP = re.compile(r"([^/]+)\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+=*")
_SLIP_PATH = re.compile(r"(?:/[^?#]*)?/q/(?P<token>[0-9A-Z._=-]{8,120})/?", re.IGNORECASE)


class PayloadKind(str, Enum):
    """What a QR code turned out to be."""

    DOSSIER = "dossier"
    LINK = "link_without_code"
    PROCEDURE = "procedure"
    IDENTITY_CARD = "identity_card"
    HEALTH_CARD = "health_card"
    PAYMENT = "payment"
    OTHER = "other"


@dataclass(frozen=True)
class Payload:
    """One QR code, understood. Its raw text is dropped, so it cannot be logged or stored.

    ``codes`` is filled for DOSSIER and ``procedure`` for PROCEDURE. ``host`` (lower case, ASCII,
    safe to show) is that of a LINK, or of a DOSSIER link in the form of our own slips; ``slip``
    is the token of such a link, whole or not, unchecked.
    """

    kind: PayloadKind
    codes: tuple[DossierCode, ...] = ()
    host: str = ""
    procedure: str = ""
    slip: str = field(default="", repr=False)  # opens the owner's answer: not for any log


class Trouble(str, Enum):
    """Why a photo gave nothing, as far as it can be told."""

    NONE = ""
    DARK = "dark"
    GLARE = "glare"
    BLURRED = "blurred"
    SMALL = "small"
    CUT_OFF = "cut_off"
    NO_CODE = "no_code"


@dataclass(frozen=True)
class PhotoReading:
    """What was found in one photo of ``width`` x ``height`` pixels, each payload once.

    ``blurred_code_seen`` is true when a code was seen but none could be read: ask for a sharper
    photo rather than for another page. ``trouble`` says what to do better then.
    """

    payloads: tuple[Payload, ...]
    blurred_code_seen: bool
    width: int
    height: int
    trouble: Trouble = Trouble.NONE

    @property
    def codes(self) -> tuple[DossierCode, ...]:
        """Return the different dossier codes of all payloads."""
        return tuple(dict.fromkeys(code for payload in self.payloads for code in payload.codes))


_PERSONAL = (
    (_IDENTITY_CARD, PayloadKind.IDENTITY_CARD),
    (_HEALTH_CARD, PayloadKind.HEALTH_CARD),
    (_PAYMENT, PayloadKind.PAYMENT),
)


def read_payload(text: str, today: date | None = None) -> Payload:
    """Say what ``text`` means; a dossier code only when nothing about it is doubtful.

    >>> read_payload("H53.16-260916-0012").codes[0].value
    'H53.16-260916-0012'
    >>> read_payload("https://dichvucong.gov.vn/gioi-thieu").host
    'dichvucong.gov.vn'
    """
    text = text.strip()
    for pattern, kind in _PERSONAL:
        if pattern.match(text):
            return Payload(kind)
    if len(text) > MAX_LENGTH or not (text.isascii() and text.isprintable()):
        return Payload(PayloadKind.OTHER)
    if "://" in text:
        return _read_link(text, today)
    if _PROCEDURE.fullmatch(text):
        return Payload(PayloadKind.PROCEDURE, procedure=text)
    code = DossierCode.parse(text, today)
    return Payload(PayloadKind.DOSSIER, (code,)) if code else Payload(PayloadKind.OTHER)


def _read_link(text: str, today: date | None) -> Payload:
    try:
        link = urlsplit(text)
        host, port = (link.hostname or "").rstrip("."), link.port
    except ValueError:  # brackets or a port that is no number
        return Payload(PayloadKind.OTHER)
    if link.scheme not in {"http", "https"} or not _HOST.fullmatch(host) or " " in text:
        return Payload(PayloadKind.OTHER)
    plain = link.scheme == "https" and port in {None, 443} and "@" not in link.netloc
    codes = tuple(dict.fromkeys(_codes_in(link, today))) if plain else ()
    if len(codes) == 1:
        ours = _SLIP_PATH.fullmatch(unquote(link.path))
        slip = _slip_in(ours["token"]) if ours else ""
        return Payload(PayloadKind.DOSSIER, codes, host if ours else "", slip=slip)
    return Payload(PayloadKind.LINK, host=host)


def _slip_in(token: str) -> str:
    """Return what stands after ``/q/``, in capitals; "" for a bare code."""
    token = token.upper()
    return "" if DossierCode.parse(token) else token


def _codes_in(link: SplitResult, today: date | None) -> Iterator[DossierCode]:
    """Yield the codes in a link, part by part so that two parts never make one code."""
    for raw in _LINK_PARTS.split(f"{link.path}?{link.query}#{link.fragment}"):
        part = _PAGE_ENDING.sub("", unquote(raw.replace("+", " ")).strip())
        signed = _SIGNED_SLIP.fullmatch(part) if link.path.endswith(f"/q/{raw}") else None
        code = DossierCode.parse(signed.group(1) if signed else part, today)
        if code:
            yield code
        else:
            yield from DossierCode.find_all(part, today)
