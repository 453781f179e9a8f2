"""The token service: the consent page and the exchange."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, render_template, request

from tests.simulator.call import Call
from tests.simulator.endpoints.endpoint import Work, serve, simulator
from tests.simulator.rules.oauth import CONSENT_RULES

routes = Blueprint("oauth", __name__, template_folder="../templates")


@routes.post("/v4/oa/access_token")
def token() -> Response:
    """Exchange a code or a refresh token."""
    return serve("token", exchange)


def exchange(work: Work) -> dict[str, Any]:
    """Answer the exchange."""
    secret, form = work.call.headers.get("secret_key"), work.call.form
    owner = next((each for each in simulator().branches if each.tokens.gave(form)), work.simulator)
    return owner.tokens.exchange(secret, form)


@routes.route("/v4/oa/permission", methods=["GET", "POST"])
def permission() -> Any:
    """Show the owner of the account what an app asks for; agreeing leads back with a code."""
    whole = simulator()
    # Administrators choose the account on the page; a test names it in the address.
    zalo = whole.at(request.args.get("oa_id", whole.account.oa_id))
    call = Call.of_request(zalo.world, request)
    refusal = zalo.world.rulebook.first_broken(CONSENT_RULES, call)
    shown = {"method": call.method, "path": call.path, "request": dict(call.query)}
    zalo.world.recording.note("in", **shown, answer={"error": refusal[0] if refusal else 0})
    if refusal:
        return redirect(f"/v4/permission/error?error_code={refusal[0]}")
    if call.method == "GET":
        return render_template("permission.html", account=zalo.world.standing.name)
    answer = {
        "code": zalo.world.tokens.consent(call.query.get("code_challenge", "")),
        "oa_id": zalo.account.oa_id,
    }
    if call.query.get("state"):
        answer["state"] = call.query["state"]
    back = call.query["redirect_uri"]
    return redirect(f"{back}{'&' if '?' in back else '?'}{urlencode(answer)}")


@routes.get("/v4/permission/error")
def refused() -> str:
    """Tell the owner why it does not work."""
    code = request.args.get("error_code", "")
    return render_template("permission.html", account="", code=code)
