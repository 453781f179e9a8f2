"""An endpoint of the platform as one line of a table, and how a call to it is served."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

from flask import Flask, Response, jsonify, request

from tests.simulator.call import Call
from tests.simulator.rules import Rule

if TYPE_CHECKING:
    from tests.simulator.simulator import Branch, Simulator


SIMULATOR = "zalo.simulator"


class Refused(Exception):
    """What was asked cannot be done now, although no rule is broken."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass
class Work:
    """One call being served; ``afterwards`` runs once it has been recorded.

    ``simulator`` is the simulator as the called account sees it.
    """

    simulator: Branch
    call: Call
    afterwards: list[Callable[[], None]] = field(default_factory=list)


Act = Callable[[Work], Any]


@dataclass(frozen=True)
class Endpoint:
    """``act`` returns ``data`` of the answer, once none of ``rules`` is broken.

    ``place`` names it for faults. A ``raw`` act returns the whole answer and judges itself.
    """

    method: str
    path: str
    place: str
    act: Act
    rules: tuple[Rule, ...] = ()
    raw: bool = False


def mount(app: Flask, endpoints: tuple[Endpoint, ...]) -> None:
    """Add endpoints of the account's API to the app."""
    for endpoint in endpoints:
        name = f"{endpoint.method} {endpoint.path}".replace(".", "_")
        view = _view(endpoint)
        app.add_url_rule(endpoint.path, name, view, methods=[endpoint.method])


def simulator() -> Simulator:
    """Return the simulator this request came to."""
    return cast("Simulator", request.environ[SIMULATOR])


def _view(endpoint: Endpoint) -> Callable[[], Response]:
    return lambda: serve(endpoint.place, lambda work: _answer(endpoint, work), counted=True)


def serve(place: str, answer: Act, counted: bool = False) -> Response:
    """Serve a call whose answer is a JSON body in an HTTP 200."""
    whole = simulator()
    call = Call.of_request(whole.world, request)
    zalo = whole.branch_of(call.access_token)
    work = Work(zalo, replace(call, world=zalo.world))

    def act() -> tuple[Response, dict[str, Any]]:
        if counted:
            work.call.remain = zalo.world.rate.count()
        body = answer(work)
        response = jsonify(body)
        if counted:
            response.headers["X-RateLimit-Limit"] = str(zalo.world.rate.limit)
            response.headers["X-RateLimit-Remain"] = str(max(0, work.call.remain))
        return response, {"answer": body}

    return perform(work, place, act)


def perform(
    work: Work, place: str, act: Callable[[], tuple[Response, dict[str, Any]]]
) -> Response:
    """Do what was asked, or fail as ordered; record it once either way.

    ``act`` returns the response and what the log shall say of it.
    """
    world, faults = work.simulator.world, work.simulator.faults
    fault = faults.take(place)
    began = time.perf_counter()
    acted = False

    def note(**seen: Any) -> None:
        elapsed = round((time.perf_counter() - began) * 1000, 1)
        asked = {"method": work.call.method, "path": work.call.path, "request": _shown(work.call)}
        name = fault.name if fault else None
        world.recording.note("in", **asked, **seen, fault=name, ms=elapsed)

    def view() -> Response:
        nonlocal acted
        world.rulebook.forget()
        response, seen = act()
        acted = True
        note(**seen, rule=world.rulebook.last_broken)
        for action in work.afterwards:
            action()
        return response

    response = faults.suffer(fault, view)
    if not acted:
        note()
    return response


def _answer(endpoint: Endpoint, work: Work) -> dict[str, Any]:
    if endpoint.raw:
        return cast("dict[str, Any]", endpoint.act(work))
    world = work.simulator.world
    with world.changed:
        refusal = world.rulebook.first_broken(endpoint.rules, work.call)
        if refusal:
            return {"error": refusal[0], "message": refusal[1]}
        try:
            data = endpoint.act(work)
        except Refused as error:
            return {"error": error.code, "message": str(error)}
    return {"error": 0, "message": "Success", **({} if data is None else {"data": data})}


def _shown(call: Call) -> Any:
    if call.upload:
        return f"<{call.upload.name}, {len(call.upload.content)} bytes>"
    if call.body is not None:
        return call.body
    return dict(call.form) or dict(call.query) or None
