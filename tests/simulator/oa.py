"""The platform's own addresses: messages, tokens, pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, abort, jsonify, request

from tests.simulator.world import RATE_PER_MINUTE, Sent, World


def platform_routes(world: World, on_sent: Callable[[Sent], None]) -> Blueprint:
    """Return the routes the desk calls; ``on_sent`` hears of every message taken."""
    routes = Blueprint("platform", __name__)

    @routes.post("/v3.0/oa/message/cs")
    def message() -> Any:
        return world.faults.serve("message", take_message)

    @routes.post("/v4/oa/access_token")
    def token() -> Any:
        return world.faults.serve("token", exchange_token)

    @routes.get("/media/<name>")
    def media(name: str) -> Any:
        return world.faults.serve("media", lambda: picture(name))

    def take_message() -> Response:
        remain = world.count_call()
        is_json = request.mimetype == "application/json"
        body = request.get_json(silent=True) if is_json else None
        answer, sent = world.take(request.environ["zalo.access_token"], remain, body)
        world.note(direction="in", path=request.path, request=body, answer=answer)
        if sent:
            on_sent(sent)
        response = jsonify(answer)  # errors too are HTTP 200
        response.headers["X-RateLimit-Limit"] = str(RATE_PER_MINUTE)
        response.headers["X-RateLimit-Remain"] = str(max(0, remain))
        return response

    def exchange_token() -> Response:
        answer = world.tokens.exchange(request.environ["zalo.secret_key"], request.form)
        shown = {"error": answer.get("error", 0)}  # tokens stay out of the log
        grant = {"grant_type": request.form.get("grant_type")}
        world.note(direction="in", path=request.path, request=grant, answer=shown)
        return jsonify(answer)

    def picture(name: str) -> Response:
        if name not in world.media:
            abort(404)
        return Response(world.media[name], mimetype="image/jpeg")

    return routes
