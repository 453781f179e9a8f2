"""Coming in and going out: enrol by an invitation, log in, log out."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from flask import make_response, redirect, render_template, request, url_for
from markupsafe import Markup

from bot.console.devices import (
    enrolling_browser,
    known_mark,
    remember_device,
    remember_enrolling,
)
from bot.console.hashing import app_address
from bot.console.layout import console_blueprint, error_page
from bot.console.parts import note, origin, parts
from bot.console.policy import needs, open_to_all
from bot.console.sessions import begin, current_session, finish, me, safe_path
from bot.console.words import problem, words
from bot.core.staff.door import Refused, login_key
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
    login, code = field("login"), field("code") or field("recovery")
    device = known_mark(login_key(login))
    outcome = known.door.enter(login, secret_field("password"), code, origin(), now, device)
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
    remember_device(response, login_key(staff.login))
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
    return _enrol_page(token)


@blueprint.post("/enrol/<token>")
@open_to_all
def finish_enrolment(token: str) -> Any:
    """Use up the invitation and show the recovery codes, this once."""
    known, now, browser = parts(), parts().clock(), enrolling_browser()
    accounts = known.store.staff
    invitation = accounts.invitation(token, now)
    secret = accounts.secret_of_invitation(token, browser, now)
    if invitation is None or secret is None:
        return _enrol_page(token)
    wrong = password_problem(invitation.staff)
    step = known.door.step_of(secret, field("code"), now)
    if wrong or step is None:
        return _enrol_page(token, wrong or problem("wrong_code"))
    codes = new_recovery_codes(secrets.choice)
    hashed = known.hasher.hash(secret_field("password"))
    if not accounts.enrol(token, browser, hashed, step, recovery_digests(codes), now):
        return _enrol_page(token)
    note("staff_enrolled", invitation.staff.id)
    return recovery_page(codes, invitation.staff, enrolled=True)


def recovery_page(codes: Sequence[str], staff: Staff, *, enrolled: bool) -> str:
    """Show recovery codes, this once, with ways to keep them."""
    lines = [words()["recovery_file"].format(login=staff.login, desk=parts().province.desk_name)]
    file = "\r\n".join([*lines, "", *codes, ""])
    return render_template(
        "console/recovery.html",
        codes=codes,
        enrolled=enrolled,
        file=f"data:text/plain;charset=utf-8,{quote(file)}",
    )


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


def _enrol_page(token: str, wrong: str = "") -> Any:
    """Show the form with the secret of this browser; another one's is void from now on."""
    known, now = parts(), parts().clock()
    browser = enrolling_browser() or secrets.token_urlsafe(32)
    invitation = known.store.staff.invitation(token, now)
    opened = known.store.staff.open_invitation(token, browser, known.new_totp(), now)
    if invitation is None or opened is None:
        return error_page(410, "link_over")
    if opened.moved:
        log.warning("event=staff_invitation_moved staff=%d", invitation.staff.id)
    page = render_template(
        "console/enrol.html",
        who=invitation.staff,
        wrong=problem("link_moved") if opened.moved else wrong,
        until=invitation.ends_at,
        **_to_scan(opened.totp, invitation.staff.login),
    )
    refused_post = 409 if opened.moved else 422
    response = make_response(page, refused_post if request.method == "POST" else 200)
    remember_enrolling(response, browser)
    return response


def _to_scan(secret: str, login: str) -> dict[str, Any]:
    address = app_address(secret, login)
    return {
        "qr": Markup(parts().draw_qr(address)),  # noqa: S704 - drawn by us, from our own secret
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        "address": address,
    }
