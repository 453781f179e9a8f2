"""Control addresses about the platform: faults, clock, rules, webhook, money, recording."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Blueprint, jsonify, request

from tests.simulator.clock import VIETNAM
from tests.simulator.control.state import choices, whole_state
from tests.simulator.endpoints.endpoint import simulator
from tests.simulator.faults import Fault
from tests.simulator.rules import ALL

routes = Blueprint("knobs", __name__)


@routes.errorhandler(TypeError)
@routes.errorhandler(ValueError)
@routes.errorhandler(KeyError)
def wrong(error: Exception) -> Any:
    """Say what is wrong with an order."""
    return jsonify(error=str(error)), 400


@routes.get("/state")
def state() -> Any:
    """Return everything; ``?after=`` a line number shortens the log."""
    return jsonify(whole_state(simulator(), int(request.args.get("after", 0))))


@routes.get("/choices")
def offered() -> Any:
    """Return the names of events, faults and places."""
    return jsonify(choices())


@routes.get("/log")
def log() -> Any:
    """Return the newest calls in both directions."""
    return jsonify(simulator().world.recording.lines(int(request.args.get("after", 0)), 200))


@routes.put("/recording")
def recording() -> Any:
    """Write the log to another file from now on: ``{"path"}``."""
    path = request.get_json()["path"]
    simulator().world.recording.write_to(Path(path) if path else None)
    return "", 204


@routes.post("/faults")
def add_fault() -> Any:
    """Order a fault: ``{"place", "kind", "times"?, "seconds"?, "acts"?, "chance"?, "code"?}``."""
    simulator().faults.add(Fault(**request.get_json()))
    return "", 204


@routes.delete("/faults")
def clear_faults() -> Any:
    """Forget all faults."""
    simulator().faults.clear()
    return "", 204


@routes.post("/tokens/expire")
def expire_tokens() -> Any:
    """End the access token now."""
    simulator().tokens.expire()
    return "", 204


@routes.patch("/clock")
def clock() -> Any:
    """Change time: ``{"speed"?, "advance"? seconds, "at"? ISO time in Vietnam}``."""
    asked, zalo = request.get_json(), simulator()
    if "at" in asked:
        moment = datetime.fromisoformat(asked["at"])
        aware = moment if moment.tzinfo else moment.replace(tzinfo=VIETNAM)
        zalo.clock.set(aware.timestamp())
    if "speed" in asked:
        zalo.clock.set(speed=float(asked["speed"]))
    if "advance" in asked:
        zalo.advance(float(asked["advance"]))
    return jsonify(now=zalo.clock.now(), speed=zalo.clock.speed)


@routes.patch("/rules")
def rules() -> Any:
    """Switch rules: ``{"text-length": false}`` switches one off."""
    asked = request.get_json()
    if unknown := set(asked) - set(ALL):
        raise ValueError(f"no such rule: {sorted(unknown)}")
    for name, on in asked.items():
        (simulator().rules.off.discard if on else simulator().rules.off.add)(name)
    return jsonify(off=sorted(simulator().rules.off))


@routes.put("/webhook")
def webhook() -> Any:
    """Save an address as the console does, ``{"url"}``: only if it answers ``{}`` with 200."""
    return jsonify(saved=simulator().webhooks.register(request.get_json()["url"]))


@routes.post("/webhook/check")
def check() -> Any:
    """Post the unsigned ``{}`` to the desk."""
    return jsonify(status=simulator().webhooks.check())


@routes.post("/webhook/enable")
def enable() -> Any:
    """Switch events on again after they were disabled."""
    simulator().webhooks.enable()
    return "", 204


@routes.post("/webhook/release")
def release() -> Any:
    """Post what is held back for reordering."""
    return jsonify(posted=len(simulator().webhooks.release()))


@routes.put("/webhook/events/<name>")
def switch_event(name: str) -> Any:
    """Switch one event on or off: ``{"on": false}``."""
    off = simulator().webhooks.switched_off
    (off.discard if request.get_json()["on"] else off.add)(name)
    return "", 204


@routes.patch("/webhook/style")
def style() -> Any:
    """Change how webhooks are written and repeated: fields of ``Style``."""
    simulator().style.change(request.get_json())
    return "", 204


@routes.patch("/account")
def account() -> Any:
    """Change fields of the account's standing or purse: ``{"cloud_account": true}``."""
    world, asked = simulator().world, request.get_json()
    for name, value in asked.items():
        for part in (world.standing, world.purse):
            if type(vars(part).get(name)) is type(value):
                setattr(part, name, value)
                break
        else:
            raise ValueError(f"no such field: {name} = {value!r}")
    return "", 204


@routes.patch("/limits")
def limits() -> Any:
    """Change limits: ``{"rate"?, "uploads"?, "broadcasts"?, "templates"?, "media_life"?}``."""
    world, asked = simulator().world, request.get_json()
    world.rate.limit = int(asked.get("rate", world.rate.limit))
    world.uploads.month.limit = int(asked.get("uploads", world.uploads.month.limit))
    world.articles.month.limit = int(asked.get("broadcasts", world.articles.month.limit))
    world.templates.daily_limit = int(asked.get("templates", world.templates.daily_limit))
    world.media.life = float(asked.get("media_life", world.media.life))
    return "", 204


@routes.post("/followers")
def followers() -> Any:
    """Add a crowd of followers: ``{"count", "interacted_ago"? seconds}``."""
    asked = request.get_json()
    ago = float(asked.get("interacted_ago", 3600))
    made = sum(1 for _ in simulator().world.populate(int(asked["count"]), ago))
    return jsonify(made=made, followers=simulator().world.followers())
