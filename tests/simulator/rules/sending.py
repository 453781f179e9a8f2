"""May this message reach this person now? Recipient, window, quota, money, in this order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.simulator.reading import words
from tests.simulator.rules.rule import Rule
from tests.simulator.windows import FREE_FOR, PRICE, Window, window_of

if TYPE_CHECKING:
    from tests.simulator.call import Call

REPLIES_PER_MESSAGE = 8


def _quotes_nothing(call: Call) -> bool:
    if "quote_message_id" not in call.message:
        return False
    return words(call.message["quote_message_id"]) not in call.world.messages


def _unknown_upload(call: Call) -> bool:
    kept = call.world.uploads.kept
    return any(upload_id not in kept for upload_id in call.upload_ids)


def _ended_upload(call: Call) -> bool:
    return any(call.world.uploads.has_ended(upload_id) for upload_id in call.upload_ids)


def _answers_nothing(call: Call) -> bool:
    if "message_id" not in call.recipient:
        return False
    written = call.world.messages.get(words(call.recipient["message_id"]))
    return written is None or call.world.clock.now() - written.at > FREE_FOR


def _answered_often(call: Call) -> bool:
    written = call.world.messages.get(words(call.recipient.get("message_id")))
    return written is not None and written.answers >= REPLIES_PER_MESSAGE


def _window(call: Call) -> Window:
    return window_of(call.person, call.world.clock.now())


def _is_unpaid(call: Call) -> bool:
    return _window(call) is Window.CHARGED and not call.world.purse.package_remain


PERSON_RULES = (
    Rule("person-in-order", -200, "refused by the recipient's settings",
         lambda call: call.person.refusal),
    Rule("person-not-blocking", -244, "user restricted this message type",
         lambda call: call.person.blocked),
    Rule("person-active", -227, "user is banned or has been inactive for more than 45 days",
         lambda call: call.person.is_inactive(call.world.clock.now())),
)  # fmt: skip
SENDING_RULES = (
    Rule("quote-known", -201, "quote_message_id is invalid!", _quotes_nothing),
    Rule("upload-known", -201, "attachment_id is invalid!", _unknown_upload),
    Rule("upload-alive", -100, "attachment_id was expired", _ended_upload),
    Rule("answered-message", -201, "message_id is invalid!", _answers_nothing),
    *PERSON_RULES,
    Rule("window-begun", -232, "user has not interacted with the OA",
         lambda call: _window(call) is Window.NEVER),
    Rule("window-open", -230, "user has not interacted with the OA in the past 7 days",
         lambda call: _window(call) is Window.CLOSED),
    Rule("answers-per-message", -311, "out of quota reply", _answered_often),
    Rule("cloud-account", -320, "app must connect a Zalo Cloud Account",
         lambda call: _is_unpaid(call) and not call.world.purse.cloud_account),
    Rule("balance", -321, "Zalo Cloud Account is out of money",
         lambda call: _is_unpaid(call) and call.world.purse.cloud_account
         and not call.world.purse.can_pay(PRICE)),
)  # fmt: skip
