"""The doctor's questions about the Zalo channel."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import requests

from bot.channels.zalo import signature
from bot.channels.zalo.accounts import Account
from bot.channels.zalo.codes import advice_for
from bot.channels.zalo.tokens import CHANNEL
from bot.cli.findings import Finding, fix, ok
from bot.cli.zalo import ago, ask_account, kept_pair, login_of, plain
from bot.core.errors import SendError
from bot.settings import Settings
from bot.store import Store
from bot.wiring.channels import zalo_accounts

_TIMEOUT = (5.0, 10.0)  # seconds
_MOST_SKEW = timedelta(minutes=2)
_SILENCE = timedelta(days=7)
_REFRESH_LIFE, _REFRESH_WARNING = timedelta(days=90), timedelta(days=75)
# The documented examples; the second writes the same text with escapes.
_VECTOR = (
    '{"app_id":"1000000000000000001","sender":{"id":"2000000000000000002"},'
    '"user_id_by_app":"3000000000000000003","recipient":{"id":"4000000000000000004"},'
    '"event_name":"user_send_text","message":{"text":"Xin ch%so",'
    '"msg_id":"a1b2c3d4e5f60718293a"},"timestamp":"1790000000000"}'
)
_VECTORS = {
    "\u00e0": "8dee0762912fd88d88b98dbd3671d5a64952b4bb7647fbb6a62bab95cc840dad",
    "\\u00e0": "8e9173d7dbe7643570470b50e910140ac0a3aaab3d65e68baf9f2408a2cf1993",
}
_VECTOR_KEYS = ("1000000000000000001", "1790000000000", "oaSecretExample_0123456789")


def checks(settings: Settings, store: Store, now: datetime, *, offline: bool) -> Iterator[Finding]:
    """Yield a finding for each question; ``offline`` leaves out what needs the network."""
    yield _signature()
    yield _secrets(settings)
    yield _public_url(settings)
    accounts = zalo_accounts(settings)
    for account in accounts:
        found = (
            *_tokens(store, account, now),
            *_pauses(store, account, now),
            _webhook(store, account, now),
        )
        yield from _for(account, accounts, found)
    if not offline:
        yield _clock(settings, now)
        yield _reachable(settings)
        for account in accounts:
            yield from _for(account, accounts, (_platform(settings, store, account, now),))


def _for(
    account: Account, accounts: Sequence[Account], found: Iterable[Finding]
) -> Iterator[Finding]:
    """Say whose findings these are; with a single account its id would only be noise."""
    for finding in found:
        named = replace(finding, name=f"{finding.name} {account.oa_id}")
        yield named if len(accounts) > 1 else finding


def _signature() -> Finding:
    first, stamp, secret = _VECTOR_KEYS
    for letter, expected in _VECTORS.items():
        body = (_VECTOR % letter).encode()
        if signature.signature(first, body, stamp, secret) != expected:
            return fix("zalo signature", "the self-test fails: this installation is damaged")
    return ok("zalo signature", "self-test with the documented examples")


def _secrets(settings: Settings) -> Finding:
    secrets = [account.oa_secret for account in zalo_accounts(settings)]
    if settings.zalo_app_secret and settings.zalo_app_secret in secrets:
        return fix(
            "zalo secrets",
            "MOTCUA_ZALO_APP_SECRET and an account's secret are the same: the first is the App "
            "Secret Key of the app's settings, the second the OA Secret Key of its Webhook page",
        )
    return ok("zalo secrets")


def _public_url(settings: Settings) -> Finding:
    parts = urlsplit(settings.address)
    if parts.scheme != "https" or parts.port is not None:
        return fix(
            "public address",
            f"{settings.address} is not https without a port, which Zalo asks for: "
            "set MOTCUA_PUBLIC_URL to the address citizens use",
        )
    return ok("public address", settings.address)


def _tokens(store: Store, account: Account, now: datetime) -> Iterator[Finding]:
    state = store.tokens.state(CHANNEL, account.oa_id)
    if state is None and account.refresh_token:
        yield ok(
            "zalo tokens", "none yet; the refresh token of the settings is used at first need"
        )
        return
    if state is None:
        yield fix("zalo tokens", f"access was never granted: {login_of(account)}")
        return
    try:
        kept_pair(store, account)
    except SendError as error:
        yield fix("zalo tokens", plain(error))
        return
    if state.begun_at and now - state.begun_at > timedelta(minutes=1):
        yield fix(
            "zalo tokens",
            f"a refresh begun {ago(state.begun_at, now)} never ended: run `flask --app server "
            f"zalo refresh`, and if that is refused, {login_of(account).removeprefix('run ')}",
        )
    elif state.saved_at and now - state.saved_at > _REFRESH_WARNING:
        ends = (state.saved_at + _REFRESH_LIFE).date()
        yield fix(
            "zalo tokens",
            f"last refreshed {ago(state.saved_at, now)} and dead after {ends}: "
            "run `flask --app server zalo refresh`",
        )
    else:
        yield ok("zalo tokens", f"valid until {state.expires_at.isoformat(timespec='minutes')}")


def _pauses(store: Store, account: Account, now: datetime) -> Iterator[Finding]:
    for pause in store.pauses.of(account.channel, now):
        if pause.person:
            what = "nothing is sent" if pause.reach == "account" else "notices wait"
            advice = advice_for(pause.code) or "see the worker's log"
            yield fix(
                "zalo sending",
                f"{what} since {ago(pause.since, now)}, code {pause.code}: {advice}",
            )
            return
    yield ok("zalo sending")


def _webhook(store: Store, account: Account, now: datetime) -> Finding:
    heard = store.journal.last_received(account.channel)
    if heard is None:
        return fix(
            "zalo webhook",
            "no event has ever come: write to the account from a phone; if still none, open "
            "developers.zalo.me, the app, Webhook, and switch the address and each event on",
        )
    if now - heard > _SILENCE:
        return fix(
            "zalo webhook",
            f"last event {ago(heard, now)}: Zalo switches a webhook off after failures; open "
            "developers.zalo.me, the app, Webhook, and switch it on again",
        )
    return ok("zalo webhook", f"last event {ago(heard, now)}")


def _clock(settings: Settings, now: datetime) -> Finding:
    try:
        answer = requests.get(settings.zalo_api_url, timeout=_TIMEOUT, allow_redirects=False)
        skew = parsedate_to_datetime(answer.headers.get("Date", "")) - now
    except requests.RequestException as error:
        return fix(
            "zalo address",
            f"{settings.zalo_api_url} is not reached ({type(error).__name__}): "
            "let this machine out to it, or check MOTCUA_ZALO_API_URL",
        )
    except (ValueError, TypeError):
        return ok("clock", "the platform names no time to compare with")
    if abs(skew) > _MOST_SKEW:
        seconds = int(skew.total_seconds())
        return fix("clock", f"{-seconds:+d} s against the platform: switch time sync (NTP) on")
    return ok("clock")


def _reachable(settings: Settings) -> Finding:
    """Do what the console does before it saves a webhook's address: post an unsigned ``{}``."""
    url = f"{settings.address}/webhooks/zalo"
    try:
        answer = requests.post(url, json={}, timeout=_TIMEOUT, allow_redirects=False)
    except requests.RequestException as error:
        return fix(
            "webhook address",
            f"{url} is not reached from here ({type(error).__name__}): "
            "check name, certificate, reverse proxy and that the web process runs",
        )
    if answer.status_code != 200:
        return fix("webhook address", f"{url} answers {answer.status_code} instead of 200")
    return ok("webhook address", url)


def _platform(settings: Settings, store: Store, own: Account, now: datetime) -> Finding:
    state = store.tokens.state(CHANNEL, own.oa_id)
    if state is None or state.expires_at <= now:
        return ok("zalo account", "not asked: there is no token now, the next message renews it")
    try:
        account, _ = ask_account(settings, store, own)
    except SendError as error:
        return fix("zalo account", plain(error))
    if account.oa_id not in ("", own.oa_id):
        cure = f"correct the id in the settings, or {login_of(own).removeprefix('run ')}"
        return fix("zalo account", f"the token is of {account.oa_id}: {cure}")
    if not account.is_verified:
        return fix("zalo account", "it is not verified: have it verified at oa.zalo.me")
    return ok("zalo account", f"{account.name}, package {account.package or '-'}")
