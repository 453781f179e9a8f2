"""Template messages, by user id and by phone."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.simulator.clock import DAY
from tests.simulator.reading import is_id, is_text, obj, words
from tests.simulator.rules.rule import Rule
from tests.simulator.rules.sending import PERSON_RULES
from tests.simulator.templates_zbs import (
    DISABLED,
    MONTH,
    PENDING,
    PRICE_BY_PHONE,
    PROMOTION,
    PROMOTIONS_PER_DAY,
    PROMOTIONS_PER_MONTH,
    REJECTED,
    Template,
)

if TYPE_CHECKING:
    from tests.simulator.call import Call
    from tests.simulator.person import Person

PHONE = re.compile(r"84\d{9}")
HASH = re.compile(r"[0-9a-f]{64}")
MAX_TRACKING = 48


def template_of(call: Call) -> Template | None:
    """Return the template this call names."""
    return call.world.templates.known.get(words(obj(call.body).get("template_id")))


def addressee(call: Call) -> Person | None:
    """Return the person with this phone number, or with this number's hash."""
    body = obj(call.body)
    phone, hashed = words(body.get("phone")), words(body.get("hash_phone"))
    for person in call.world.people():
        if person.phone and phone == person.phone:
            return person
        if person.phone and hashed == hashlib.sha256(person.phone.encode()).hexdigest():
            return person
    return None


def _state(*states: int) -> Callable[[Call], bool]:
    def broken(call: Call) -> bool:
        template = template_of(call)
        return template is not None and template.state in states

    return broken


def _data(call: Call) -> bool:
    template, data = template_of(call), obj(call.body, "template_data")
    if template is None:
        return False
    wrong = any(not is_text(data.get(name), most) for name, most in template.fields.items())
    return wrong or set(data) != set(template.fields)


def _promotes(call: Call) -> bool:
    template = template_of(call)
    return template is not None and template.tag == PROMOTION


def _promotions(call: Call, within: float, most: int) -> bool:
    since = call.world.clock.now() - within
    recent = [moment for moment in call.person.promotions if moment > since]
    return _promotes(call) and len(recent) >= most


def _by_phone_only(call: Call) -> bool:
    template = template_of(call)
    return template is not None and not template.by_user_id


TEMPLATE_RULES = (
    Rule("template-known", -109, "Template id is invalid", lambda call: template_of(call) is None),
    Rule("template-approved", -131, "Template is not approved", _state(PENDING, REJECTED)),
    Rule("template-enabled", -146, "Template is disabled", _state(DISABLED)),
    Rule("template-data", -112, "Template data is invalid", _data),
)
BY_USER_RULES = (
    Rule("template-user-fields", -201, "body is invalid!",
         lambda call: set(obj(call.body)) != {"user_id", "template_id", "template_data"}),
    Rule("template-user-id", -201, "user_id is invalid!",
         lambda call: not is_id(obj(call.body).get("user_id"))),
    *TEMPLATE_RULES,
    Rule("template-by-user", -249, "template cannot be sent by UID", _by_phone_only),
    *PERSON_RULES,
    Rule("promotion-follower", -213, "user has not followed OA",
         lambda call: _promotes(call) and not call.person.follows),
    Rule("promotion-night", -234, "not at night (22:00-06:00)",
         lambda call: _promotes(call) and call.world.clock.is_night()),
    Rule("promotion-day", -218, "out of quota receive",
         lambda call: _promotions(call, DAY, PROMOTIONS_PER_DAY)),
    Rule("promotion-month", -218, "out of quota receive",
         lambda call: _promotions(call, MONTH, PROMOTIONS_PER_MONTH)),
)  # fmt: skip


def _phone(call: Call) -> bool:
    body = obj(call.body)
    if call.last_segment == "hashphone":
        return not HASH.fullmatch(words(body.get("hash_phone")))
    return not PHONE.fullmatch(words(body.get("phone")))


def _is_test(call: Call) -> bool:
    return obj(call.body).get("mode") == "development"


def _not_an_admin(call: Call) -> bool:
    person = addressee(call)
    is_admin = person is not None and person.user_id in call.world.templates.admins
    return _is_test(call) and not is_admin


def _refuses(call: Call) -> bool:
    person = addressee(call)
    return person is not None and person.blocked


BY_PHONE_RULES = (
    Rule("phone-form", -108, "Phone number is invalid", _phone),
    *TEMPLATE_RULES,
    Rule("phone-tracking", -1121, "tracking_id is invalid",
         lambda call: not is_text(obj(call.body).get("tracking_id"), MAX_TRACKING)),
    Rule("phone-mode", -127, "mode is invalid",
         lambda call: obj(call.body).get("mode", "development") != "development"),
    Rule("phone-has-zalo", -118, "Zalo account does not exist",
         lambda call: addressee(call) is None),
    Rule("phone-not-refusing", -139, "user refused to receive this kind of message", _refuses),
    Rule("phone-test-admin", -126, "development mode reaches admins only", _not_an_admin),
    Rule("phone-night", -133, "not at night (22:00-06:00)",
         lambda call: call.world.templates.night_rule and call.world.clock.is_night()),
    Rule("phone-day", -144, "daily quota exceeded",
         lambda call: call.world.templates.remain(call.world.clock.now()) <= 0),
    Rule("phone-money", -115, "out of money",
         lambda call: not _is_test(call) and not call.world.purse.can_pay(PRICE_BY_PHONE)),
)  # fmt: skip
