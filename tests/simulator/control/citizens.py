"""Control addresses about people: what they do, what they read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, jsonify, request

from tests.simulator.control.state import person_state
from tests.simulator.endpoints.endpoint import simulator
from tests.simulator.people import People
from tests.simulator.webhooks import Posted

routes = Blueprint("citizens", __name__)

Data = Mapping[str, Any]
Act = Callable[[People, str, Data], Any]


def _blocks(people: People, user_id: str, data: Data) -> None:
    people.citizen_blocks(user_id, bool(data.get("blocks", True)))


def _changes(people: People, user_id: str, data: Data) -> None:
    """Set fields of a person: ``refusal``, ``seen_at``, ``interacted_at``, ``on_mobile``, …"""
    person = people.world.person(user_id)
    unknown = set(data) - set(vars(person))
    if unknown:
        raise LookupError(f"a person has no {sorted(unknown)}")
    for name, value in data.items():
        setattr(person, name, value)


ACTS: dict[str, Act] = {
    "says": lambda p, u, d: p.citizen_says(u, d["text"], d.get("quote", "")),
    "presses": lambda p, u, d: p.citizen_presses(u, d["title"]),
    "sticker": lambda p, u, d: p.citizen_sends_sticker(u),
    "location": lambda p, u, d: p.citizen_sends_location(u, d["latitude"], d["longitude"]),
    "follows": lambda p, u, d: p.citizen_follows(u),
    "unfollows": lambda p, u, d: p.citizen_unfollows(u),
    "blocks": _blocks,
    "opens": lambda p, u, d: p.citizen_opens_chat(u),
    "submits": lambda p, u, d: p.citizen_submits_info(u, **d),
    "received": lambda p, u, d: p.citizen_received(u, d["message_id"]),
    "saw": lambda p, u, d: p.citizen_saw(u, *d["message_ids"]),
    "reads": lambda p, u, d: p.citizen_reads(u),
    "reacts": lambda p, u, d: p.citizen_reacts(u, d["message_id"], d.get("icon", "/-heart")),
    "staff": lambda p, u, d: p.staff_says(u, d["text"]),
    "event": lambda p, u, d: p.event(d["name"], u, **d.get("fields", {})),
    "visitor": lambda p, u, d: p.visitor_says(u, d["text"]),
    "wrote": lambda p, u, d: p.citizen_wrote(u, float(d["seconds_ago"])),
    "changes": _changes,
    "bot": lambda p, u, d: simulator().bot.says(u, d["text"]),
}


def _account() -> People:
    """Return the account named by ``?account=``, the first without it. Raises LookupError."""
    zalo = simulator()
    return zalo.at(request.args.get("account", zalo.account.oa_id))


@routes.get("/citizens/<user_id>/talk")
def talk(user_id: str) -> Any:
    """Return ``{"follows", …, "talk": [{"from": "citizen" | "oa" | "bot" | "event", …}]}``."""
    zalo = simulator()
    person = zalo.world.person(user_id)
    return jsonify(**person_state(zalo, person), talk=zalo.world.talk(user_id))


@routes.get("/citizens/<user_id>/sent")
def sent(user_id: str) -> Any:
    """Return what the account sent to a person."""
    return jsonify([one.as_line() for one in _account().sent_to(user_id)])


@routes.post("/citizens/<user_id>/photo")
def photo(user_id: str) -> Any:
    """Let a citizen send the picture in the form field ``image``."""
    jpeg = request.files["image"].read()
    text = request.form.get("text", "")
    return _told(simulator().citizen_sends_photo(user_id, jpeg, text))


@routes.post("/citizens/<user_id>/<action>")
def act(user_id: str, action: str) -> Any:
    """Let a citizen do something; answer with the webhook call it led to."""
    data = request.get_json(silent=True) or {}
    try:
        return _told(ACTS[action](_account(), user_id, data))
    except (LookupError, TypeError, ValueError) as error:
        return jsonify(error=str(error)), 404


def _told(outcome: Any) -> Any:
    if isinstance(outcome, Posted):
        return jsonify(status=outcome.status, event=outcome.event, why=outcome.why)
    return jsonify(status=outcome if isinstance(outcome, int) else None, event=None, why="")
