"""Links to a dossier that somebody types or pastes: read like the QR code of a photo."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

from bot.core.dossiers.codes import DossierCode
from bot.core.photos.payload import Payload, PayloadKind, read_payload

_AROUND = "()[]{}<>\"'“”‘’,;:!?."
_SCHEME = re.compile(r"(?:https?://)?", re.IGNORECASE)
_BEFORE_PATH = re.compile(r"(?:[a-z]+://)?[^/]*", re.IGNORECASE)
_SLIP = "/q/"
_NOWHERE = "nowhere.invalid"  # stands for an address that nobody needs to know


def host_of(address: str) -> str:
    """Return the host of an address, "" when there is none."""
    return (urlsplit(address).hostname or "").lower()


def pasted(text: str, address: str) -> Payload | None:
    """Return what the only dossier link of a normalised text means, None when there is none.

    ``address`` is the desk's own, in whatever form; its links have no ``host``. A link in the
    form of our slips counts beside other words, any other only when it is the whole text.

    >>> pasted("https://a.vn/tra-cuu?ma=H53.16-260916-0012", "").codes[0].value
    'H53.16-260916-0012'
    >>> pasted("xem /q/H53.16-260916-0012 giúp", "").codes[0].value
    'H53.16-260916-0012'
    >>> pasted("https://a.vn/gioi-thieu", "") is None
    True
    """
    words = [word.strip(_AROUND) for word in text.split()]
    links = [word for word in words if "/" in word]
    found = [payload for word in links for payload in _read(word, address, len(words) == 1)]
    beside = DossierCode.find_all(" ".join(word for word in words if word not in links))
    codes = {*beside, *(code for payload in found for code in payload.codes)}
    return found[0] if found and len(codes) == 1 else None


def _read(word: str, address: str, alone: bool) -> Iterator[Payload]:
    own = _SCHEME.sub("", address, count=1).lower()
    bare = _SCHEME.sub("", word, count=1)
    if own and bare.lower().startswith(own + _SLIP):
        yield from _slip(bare[len(own) :], "")
    elif bare.lower().startswith((_SLIP, _SLIP[1:])):
        yield from _slip("/" + bare.lstrip("/"), "")
    elif _SLIP in bare.lower():
        yield from _slip(_BEFORE_PATH.sub("", word, count=1), _host_in(word))
    elif alone:
        payload = read_payload(word if "://" in word else f"https://{word}")
        if payload.kind is PayloadKind.DOSSIER:
            yield payload


def _slip(path: str, host: str) -> Iterator[Payload]:
    """Read the path of a link in the form of our slips."""
    payload = read_payload(f"https://{_NOWHERE}{path}")
    if payload.kind is PayloadKind.DOSSIER and payload.host:
        yield replace(payload, host=host)


def _host_in(word: str) -> str:
    try:
        return host_of(word if "://" in word else f"https://{word}") or _NOWHERE
    except ValueError:  # brackets that do not close
        return _NOWHERE
