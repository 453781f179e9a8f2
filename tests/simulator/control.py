"""Addresses for people and tests: the chat page, faults, the log."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, jsonify, render_template, request

from tests.simulator.faults import Fault
from tests.simulator.oa import simulator
from tests.simulator.webhooks import Posted

CITIZENS = (
    ("2000000000000000001", "Cô Sáu, Tân An"),
    ("2000000000000000002", "Anh Tâm, Đức Hòa"),
    ("2000000000000000003", "Chị Ngọc, Cần Giuộc"),
)

routes = Blueprint("control", __name__, template_folder="templates", static_folder="static")


@routes.get("/")
def page() -> str:
    """Show the page to chat by hand."""
    return render_template("page.html", citizens=CITIZENS)


@routes.get("/simulator/citizens/<user_id>/talk")
def talk(user_id: str) -> Any:
    """Return ``{"follows", "talk": [{"from": "citizen" | "oa", "text", …}]}``."""
    world = simulator().world
    with world.changed:
        person = world.person(user_id)
        return jsonify(follows=person.follows, talk=list(person.talk))


@routes.post("/simulator/citizens/<user_id>/<action>")
def act(user_id: str, action: str) -> Any:
    """Let a citizen do something; answer with the webhook call it led to."""
    try:
        posted = _act(user_id, action)
    except LookupError as error:
        return jsonify(error=str(error)), 404
    return jsonify(status=posted.status, event=posted.event)


def _act(user_id: str, action: str) -> Posted:
    people = simulator()
    if action == "photo":
        jpeg = request.files["image"].read()
        return people.citizen_sends_photo(user_id, jpeg, request.form.get("text", ""))
    data = request.get_json(silent=True) or {}
    actions = {
        "says": lambda: people.citizen_says(user_id, data["text"]),
        "presses": lambda: people.citizen_presses(user_id, data["title"]),
        "sticker": lambda: people.citizen_sends_sticker(user_id),
        "location": lambda: people.citizen_sends_location(
            user_id, data["latitude"], data["longitude"]
        ),
        "follows": lambda: people.citizen_follows(user_id),
        "unfollows": lambda: people.citizen_unfollows(user_id),
    }
    return actions[action]()


@routes.post("/simulator/faults")
def add_fault() -> Any:
    """Order a fault: ``{"place", "kind", "times"?, "seconds"?, "acts"?}``."""
    try:
        simulator().faults.add(Fault(**request.get_json()))
    except (TypeError, ValueError) as error:
        return jsonify(error=str(error)), 400
    return "", 204


@routes.delete("/simulator/faults")
def clear_faults() -> Any:
    """Forget all faults."""
    simulator().faults.clear()
    return "", 204


@routes.post("/simulator/tokens/expire")
def expire_tokens() -> Any:
    """End the access token now."""
    simulator().tokens.expire()
    return "", 204


@routes.post("/simulator/webhook/check")
def check() -> Any:
    """Post the unsigned ``{}`` to the desk."""
    return jsonify(status=simulator().webhooks.check())


@routes.patch("/simulator/webhook/style")
def style() -> Any:
    """Change how webhooks are written: fields of ``Style``."""
    changes = request.get_json()
    present = simulator().style
    if not set(changes) <= set(vars(present)):
        abort(400)
    for name, value in changes.items():
        setattr(present, name, value)
    return "", 204


@routes.get("/simulator/log")
def log() -> Any:
    """Return the newest calls in both directions."""
    world = simulator().world
    with world.changed:
        return jsonify(world.requests[-200:])
