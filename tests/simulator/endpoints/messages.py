"""Messages: consultation, templates by user id, and what is left of version 2."""

from __future__ import annotations

from typing import Any

from tests.simulator.endpoints.endpoint import Endpoint, Work
from tests.simulator.outbox import Sent
from tests.simulator.person import new_id
from tests.simulator.reading import obj, words
from tests.simulator.rules import Rule
from tests.simulator.rules.access import ACCESS_RULES
from tests.simulator.rules.articles import BROADCAST_RULES, values_of
from tests.simulator.rules.calls import ANONYMOUS_RULES, JSON_RULE, REACTION_RULES, SHUT_RULE
from tests.simulator.rules.message import SHAPE_RULES
from tests.simulator.rules.sending import PERSON_RULES
from tests.simulator.rules.templates import BY_USER_RULES, template_of
from tests.simulator.templates_zbs import PROMOTION
from tests.simulator.windows import charge

ABOUT_RECIPIENT = {"recipient-fields", "recipient-id"}


def take_message(work: Work) -> dict[str, Any]:
    """Take a consultation message."""
    answer, sent = work.simulator.world.take(work.call)
    _announce(work, sent)
    return answer


def _announce(work: Work, sent: Sent | None) -> None:
    if sent:
        work.afterwards.append(lambda: work.simulator.was_sent(sent))


def take_template(work: Work) -> dict[str, Any]:
    """Take an approved template for a user id."""
    call, world = work.call, work.simulator.world
    template, data = template_of(call), obj(call.body, "template_data")
    text = "\n".join([f"[{template.name if template else ''}]", *map(str, data.values())])
    sent = world.keep(call.user_id, {"text": text})
    if template and template.tag == PROMOTION:
        call.person.promotions.append(world.clock.now())
    quota = charge(call.person, world.purse, world.clock.now())
    _announce(work, sent)
    return {
        "message_id": sent.message_id,
        "user_id": sent.user_id,
        "sent_time": str(int(sent.at * 1000)),
        **({"quota": quota} if quota else {}),
    }


def version_two(work: Work) -> dict[str, Any]:
    """Do what the old path is still good for: reactions, anonymous answers, broadcasts."""
    call = work.call
    kind = _kind_of(call.body)
    rules, act = _KINDS[kind]
    refusal = work.simulator.world.rulebook.first_broken((*ACCESS_RULES, JSON_RULE, *rules), call)
    if refusal:
        return {"error": refusal[0], "message": refusal[1]}
    return {"error": 0, "message": "Success", "data": act(work)}


def _kind_of(body: Any) -> str:
    recipient = obj(body, "recipient")
    if "sender_action" in obj(body):
        return "reaction"
    if "anonymous_id" in recipient or "conversation_id" in recipient:
        return "anonymous"
    return "broadcast" if "target" in recipient else "message"


def _react(work: Work) -> dict[str, Any]:
    call, world = work.call, work.simulator.world
    action = obj(call.body, "sender_action")
    message_id = words(action.get("react_message_id"))
    if message := world.messages.get(message_id):
        message.reactions += 1
        line = {"from": "event", "text": words(action.get("react_icon"))}
        world.write_down(message.user_id, line)
    return {"message_id": message_id, "user_id": call.user_id}


def _answer_visitor(work: Work) -> dict[str, Any]:
    visitor = words(work.call.recipient.get("anonymous_id"))
    sent = work.simulator.world.keep(visitor, work.call.message)
    _announce(work, sent)
    return {"message_id": sent.message_id, "anonymous_id": visitor}


def _broadcast(work: Work) -> dict[str, Any]:
    call, world = work.call, work.simulator.world
    world.articles.month.use(world.clock.now())
    target = {name: values_of(value) for name, value in obj(call.recipient, "target").items()}
    ids = [words(item.get("attachment_id")) for item in call.elements]
    reached = world.followers()
    world.recording.note("act", what="broadcast", articles=ids, target=target, reached=reached)
    return {"message_id": new_id()}


def _old_message(work: Work) -> dict[str, Any]:
    sent = work.simulator.world.keep(work.call.user_id, work.call.message)
    return {"message_id": sent.message_id, "user_id": sent.user_id}


VISITOR_RULES: tuple[Rule, ...] = (
    *ANONYMOUS_RULES,
    *(rule for rule in SHAPE_RULES if rule.name not in ABOUT_RECIPIENT),
)
_KINDS = {
    "reaction": (REACTION_RULES, _react),
    "anonymous": (VISITOR_RULES, _answer_visitor),
    "broadcast": (BROADCAST_RULES, _broadcast),
    "message": ((SHUT_RULE,), _old_message),
}
WITHDRAWN = (*ACCESS_RULES, JSON_RULE, SHUT_RULE, *PERSON_RULES)
MESSAGES = (
    Endpoint("POST", "/v3.0/oa/message/cs", "message", take_message, raw=True),
    Endpoint("POST", "/v3.0/oa/message/template", "template", take_template,
             (*ACCESS_RULES, JSON_RULE, *BY_USER_RULES)),
    Endpoint("POST", "/v3.0/oa/message/transaction", "message", _old_message, WITHDRAWN),
    Endpoint("POST", "/v3.0/oa/message/promotion", "message", _old_message, WITHDRAWN),
    Endpoint("POST", "/v2.0/oa/message", "broadcast", version_two, raw=True),
)  # fmt: skip
