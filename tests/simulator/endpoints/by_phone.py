"""The business host: template messages by phone."""

from __future__ import annotations

from typing import Any

from tests.simulator.endpoints.endpoint import Endpoint, Work
from tests.simulator.person import new_id
from tests.simulator.reading import obj, words
from tests.simulator.rules.access import PHONE_ACCESS_RULES
from tests.simulator.rules.calls import JSON_RULE
from tests.simulator.rules.templates import BY_PHONE_RULES, addressee, template_of
from tests.simulator.templates_zbs import PRICE_BY_PHONE


def _send(work: Work) -> dict[str, Any]:
    call, world = work.call, work.simulator.world
    body, template, now = obj(call.body), template_of(call), world.clock.now()
    if body.get("mode") != "development":
        world.purse.balance -= PRICE_BY_PHONE
    left = world.templates.remain(now) - 1
    world.templates.sent_today += 1
    person, message_id = addressee(call), new_id()
    if person:
        values = map(str, obj(body, "template_data").values())
        text = "\n".join([f"[{template.name if template else ''}]", *values])
        message_id = world.keep(person.user_id, {"text": text}).message_id
    world.templates.statuses[message_id] = 1
    quota = {"dailyQuota": str(world.templates.daily_limit), "remainingQuota": str(left)}
    return {"msg_id": message_id, "sent_time": world.clock.milliseconds(), "quota": quota}


def _status(work: Work) -> dict[str, Any]:
    message_id = work.call.query.get("message_id", "")
    status = work.simulator.world.templates.statuses.get(message_id, -1)
    words_for = {-1: "The message does not exist", 0: "Pushed", 1: "Delivered"}
    delivered = work.simulator.world.clock.milliseconds() if status == 1 else ""
    return {"status": status, "message": words_for[status], "delivery_time": delivered}


def _quota(work: Work) -> dict[str, Any]:
    templates, now = work.simulator.world.templates, work.simulator.world.clock.now()
    left = str(templates.remain(now))
    return {"dailyQuota": str(templates.daily_limit), "remainingQuota": left}


def _all(work: Work) -> list[dict[str, Any]]:
    wanted = work.call.query.get("status", "")
    known = work.simulator.world.templates.known.values()
    return [item.as_json() for item in known if wanted in ("", str(item.state))]


def _info(work: Work) -> dict[str, Any]:
    wanted = words(work.call.query.get("template_id"))
    template = work.simulator.world.templates.known.get(wanted)
    return template.as_info() if template else {}


SEND_RULES = (*PHONE_ACCESS_RULES, JSON_RULE, *BY_PHONE_RULES)
BY_PHONE = (
    Endpoint("POST", "/message/template", "template", _send, SEND_RULES),
    Endpoint("POST", "/message/template/hashphone", "template", _send, SEND_RULES),
    Endpoint("GET", "/message/status", "template", _status, PHONE_ACCESS_RULES),
    Endpoint("GET", "/message/quota", "template", _quota, PHONE_ACCESS_RULES),
    Endpoint("GET", "/template/all", "template", _all, PHONE_ACCESS_RULES),
    Endpoint("GET", "/template/info/v2", "template", _info, PHONE_ACCESS_RULES),
)
