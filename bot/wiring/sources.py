"""Joins the places dossiers come from, in the order the settings name them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from bot.core.dossiers.dossier import DossierSource
from bot.core.errors import SettingsError, SourceUnavailable
from bot.core.follow.exchange import StateOf, by_number
from bot.settings import Settings
from bot.sources.onestop import Access, OneStopSource, open_onestop
from bot.sources.onestop.labels import Labels
from bot.sources.onestop.transport import Tls
from bot.sources.register import RegisterSource
from bot.sources.reported import with_reports
from bot.store import Store
from bot.wiring.keys import owner_digests

_LONGEST_WAIT = 4  # seconds a citizen may wait for one look-up
_SHORTEST_FRESH, _LONGEST_FRESH = 1, 600  # one turn may look twice
KNOWN_FILE = "known.db"


def build_sources(settings: Settings, store: Store | None = None) -> list[DossierSource]:
    """Return the dossier sources in the order they are asked. Raises SettingsError.

    With ``store`` they say what was reported to it since they were written.
    """
    known: Mapping[str, Callable[[], DossierSource]] = {
        "register": lambda: RegisterSource(
            settings.registry_path, zone=settings.timezone, owners=owner_digests(settings)
        ),
        "onestop": lambda: build_onestop(settings),
    }
    names = settings.dossier_sources.replace(",", " ").split()
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        raise SettingsError(
            f"MOTCUA_DOSSIER_SOURCES names {unknown or 'nothing'}: use {', '.join(known)}"
        )
    sources = [known[name]() for name in names]
    return [with_reports(each, store.reported) for each in sources] if store else sources


def build_states(settings: Settings) -> StateOf:
    """Return what tells the national state of a number or of one of the province's labels."""
    labels = Labels(settings.registry_path)

    def state_of(value: str, label: str) -> int | None:
        try:
            known = labels.state(value, label)[1]
        except SourceUnavailable:  # a call must be kept all the same
            known = None
        return known or by_number(value)

    return state_of


def build_onestop(settings: Settings) -> OneStopSource:
    """Return the source of the one-stop system. Raises SettingsError."""
    _check(settings)
    tls = Tls(settings.onestop_cert, settings.onestop_key, settings.onestop_ca)
    return open_onestop(
        Access(
            settings.onestop_url,
            settings.onestop_token,
            settings.onestop_token_url,
            settings.onestop_client_id,
            settings.onestop_client_secret,
            tls,
        ),
        mapping=settings.onestop_mapping,
        registry=settings.registry_path,
        known=settings.data_dir / KNOWN_FILE,
        zone=settings.timezone,
        fresh=settings.onestop_fresh_seconds,
        seconds=settings.onestop_timeout,
    )


def _check(settings: Settings) -> None:
    """Raise SettingsError for what would fail only when a citizen asks."""
    if not settings.onestop_url:
        raise SettingsError(
            "MOTCUA_DOSSIER_SOURCES names onestop: set MOTCUA_ONESTOP_URL to its address"
        )
    for name in ("onestop_url", "onestop_token_url"):
        address = getattr(settings, name)
        parts = urlsplit(address)
        if address and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise SettingsError(f"{_variable(name)} must begin with https:// and name a host")
    for name in ("onestop_cert", "onestop_key", "onestop_ca"):
        path = getattr(settings, name)
        if path and not Path(path).is_file():
            raise SettingsError(f"{_variable(name)}: there is no file {path}")
    if settings.onestop_token_url and not settings.onestop_client_id:
        raise SettingsError("MOTCUA_ONESTOP_TOKEN_URL needs MOTCUA_ONESTOP_CLIENT_ID and _SECRET")
    if settings.onestop_key and not settings.onestop_cert:
        raise SettingsError("MOTCUA_ONESTOP_KEY needs MOTCUA_ONESTOP_CERT")
    _within("onestop_timeout", settings.onestop_timeout, 1, _LONGEST_WAIT)
    _within(
        "onestop_fresh_seconds", settings.onestop_fresh_seconds, _SHORTEST_FRESH, _LONGEST_FRESH
    )


def _within(name: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise SettingsError(f"{_variable(name)} must lie between {least} and {most}, not {value}")


def _variable(name: str) -> str:
    return f"MOTCUA_{name.upper()}"
