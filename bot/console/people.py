"""Accounts of colleagues: add, say what they may do, lock, give a new link. Administrators only.

The rules are in ``bot/core/staff/people.py`` and hold for commands too.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound

from bot.console.entry import field, refused, secret_field
from bot.console.layout import console_blueprint
from bot.console.parts import Account, origin, parts
from bot.console.policy import needs
from bot.console.sessions import me
from bot.console.words import problem, words
from bot.core.staff.door import Refused
from bot.core.staff.people import By, StaffRefused, gaps
from bot.core.staff.roles import Role, UnknownRole, read_roles
from bot.core.staff.sessions import LINK_LIFE

blueprint = console_blueprint("people")
_LARGEST = 2**63 - 1  # number of a row
_STATUS = {"not_admin": 403, "own_roles": 403, "own_reset": 403, "unknown": 404}


@blueprint.get("/people")
@needs(Role.ADMIN)
def people() -> str:
    """Show every account, and what the desk lacks people for."""
    return _list()


@blueprint.post("/people")
@needs(Role.ADMIN)
def add() -> Any:
    """Make an account and show its link, this once."""
    token, now = secrets.token_urlsafe(32), parts().clock()

    def added() -> Any:
        made = parts().store.people.add(_by(), field("login"), field("name"), _roles(), now, token)
        return _link(made.id, token, now + LINK_LIFE, new=True)

    return _proven(added, _list)


@blueprint.get("/people/<int:staff_id>")
@needs(Role.ADMIN)
def person(staff_id: int) -> str:
    """Show one account and what can be done to it."""
    return _person(staff_id)


@blueprint.post("/people/<int:staff_id>/roles")
@needs(Role.ADMIN)
def set_roles(staff_id: int) -> Any:
    """Let somebody do exactly what is ticked."""

    def changed() -> Any:
        _found(staff_id)
        parts().store.people.set_roles(_by(), staff_id, _roles(), parts().clock())
        return _back(staff_id, said="roles_changed")

    return _proven(changed, lambda wrong: _person(staff_id, wrong))


@blueprint.post("/people/<int:staff_id>/lock")
@needs(Role.ADMIN)
def lock(staff_id: int) -> Any:
    """Keep somebody out at once."""

    def locked() -> Any:
        _found(staff_id)
        parts().store.people.lock(_by(), staff_id, parts().clock())
        return _back(staff_id, said="person_locked")

    return _done(locked, lambda wrong: _person(staff_id, wrong))


@blueprint.post("/people/<int:staff_id>/unlock")
@needs(Role.ADMIN)
def unlock(staff_id: int) -> Any:
    """Let somebody in again."""

    def unlocked() -> Any:
        _found(staff_id)
        parts().store.people.unlock(_by(), staff_id, parts().clock())
        return _back(staff_id, said="person_unlocked")

    return _done(unlocked, lambda wrong: _person(staff_id, wrong))


@blueprint.post("/people/<int:staff_id>/reset")
@needs(Role.ADMIN)
def reset(staff_id: int) -> Any:
    """Take away what somebody logs in with and show a new link, this once."""
    token = secrets.token_urlsafe(32)

    def given() -> Any:
        _found(staff_id)
        ends = parts().store.people.reset(_by(), staff_id, token, parts().clock())
        return _link(staff_id, token, ends, new=False)

    return _proven(given, lambda wrong: _person(staff_id, wrong))


def _by() -> By:
    """Return who acts: from the session alone."""
    return By.of(me())


def _roles() -> frozenset[Role]:
    try:
        return read_roles(request.form.getlist("roles"))
    except UnknownRole as error:
        raise StaffRefused("roles") from error


def _proven(work: Callable[[], Any], page: Callable[[str], str]) -> Any:
    """Do ``work`` for who knows the password: an open session alone opens no further account."""
    known, now = parts(), parts().clock()
    outcome = known.door.proves(me(), secret_field("current"), origin(), now)
    if isinstance(outcome, Refused):
        return refused(page, outcome.until, "wrong_password", now)
    return _done(work, page)


def _done(work: Callable[[], Any], page: Callable[[str], str]) -> Any:
    """Do ``work``, or show the page again with why it was refused."""
    try:
        return work()
    except StaffRefused as error:
        if error.code == "unknown":
            raise NotFound from error
        return page(problem(f"staff_{error.code}")), _STATUS.get(error.code, 422)


def _back(staff_id: int, said: str) -> Any:
    return redirect(url_for("console_people.person", staff_id=staff_id, said=said), 303)


def _found(staff_id: int) -> Account:
    account = parts().store.staff.by_id(staff_id) if staff_id <= _LARGEST else None
    if account is None:
        raise NotFound
    return account


def _state(account: Account, now: datetime) -> str:
    """Return the name of how an account stands, in the words' ``people`` list."""
    if account.locked:
        return "locked"
    if account.enrolled:
        return "ready"
    waits = account.link_until is not None and account.link_until > now
    return "invited" if waits else "link_over"


def _list(wrong: str = "") -> str:
    known, now = parts(), parts().clock()
    return render_template(
        "console/people.html",
        accounts=[(each, _state(each, now)) for each in known.store.staff.all()],
        gaps=gaps(known.store.staff.members()),
        wrong=wrong,
        given={"login": field("login"), "name": field("name")},
        chosen=request.form.getlist("roles"),
    )


def _person(staff_id: int, wrong: str = "") -> str:
    known, now, account = parts(), parts().clock(), _found(staff_id)
    return render_template(
        "console/person.html",
        account=account,
        state=_state(account, now),
        sessions=len(known.store.staff_sessions.of(staff_id, now)),
        own=staff_id == me().id,
        wrong=wrong,
        chosen=[role.value for role in account.staff.roles],
        said=words()["said"].get(request.args.get("said", ""), ""),
    )


def _link(staff_id: int, token: str, ends: datetime, *, new: bool) -> str:
    """Show a link; it stands on this one page and nowhere else."""
    return render_template(
        "console/person_link.html",
        account=_found(staff_id),
        link=f"{parts().address}/console/enrol/{token}",
        ends=ends,
        new=new,
    )
