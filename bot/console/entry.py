"""Coming in and going out: enrol by an invitation, log in, log out."""

from __future__ import annotations

import logging
import secrets
from datetime import datetime
from typing import Any

from flask import redirect, render_template, request, url_for
from markupsafe import Markup

from bot.console.hashing import app_address
from bot.console.layout import console_blueprint, error_page
from bot.console.parts import Invitation, note, origin, parts
from bot.console.policy import needs, open_to_all
from bot.console.sessions import begin, current_session, finish, me, safe_path
from bot.console.words import problem, words
from bot.core.staff.door import Refused
from bot.core.staff.passwords import LONGEST
from bot.core.staff.roles import Role, Staff
from bot.core.staff.second import new_recovery_codes, recovery_digests

log = logging.getLogger(__name__)
blueprint = console_blueprint("entry")
_LONGEST_FIELD = 100


@blueprint.get("/login")
@open_to_all
def login() -> Any:
    """Show the login form; who is in goes on."""
    if current_session():
        return redirect(url_for("console_overview.overview"), 303)
    return _login_page()


@blueprint.post("/login")
@open_to_all
def log_in() -> Any:
    """Let somebody in, or say in one sentence that something is wrong."""
    known, now = parts(), parts().clock()
    code = field("code") or field("recovery")
    outcome = known.door.enter(field("login"), secret_field("password"), code, origin(), now)
    if isinstance(outcome, Refused):
        return refused(_login_page, outcome.until, "wrong", now)
    staff = outcome.staff
    note("staff_logged_in", staff.id, recovery=outcome.recovery)
    log.info("event=staff_logged_in staff=%d", staff.id)
    if outcome.recovery:
        response = redirect(url_for("console_account.account", said="recovery_used"), 303)
    else:
        wanted = safe_path(field("next"))
        response = redirect(wanted or url_for("console_overview.overview"), 303)
    begin(response, staff.id)
    return response


@blueprint.post("/logout")
@needs(*Role)
def log_out() -> Any:
    """End the session."""
    staff = me()
    response = redirect(url_for("console_entry.login", said="logged_out"), 303)
    finish(response)
    note("staff_logged_out", staff.id)
    return response


@blueprint.get("/enrol/<token>")
@open_to_all
def enrol(token: str) -> Any:
    """Show the form that sets a password and joins an authenticator app."""
    invitation = parts().store.staff.invitation(token, parts().clock())
    return _enrol_page(invitation) if invitation else error_page(410, "link_over")


@blueprint.post("/enrol/<token>")
@open_to_all
def finish_enrolment(token: str) -> Any:
    """Use up the invitation and show the recovery codes, this once."""
    known, now = parts(), parts().clock()
    invitation = known.store.staff.invitation(token, now)
    if invitation is None:
        return error_page(410, "link_over")
    wrong = password_problem(invitation.staff)
    step = known.door.step_of(invitation.totp, field("code"), now)
    if wrong or step is None:
        return _enrol_page(invitation, wrong or problem("wrong_code")), 422
    codes = new_recovery_codes(secrets.choice)
    hashed = known.hasher.hash(secret_field("password"))
    if not known.store.staff.enrol(token, hashed, step, recovery_digests(codes), now):
        return error_page(410, "link_over")
    note("staff_enrolled", invitation.staff.id)
    return render_template("console/recovery.html", codes=codes, enrolled=True)


def field(name: str) -> str:
    """Return a short field of the form."""
    return request.form.get(name, "").strip()[:_LONGEST_FIELD]


def secret_field(name: str) -> str:
    """Return a password as it was typed; what is too long stays too long."""
    return request.form.get(name, "")[: LONGEST + 1]


def password_problem(staff: Staff) -> str:
    """Return what is wrong with a new password and its repetition, or ""."""
    password = secret_field("password")
    weakness = parts().rules.weakness(password, staff.login, staff.name)
    if weakness:
        return problem(weakness.value)
    same = secrets.compare_digest(password.encode(), secret_field("again").encode())
    return "" if same else problem("not_the_same")


def refused(page: Any, until: datetime | None, code: str, now: datetime) -> tuple[Any, ...]:
    """Return ``page`` with the reason: wrong, or no attempt is taken until a time."""
    if until is None:
        return page(problem(code)), 422
    log.warning("event=staff_login_shut")
    seconds = max(1, int((until - now).total_seconds()))
    time = f"{until.astimezone(parts().zone):%H:%M:%S}"
    return page(problem("shut", time=time)), 429, {"Retry-After": str(seconds)}


def _login_page(wrong: str = "") -> str:
    return render_template(
        "console/login.html",
        wrong=wrong,
        said=words()["said"].get(request.args.get("said", ""), ""),
        next=safe_path(request.values.get("next", "")),
        login=field("login"),
        recovery=bool(field("recovery")),
    )


def _enrol_page(invitation: Invitation, wrong: str = "") -> str:
    secret = invitation.totp
    address = app_address(secret, invitation.staff.login)
    return render_template(
        "console/enrol.html",
        who=invitation.staff,
        wrong=wrong,
        until=invitation.ends_at,
        qr=Markup(parts().draw_qr(address)),  # noqa: S704 - drawn by us, from our own secret
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        address=address,
    )
