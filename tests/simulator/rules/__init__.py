"""The strictness list: every validation of the simulator, by name."""

from __future__ import annotations

from tests.simulator.rules.access import ACCESS_RULES, PHONE_ACCESS_RULES
from tests.simulator.rules.articles import ARTICLE_RULES, BROADCAST_RULES, VERIFY_RULE
from tests.simulator.rules.bot import BOT_RULES
from tests.simulator.rules.calls import (
    ANONYMOUS_RULES,
    CHATS_RULES,
    LIST_RULES,
    QUOTA_RULES,
    REACTION_RULES,
    SHUT_RULE,
    TAG_RULE,
    UPLOAD_RULES,
    USER_RULES,
)
from tests.simulator.rules.message import SHAPE_RULES
from tests.simulator.rules.oauth import CONSENT_RULES, GRANT_RULES
from tests.simulator.rules.rule import Refusal, Rule, Rulebook
from tests.simulator.rules.sending import SENDING_RULES
from tests.simulator.rules.templates import BY_PHONE_RULES, BY_USER_RULES

FAMILIES: dict[str, tuple[Rule, ...]] = {
    "access": (*ACCESS_RULES, PHONE_ACCESS_RULES[0]),
    "message": SHAPE_RULES,
    "sending": SENDING_RULES,
    "upload": UPLOAD_RULES,
    "people": (*USER_RULES, *LIST_RULES, CHATS_RULES[1], TAG_RULE),
    "quota": QUOTA_RULES,
    "reaction": REACTION_RULES,
    "anonymous": ANONYMOUS_RULES,
    "version two": (SHUT_RULE,),
    "article": (*ARTICLE_RULES, VERIFY_RULE),
    "broadcast": BROADCAST_RULES,
    "template by user id": BY_USER_RULES,
    "template by phone": BY_PHONE_RULES,
    "token service": (*CONSENT_RULES, *GRANT_RULES),
    "bot": BOT_RULES,
}
ALL: dict[str, Rule] = {rule.name: rule for rules in FAMILIES.values() for rule in rules}

__all__ = ["ALL", "FAMILIES", "Refusal", "Rule", "Rulebook"]
