"""``flask --app server zalo``: grant access to the account, see its state, renew its token."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import click

from bot.channels.zalo.codes import advice_for
from bot.channels.zalo.oauth import BadRedirect, code_from, consent_url, new_verifier
from bot.channels.zalo.results import OfficialAccount, Quota
from bot.channels.zalo.tokens import CHANNEL, ZaloTokens
from bot.cli.operating import Refused, actor, ready_store
from bot.core.errors import SecretUnreadable, SendError, SendLater, SendNeedsPerson
from bot.settings import Settings
from bot.store import Store, TokenPair, TokenState
from bot.store.wake import Waker
from bot.wiring import utc_now
from bot.wiring_channels import build_zalo_api, build_zalo_tokens

_REFRESH = "run `flask --app server zalo refresh`"
_LOGIN = "run `flask --app server zalo login`"


@click.group()
def zalo() -> None:
    """Connect the Zalo official account and look after its tokens."""


@zalo.command()
@click.option("--code", "pasted", help="The address or code, instead of being asked for it.")
def login(pasted: str | None) -> None:
    """Grant access: open the address shown, allow, paste the address the browser ends at."""
    settings = zalo_settings()
    if pasted and not settings.zalo_code_verifier:
        raise Refused("--code needs MOTCUA_ZALO_CODE_VERIFIER: a code fits only its own challenge")
    verifier = settings.zalo_code_verifier or new_verifier()
    state = secrets.token_urlsafe(12)
    if not pasted:
        click.echo("1. Open this address in a browser, signed in as an administrator of the OA:\n")
        address = (settings.zalo_oauth_url, settings.zalo_app_id, callback(settings))
        click.echo(f"   {consent_url(*address, verifier, state)}\n")
        click.echo("2. Allow the access. The browser ends at the callback address; the page")
        click.echo("   there does not matter. The code in the address lasts ten minutes.")
        pasted = str(click.prompt("3. Paste that whole address here"))
    try:
        code = code_from(pasted, state, settings.zalo_oa_id)
    except BadRedirect as error:
        raise Refused(f"{error}.") from error
    with ready_store(settings) as store, _tokens(settings, store) as tokens, plain_errors():
        pair = tokens.grant(code, verifier)
        _granted(settings, store, "zalo_granted")
        click.echo(f"Access granted; the token is valid until {_moment(pair.expires_at)}.")
        _say_account(ask_account(settings, store))


@zalo.command()
def refresh() -> None:
    """Exchange the tokens for new ones now, also while the present ones are valid."""
    settings = zalo_settings()
    with ready_store(settings) as store, _tokens(settings, store) as tokens, plain_errors():
        pair = kept_pair(settings, store)
        tokens.renew(pair.access_token if pair else "")
        _granted(settings, store, "zalo_refreshed")
        renewed = store.tokens.state(CHANNEL, settings.zalo_oa_id)
        until = _moment(renewed.expires_at) if renewed else "?"
        click.echo(f"Renewed; the token is valid until {until}.")


@zalo.command()
def status() -> None:
    """Show account, tokens, pauses, webhook and quota; exit 1 when somebody must act."""
    settings = zalo_settings()
    now = utc_now()
    with ready_store(settings) as store:
        click.echo(f"account   {settings.zalo_oa_id}")
        amiss = not _say_tokens(settings, store.tokens.state(CHANNEL, settings.zalo_oa_id), now)
        for pause in store.pauses.of(CHANNEL, now):
            amiss = amiss or pause.person
            what = "nothing is sent" if pause.reach == "account" else "notices wait"
            click.echo(f"pause     {what}: code {pause.code}, since {_moment(pause.since)}")
            if pause.person:
                click.echo(f"          {advice_for(pause.code) or 'see the worker log'}")
        heard = store.journal.last_received(CHANNEL)
        click.echo(f"webhook   {f'last event {ago(heard, now)}' if heard else 'never any event'}")
        amiss = not _say_platform(settings, store, now) or amiss
    if amiss:
        raise SystemExit(1)


def zalo_settings() -> Settings:
    """Return the settings, or refuse when Zalo is not switched on."""
    settings = Settings.from_env()
    if not settings.zalo_app_id:
        raise Refused(
            "Zalo is switched off: set MOTCUA_ZALO_APP_ID, MOTCUA_ZALO_APP_SECRET, "
            "MOTCUA_ZALO_OA_ID and MOTCUA_ZALO_OA_SECRET first."
        )
    return settings


def callback(settings: Settings) -> str:
    """Return the callback address as it must stand in the app's console."""
    return settings.zalo_callback_url or f"{settings.address}/"


class KeptToken:
    """The token as it is kept: looking at things must never use a refresh token up."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store

    def access(self) -> str:
        """Return the kept token. Raises SendNeedsPerson when there is none."""
        pair = kept_pair(self._settings, self._store)
        if pair is None:
            raise SendNeedsPerson("no token is kept", "", _LOGIN)
        return pair.access_token

    def renew(self, refused: str) -> str:
        """Raise SendNeedsPerson: a refused token is reported, not replaced."""
        raise SendNeedsPerson("the access token is refused", "-216", _REFRESH)


def kept_pair(settings: Settings, store: Store) -> TokenPair | None:
    """Return the kept pair, or None. Raises SendNeedsPerson when its key is lost."""
    try:
        return store.tokens.load(CHANNEL, settings.zalo_oa_id)
    except SecretUnreadable as error:
        raise SendNeedsPerson("kept tokens cannot be opened", "token_key", str(error)) from error


def ask_account(settings: Settings, store: Store) -> tuple[OfficialAccount, tuple[Quota, ...]]:
    """Return what the platform says about the account and its quotas. Raises SendError."""
    api = build_zalo_api(settings, store, KeptToken(settings, store))
    try:
        return api.account(), api.account_quota()
    finally:
        api.close()


@contextmanager
def plain_errors() -> Iterator[None]:
    """Show a refusal of the platform as one sentence with what to do; exit status 1."""
    try:
        yield
    except SendError as error:
        raise click.ClickException(plain(error)) from error


def plain(error: SendError) -> str:
    """Return an error in plain words."""
    advice = error.advice if isinstance(error, SendNeedsPerson) else ""
    if isinstance(error, SendLater):
        advice = "try again in a minute"
    code = f" ({error.code})" if error.code else ""
    return f"{error.reason}{code}: {advice or 'see docs/how-to/connect-a-zalo-oa.md'}"


def ago(moment: datetime, now: datetime) -> str:
    """Return how long ago in one unit.

    >>> from datetime import timezone
    >>> noon = datetime(2026, 11, 22, 12, tzinfo=timezone.utc)
    >>> ago(noon - timedelta(minutes=130), noon)
    '2 h ago'
    """
    seconds = max(0, int((now - moment).total_seconds()))
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds // size} {unit} ago"
    return f"{seconds} s ago"


@contextmanager
def _tokens(settings: Settings, store: Store) -> Iterator[ZaloTokens]:
    tokens = build_zalo_tokens(settings, store)
    try:
        yield tokens
    finally:
        tokens.close()


def _granted(settings: Settings, store: Store, action: str) -> None:
    """Write down who did it and let waiting messages try at once."""
    store.audit.append(actor(), action, f"zalo:{settings.zalo_oa_id}", {}, utc_now())
    store.pauses.probe_now(CHANNEL, utc_now())
    Waker(settings.data_dir).notify("worker")


def _say_tokens(settings: Settings, state: TokenState | None, now: datetime) -> bool:
    if state is None and settings.zalo_refresh_token:
        click.echo("tokens    none yet: MOTCUA_ZALO_REFRESH_TOKEN is used at first need")
        return True
    if state is None:
        click.echo(f"tokens    none: {_LOGIN}")
        return False
    saved = f"last refresh {ago(state.saved_at, now)}" if state.saved_at else "age not known"
    if state.expires_at > now:
        click.echo(f"tokens    {saved}, valid until {_moment(state.expires_at)}")
    else:
        click.echo(f"tokens    {saved}, ended {_moment(state.expires_at)}; renewed when needed")
    if state.begun_at and now - state.begun_at > timedelta(minutes=1):
        click.echo(
            f"          a refresh begun {ago(state.begun_at, now)} never ended: its tokens may be "
            f"lost; if the next one is refused, {_LOGIN}"
        )
    return True


def _say_platform(settings: Settings, store: Store, now: datetime) -> bool:
    state = store.tokens.state(CHANNEL, settings.zalo_oa_id)
    if state is None or state.expires_at <= now:
        click.echo("platform  not asked: there is no valid token")
        return True
    try:
        _say_account(ask_account(settings, store))
    except SendError as error:
        click.echo(f"platform  {plain(error)}")
        return False
    return True


def _say_account(found: tuple[OfficialAccount, tuple[Quota, ...]]) -> None:
    account, quotas = found
    verified = "verified" if account.is_verified else "not verified"
    package = f"package {account.package or '-'} until {account.package_until or '-'}"
    click.echo(f"platform  {account.name}: {verified}, {account.followers:,} followers, {package}")
    click.echo(f"money     Zalo Cloud Account {account.cloud_account or 'not linked'}")
    for quota in quotas:
        left = f"{quota.remain:,} of {quota.total:,} left"
        click.echo(f"quota     {quota.product} {quota.kind}: {left} until {quota.valid_through}")


def _moment(moment: datetime) -> str:
    return moment.astimezone().strftime("%Y-%m-%d %H:%M %Z")
