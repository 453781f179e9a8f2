"""A one-stop system or integration platform, asked over HTTP in the words of a mapping file."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.sources.onestop.client import Client
from bot.sources.onestop.known import KnownStates
from bot.sources.onestop.labels import Labels
from bot.sources.onestop.mapping import read_mapping
from bot.sources.onestop.parse import Parser
from bot.sources.onestop.source import OneStopSource, Remembered
from bot.sources.onestop.tokens import ClientToken, FixedToken, Tokens
from bot.sources.onestop.transport import Tls, Transport

__all__ = ["Access", "OneStopSource", "open_onestop"]


@dataclass(frozen=True)
class Access:
    """Where a system is and how we show who we are; empty means not used."""

    url: str
    token: str = field(default="", repr=False)
    token_url: str = ""
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    tls: Tls = Tls()


def open_onestop(
    access: Access,
    *,
    mapping: str,
    registry: Path,
    known: Path,
    zone: str,
    fresh: float,
    seconds: float,
) -> OneStopSource:
    """Return the source. Raises SettingsError when the mapping cannot be used.

    ``registry`` holds the labels, ``known`` is the file of last known states. An answer younger
    than ``fresh`` seconds is given again; a look-up takes at most ``seconds``.
    """
    names = read_mapping(mapping)
    transport = Transport(access.tls)
    tokens: Tokens = FixedToken(access.token)
    if access.token_url:
        client = (access.client_id, access.client_secret)
        tokens = ClientToken(access.token_url, client, transport.send, time.monotonic)
    return OneStopSource(
        Client(OneStopSource.name, access.url, names, transport.send, tokens),
        Parser(names, Labels(registry), ZoneInfo(zone), OneStopSource.name),
        KnownStates(known),
        Remembered(fresh),
        seconds,
    )
