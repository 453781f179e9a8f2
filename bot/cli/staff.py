"""``flask --app server staff``: accounts of the people who use the console."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

import click

from bot.cli.operating import Refused, actor, ready_store
from bot.core.staff.people import By, StaffRefused, gaps
from bot.core.staff.roles import Role, read_roles
from bot.settings import Settings
from bot.store import Store
from bot.store.staff import Account
from bot.wiring.desk import utc_now

_DOES = {
    Role.AUTHOR: "writes notices and hands them in",
    Role.APPROVER: "lets notices of others go out",
    Role.OPERATOR: "works at the front desk: receipts, handed-over talks",
    Role.ADMIN: "looks after accounts and settings; approves nothing by that alone",
}
_ROLE = click.option(
    "--role",
    "roles",
    multiple=True,
    type=click.Choice([role.value for role in Role]),
    help="What they may do; give it once for each role.",
)


@click.group()
def staff() -> None:
    """Make accounts for the console, invite, lock, and say who may do what.

    \b
    Roles: author    writes notices and hands them in
           approver  lets notices of others go out, never their own
           operator  works at the front desk
           admin     looks after accounts; approves only if also approver

    The first account is made here:

    \b
      flask --app server staff add "Nguyen Thi Lan" --login lan --role admin

    It prints a link. Whoever opens it within two days sets a password and joins an authenticator
    app; after that the link is worth nothing. Hand it over in person or by a safe way.
    """


@staff.command()
@click.argument("name")
@click.option("--login", required=True, help="Letters a-z, digits, dot, dash; 2 to 40 of them.")
@_ROLE
def add(name: str, login: str, roles: tuple[str, ...]) -> None:
    """Make an account for NAME and print the link that enrols it, once, within 48 hours."""
    chosen, token = _chosen(roles), secrets.token_urlsafe(32)
    with _store() as store:
        made = store.people.add(_by(), login, name, chosen, utc_now(), token)
        account = _find(store, made.login)
    click.echo(f"{made.login} may be: {', '.join(_names(chosen))}.")
    _hand_over(token, account.link_until)


@staff.command("list")
def list_staff() -> None:
    """Show every account, what it may do and whether it can be used."""
    with _store() as store:
        accounts = store.staff.all()
    if not accounts:
        click.echo("There is no account yet: flask --app server staff add --help")
    for each in accounts:
        roles = ",".join(_names(each.staff.roles))
        click.echo(f"{each.staff.login:<20}  {_state(each):<12}  {roles:<30}  {each.staff.name}")


@staff.command()
@click.argument("login")
@click.option("--yes", is_flag=True, help="Reset without asking.")
def reset(login: str, yes: bool) -> None:
    """Take LOGIN's password and authenticator app away and print a new link.

    For a lost phone, a forgotten password, or a suspicion. Open sessions end at once.
    """
    token = secrets.token_urlsafe(32)
    with _store() as store:
        account = _find(store, login)
        if not yes:
            click.confirm(f"Take the password and app of {account.staff.name} away?", abort=True)
        ends = store.people.reset(_by(), account.staff.id, token, utc_now())
    _hand_over(token, ends)
    if account.locked:
        click.echo("The account stays locked: flask --app server staff unlock " + login)


@staff.command()
@click.argument("login")
def lock(login: str) -> None:
    """Keep LOGIN out. Open sessions end at once; nothing is deleted."""
    with _store() as store:
        account = _find(store, login)
        store.people.lock(_by(), account.staff.id, utc_now())
        left = gaps(store.staff.members())
    click.echo(f"{account.staff.login} is locked and logged out everywhere.")
    _warn(left)


@staff.command()
@click.argument("login")
def unlock(login: str) -> None:
    """Let LOGIN in again, also after too many wrong attempts."""
    with _store() as store:
        account = _find(store, login)
        forgiven = store.people.unlock(_by(), account.staff.id, utc_now())
    click.echo(f"{account.staff.login} may log in; {forgiven} wrong attempts are forgotten.")
    if not account.enrolled:
        click.echo(f"It is not enrolled: flask --app server staff reset {account.staff.login}")


@staff.command()
@click.argument("login", required=False)
@_ROLE
def roles(login: str | None, roles: tuple[str, ...]) -> None:
    """Show the roles, or set those of LOGIN to exactly the ones given with --role."""
    if login is None:
        for role, does in _DOES.items():
            click.echo(f"{role.value:<10}{does}")
        return
    with _store() as store:
        account = _find(store, login)
        if roles:
            chosen = _chosen(roles)
            store.people.set_roles(_by(), account.staff.id, chosen, utc_now())
        now_has, left = _find(store, login).staff.roles, gaps(store.staff.members())
    click.echo(f"{account.staff.login} may be: {', '.join(_names(now_has)) or 'nothing'}.")
    if roles:
        _warn(left)


def _chosen(names: Sequence[str]) -> frozenset[Role]:
    if not names:
        listed = ", ".join(role.value for role in Role)
        raise Refused(f"Say what they may do with --role, once for each of: {listed}.")
    return read_roles(names)


def _names(roles: Collection[Role]) -> list[str]:
    return [role.value for role in Role if role in roles]


def _state(account: Account) -> str:
    if account.locked:
        return "locked"
    return "ready" if account.enrolled else "not enrolled"


def _find(store: Store, login: str) -> Account:
    account = store.staff.find(login)
    if account is None:
        raise Refused(f"There is no account {login!r}: flask --app server staff list")
    return account


def _by() -> By:
    return By(actor())


@contextmanager
def _store() -> Iterator[Store]:
    """Yield the store; what the rules refuse becomes a sentence and exit status 2."""
    with ready_store(Settings.from_env()) as store:
        try:
            yield store
        except StaffRefused as error:
            raise Refused(f"{str(error).capitalize()}.") from error


def _warn(left: Collection[str]) -> None:
    if {"no_admin", "admin_cannot"} & set(left):
        click.echo("Nobody can look after accounts now: flask --app server staff add --help")


def _hand_over(token: str, ends: datetime | None) -> None:
    until = f", until {ends:%Y-%m-%d %H:%M} UTC" if ends else ""
    click.echo(f"Hand over this link; it works once{until}:")
    click.echo(f"{Settings.from_env().address}/console/enrol/{token}")
