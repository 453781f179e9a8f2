"""Addresses for people and tests: the chat page, faults, the log."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, jsonify, render_template, request

from tests.simulator.faults import Fault
from tests.simulator.people import People

CITIZENS = (
    ("2000000000000000001", "Cô Sáu, Tân An"),
    ("2000000000000000002", "Anh Tâm, Đức Hòa"),
    ("2000000000000000003", "Chị Ngọc, Cần Giuộc"),
)


def control_routes(people: People) -> Blueprint:
    """Return the routes of the page and of ``/simulator/…``."""
    routes = Blueprint(
        "control", __name__, template_folder="templates", static_folder="static"
    )
    world = people.world

    @routes.get("/")
    def page() -> str:
        return render_template("page.html", citizens=CITIZENS)

    @routes.get("/simulator/citizens/<user_id>/talk")
    def talk(user_id: str) -> Any:
        with world.changed:
            person = world.person(user_id)
            return jsonify(follows=person.follows, talk=list(person.talk))

    @routes.post("/simulator/citizens/<user_id>/<action>")
    def act(user_id: str, action: str) -> Any:
        try:
            posted = _act(people, user_id, action)
        except LookupError as error:
            return jsonify(error=str(error)), 404
        return jsonify(status=posted.status, event=posted.event)

    @routes.post("/simulator/faults")
    def add_fault() -> Any:
        try:
            world.faults.add(Fault(**request.get_json()))
        except (TypeError, ValueError) as error:
            return jsonify(error=str(error)), 400
        return "", 204

    @routes.delete("/simulator/faults")
    def clear_faults() -> Any:
        world.faults.clear()
        return "", 204

    @routes.post("/simulator/tokens/expire")
    def expire_tokens() -> Any:
        world.tokens.expire()
        return "", 204

    @routes.post("/simulator/webhook/check")
    def check() -> Any:
        return jsonify(status=people.webhooks.check())

    @routes.patch("/simulator/webhook/style")
    def style() -> Any:
        for name, value in request.get_json().items():
            if not hasattr(people.webhooks.style, name):
                abort(400)
            setattr(people.webhooks.style, name, value)
        return "", 204

    @routes.get("/simulator/log")
    def log() -> Any:
        with world.changed:
            return jsonify(world.requests[-200:])

    return routes


def _act(people: People, user_id: str, action: str) -> Any:
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
