"""One's own account: password, recovery codes, where one is logged in."""

from __future__ import annotations

import secrets
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound

from bot.console.entry import password_problem, recovery_page, refused, secret_field
from bot.console.layout import console_blueprint
from bot.console.parts import note, origin, parts
from bot.console.policy import needs
from bot.console.sessions import me, my_session
from bot.console.words import words
from bot.core.staff.door import Refused
from bot.core.staff.roles import Role
from bot.core.staff.second import new_recovery_codes, recovery_digests

blueprint = console_blueprint("account")
_LARGEST = 2**63 - 1  # number of a row


@blueprint.get("/account")
@needs(*Role)
def account() -> str:
    """Show the account of who is logged in."""
    return _page()


@blueprint.post("/account/password")
@needs(*Role)
def change_password() -> Any:
    """Set a new password; other browsers are logged out."""
    known, staff, now = parts(), me(), parts().clock()
    if wrong := password_problem(staff):
        return _page(wrong, "password"), 422
    outcome = known.door.proves(staff, secret_field("current"), origin(), now)
    if isinstance(outcome, Refused):
        return refused(lambda why: _page(why, "password"), outcome.until, "wrong_password", now)
    hashed = known.hasher.hash(secret_field("password"))
    known.store.staff.set_password(staff.id, hashed, my_session().id, now)
    note("staff_password_changed", staff.id)
    return _back("password_changed")


@blueprint.post("/account/recovery")
@needs(*Role)
def renew_recovery() -> Any:
    """Make new recovery codes and show them, this once; the old ones are worth nothing."""
    known, staff, now = parts(), me(), parts().clock()
    outcome = known.door.proves(
        staff, secret_field("current"), origin(), now, secret_field("code")
    )
    if isinstance(outcome, Refused):
        return refused(lambda why: _page(why, "recovery"), outcome.until, "wrong_proof", now)
    codes = new_recovery_codes(secrets.choice)
    known.store.staff.new_recovery(staff.id, recovery_digests(codes))
    note("staff_recovery_renewed", staff.id)
    return recovery_page(codes, staff, enrolled=False)


@blueprint.post("/account/sessions/<int:number>/end")
@needs(*Role)
def end_session(number: int) -> Any:
    """Log out one browser of one's own."""
    if number > _LARGEST or not parts().store.staff_sessions.end(me().id, number):
        raise NotFound
    note("staff_session_ended", me().id, session=number)
    return _back("session_ended")


@blueprint.post("/account/sessions/end-others")
@needs(*Role)
def end_others() -> Any:
    """Log out every other browser of one's own."""
    ended = parts().store.staff_sessions.end_others(me().id, my_session().id)
    note("staff_sessions_ended", me().id, count=ended)
    return _back("others_ended")


def _back(said: str) -> Any:
    return redirect(url_for("console_account.account", said=said), 303)


def _page(wrong: str = "", where: str = "") -> str:
    known = parts()
    return render_template(
        "console/account.html",
        account=known.store.staff.by_id(me().id),
        sessions=known.store.staff_sessions.of(me().id, known.clock()),
        own=my_session().id,
        wrong=wrong,
        where=where,
        said=words()["said"].get(request.args.get("said", ""), ""),
    )
