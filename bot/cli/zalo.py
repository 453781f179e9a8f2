"""``flask --app server zalo``: grant access to the account, see its state, renew its token."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import click

from bot.channels.zalo.accounts import Account
from bot.channels.zalo.codes import advice_for
from bot.channels.zalo.oauth import BadRedirect, code_from, consent_url, new_verifier
from bot.channels.zalo.results import OfficialAccount, Quota
from bot.channels.zalo.tokens import CHANNEL, ZaloTokens
from bot.cli.operating import Refused, actor, ready_store
from bot.core.channel import visitors_of
from bot.core.errors import SecretUnreadable, SendError, SendLater, SendNeedsPerson
from bot.settings import Settings
from bot.store import Store, TokenPair, TokenState
from bot.store.wake import Waker
from bot.wiring.channels import build_zalo_api, build_zalo_tokens, zalo_accounts
from bot.wiring.desk import utc_now

_REFRESH = "run `flask --app server zalo refresh`"
_LOGIN = "run `flask --app server zalo login`"


_for_account = click.option(
    "--account", "oa_id", help="Id of the account; without it the one of MOTCUA_ZALO_OA_ID."
)


@click.group()
def zalo() -> None:
    """Connect Zalo official accounts and look after their tokens."""


@zalo.command()
@click.option("--code", "pasted", help="The address or code, instead of being asked for it.")
@_for_account
def login(pasted: str | None, oa_id: str | None) -> None:
    """Grant access: open the address shown, allow, paste the address the browser ends at."""
    settings = zalo_settings()
    account = chosen(settings, oa_id)
    if pasted and not settings.zalo_code_verifier:
        raise Refused("--code needs MOTCUA_ZALO_CODE_VERIFIER: a code fits only its own challenge")
    verifier = settings.zalo_code_verifier or new_verifier()
    state = secrets.token_urlsafe(12)
    if not pasted:
        click.echo("1. Open this address in a browser, signed in as an administrator of the")
        click.echo(f"   account {account.oa_id}:\n")
        address = (settings.zalo_oauth_url, settings.zalo_app_id, callback(settings))
        click.echo(f"   {consent_url(*address, verifier, state)}\n")
        click.echo("2. Allow the access. The browser ends at the callback address; the page")
        click.echo("   there does not matter. The code in the address lasts ten minutes.")
        pasted = str(click.prompt("3. Paste that whole address here"))
    try:
        code = code_from(pasted, state, account.oa_id)
    except BadRedirect as error:
        raise Refused(f"{error}.") from error
    with ready_store(settings) as store, _tokens(settings, store, account) as tokens:
        with plain_errors():
            pair = tokens.grant(code, verifier)
            _granted(settings, store, account, "zalo_granted")
            click.echo(f"Access granted; the token is valid until {_moment(pair.expires_at)}.")
            _say_account(ask_account(settings, store, account))


@zalo.command()
@_for_account
def refresh(oa_id: str | None) -> None:
    """Exchange the tokens for new ones now, also while the present ones are valid."""
    settings = zalo_settings()
    account = chosen(settings, oa_id)
    with ready_store(settings) as store, _tokens(settings, store, account) as tokens:
        with plain_errors():
            pair = kept_pair(store, account)
            tokens.renew(pair.access_token if pair else "")
            _granted(settings, store, account, "zalo_refreshed")
            renewed = store.tokens.state(CHANNEL, account.oa_id)
            until = _moment(renewed.expires_at) if renewed else "?"
            click.echo(f"Renewed; the token is valid until {until}.")


@zalo.command()
@click.option("--account", "oa_id", help="Id of one account; without it all are shown.")
def status(oa_id: str | None) -> None:
    """Show accounts, tokens, pauses, webhook and quota; exit 1 when somebody must act."""
    settings = zalo_settings()
    now = utc_now()
    accounts = (chosen(settings, oa_id),) if oa_id else zalo_accounts(settings)
    with ready_store(settings) as store:
        good = [_say_all(settings, store, account, now) for account in accounts]
    if not all(good):
        raise SystemExit(1)


def _say_all(settings: Settings, store: Store, account: Account, now: datetime) -> bool:
    """Show one account; return whether nobody must act."""
    click.echo(f"account   {account.oa_id}")
    good = _say_tokens(account, store.tokens.state(CHANNEL, account.oa_id), now)
    for pause in store.pauses.of(account.channel, now):
        good = good and not pause.person
        what = "nothing is sent" if pause.reach == "account" else "notices wait"
        click.echo(f"pause     {what}: code {pause.code}, since {_moment(pause.since)}")
        if pause.person:
            click.echo(f"          {advice_for(pause.code) or 'see the worker log'}")
    heard = store.journal.last_received(account.channel)
    click.echo(f"webhook   {f'last event {ago(heard, now)}' if heard else 'never any event'}")
    return _say_platform(settings, store, account, now) and good


def chosen(settings: Settings, oa_id: str | None) -> Account:
    """Return the account with this id, the first without one. Raises Refused."""
    accounts = zalo_accounts(settings)
    found = [account for account in accounts if oa_id in (None, account.oa_id)]
    if not found:
        known = ", ".join(account.oa_id for account in accounts)
        raise Refused(f"{oa_id} is not an account of the settings; these are: {known}.")
    return found[0]


def login_of(account: Account) -> str:
    """Return what to run to grant access to an account."""
    return _LOGIN if account.channel == CHANNEL else f"{_LOGIN[:-1]} --account {account.oa_id}`"


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

    def __init__(self, store: Store, account: Account) -> None:
        self._store = store
        self._account = account

    def access(self) -> str:
        """Return the kept token. Raises SendNeedsPerson when there is none."""
        pair = kept_pair(self._store, self._account)
        if pair is None:
            raise SendNeedsPerson("no token is kept", "", login_of(self._account))
        return pair.access_token

    def renew(self, refused: str) -> str:
        """Raise SendNeedsPerson: a refused token is reported, not replaced."""
        raise SendNeedsPerson("the access token is refused", "-216", _REFRESH)


def kept_pair(store: Store, account: Account) -> TokenPair | None:
    """Return the kept pair, or None. Raises SendNeedsPerson when its key is lost."""
    try:
        return store.tokens.load(CHANNEL, account.oa_id)
    except SecretUnreadable as error:
        raise SendNeedsPerson("kept tokens cannot be opened", "token_key", str(error)) from error


def ask_account(
    settings: Settings, store: Store, account: Account
) -> tuple[OfficialAccount, tuple[Quota, ...]]:
    """Return what the platform says about the account and its quotas. Raises SendError."""
    api = build_zalo_api(settings, store, account, KeptToken(store, account))
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
def _tokens(settings: Settings, store: Store, account: Account) -> Iterator[ZaloTokens]:
    tokens = build_zalo_tokens(settings, store, account)
    try:
        yield tokens
    finally:
        tokens.close()


def _granted(settings: Settings, store: Store, account: Account, action: str) -> None:
    """Write down who did it and let waiting messages try at once."""
    store.audit.append(actor(), action, f"zalo:{account.oa_id}", {}, utc_now())
    for channel in (account.channel, visitors_of(account.channel)):
        store.pauses.probe_now(channel, utc_now())
    Waker(settings.data_dir).notify("worker")


def _say_tokens(account: Account, state: TokenState | None, now: datetime) -> bool:
    if state is None and account.refresh_token:
        click.echo("tokens    none yet: the refresh token of the settings is used at first need")
        return True
    if state is None:
        click.echo(f"tokens    none: {login_of(account)}")
        return False
    saved = f"last refresh {ago(state.saved_at, now)}" if state.saved_at else "age not known"
    if state.expires_at > now:
        click.echo(f"tokens    {saved}, valid until {_moment(state.expires_at)}")
    else:
        click.echo(f"tokens    {saved}, ended {_moment(state.expires_at)}; renewed when needed")
    if state.begun_at and now - state.begun_at > timedelta(minutes=1):
        click.echo(
            f"          a refresh begun {ago(state.begun_at, now)} never ended: its tokens may be "
            f"lost; if the next one is refused, {login_of(account)}"
        )
    return True


def _say_platform(settings: Settings, store: Store, account: Account, now: datetime) -> bool:
    state = store.tokens.state(CHANNEL, account.oa_id)
    if state is None or state.expires_at <= now:
        click.echo("platform  not asked: there is no valid token")
        return True
    try:
        _say_account(ask_account(settings, store, account))
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
