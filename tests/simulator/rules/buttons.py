"""Buttons under a message."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from tests.simulator.reading import is_address, is_id, is_text, obj
from tests.simulator.rules.rule import Rule

if TYPE_CHECKING:
    from tests.simulator.call import Call

MOST, MAX_TITLE, MAX_PAYLOAD, MAX_SMS = 5, 100, 1000, 160
INVALID = -201
FIELDS = {"title", "type", "payload", "image_icon"}
QUERIES = {"oa.query.show", "oa.query.hide"}
TYPES = {*QUERIES, "oa.open.url", "oa.open.sms", "oa.open.phone"}


def _any(broken: Callable[[dict[str, Any]], bool]) -> Callable[[Call], bool]:
    return lambda call: any(broken(obj(button)) for button in call.buttons)


def _count(call: Call) -> bool:
    if "buttons" not in call.payload:
        return False
    given = call.payload["buttons"]
    return not isinstance(given, list) or not 1 <= len(given) <= MOST


def _shape(call: Call) -> bool:
    return any(not isinstance(item, dict) or set(item) - FIELDS for item in call.buttons)


def payload_problems(kind: Any, payload: Any) -> Iterator[str]:
    """Yield the names of the rules a button's (or a list action's) payload breaks."""
    if kind in QUERIES and not is_text(payload, MAX_PAYLOAD):
        yield "button-query"
    if kind == "oa.open.url" and not is_address(obj(payload).get("url")):
        yield "button-url"
    if kind == "oa.open.phone" and not is_id(obj(payload).get("phone_code")):
        yield "button-phone"
    if kind == "oa.open.sms":
        sms = obj(payload)
        if not is_text(sms.get("content"), MAX_SMS) or not is_id(sms.get("phone_code")):
            yield "button-sms"


def _payload_rule(name: str) -> Rule:
    def broken(button: dict[str, Any]) -> bool:
        return name in payload_problems(button.get("type"), button.get("payload"))

    return Rule(name, INVALID, "payload is invalid!", _any(broken))


BUTTON_RULES = (
    Rule("button-count", INVALID, "buttons is invalid!", _count),
    Rule("button-fields", INVALID, "buttons is invalid!", _shape),
    Rule("button-title", INVALID, "title is invalid!",
         _any(lambda button: not is_text(button.get("title"), MAX_TITLE))),
    Rule("button-type", INVALID, "type is invalid!",
         _any(lambda button: button.get("type") not in TYPES)),
    _payload_rule("button-query"),
    _payload_rule("button-url"),
    _payload_rule("button-phone"),
    _payload_rule("button-sms"),
)  # fmt: skip
