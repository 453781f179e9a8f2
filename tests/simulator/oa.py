"""The platform's own addresses: messages, tokens, pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import Blueprint, Response, abort, current_app, jsonify, request

from tests.simulator.world import RATE_PER_MINUTE

if TYPE_CHECKING:
    from tests.simulator.simulator import Simulator

routes = Blueprint("oa", __name__)


def simulator() -> Simulator:
    """Return the simulator this request came to."""
    return cast("Simulator", current_app.extensions["simulator"])


@routes.post("/v3.0/oa/message/cs")
def message() -> Response:
    """Take a consultation message."""
    return simulator().faults.serve("message", take_message)


@routes.post("/v4/oa/access_token")
def token() -> Response:
    """Exchange a refresh token."""
    return simulator().faults.serve("token", exchange_token)


@routes.get("/media/<name>")
def media(name: str) -> Response:
    """Serve a picture a citizen sent."""
    return simulator().faults.serve("media", lambda: picture(name))


def take_message() -> Response:
    """Check and keep the message; errors too are HTTP 200."""
    world = simulator().world
    remain = world.count_call()
    is_json = request.mimetype == "application/json"
    body = request.get_json(silent=True) if is_json else None
    answer, sent = world.take(request.environ["zalo.access_token"], remain, body)
    world.note(direction="in", path=request.path, request=body, answer=answer)
    if sent:
        simulator().was_sent(sent)
    response = jsonify(answer)
    response.headers["X-RateLimit-Limit"] = str(RATE_PER_MINUTE)
    response.headers["X-RateLimit-Remain"] = str(max(0, remain))
    return response


def exchange_token() -> Response:
    """Answer the token service's call; tokens stay out of the log."""
    world = simulator().world
    answer = world.tokens.exchange(request.environ["zalo.secret_key"], request.form)
    shown = {"error": answer.get("error", 0)}
    grant = {"grant_type": request.form.get("grant_type")}
    world.note(direction="in", path=request.path, request=grant, answer=shown)
    return jsonify(answer)


def picture(name: str) -> Response:
    """Return a picture's bytes."""
    content = simulator().world.media.get(name)
    if content is None:
        abort(404)
    return Response(content, mimetype="image/jpeg")
