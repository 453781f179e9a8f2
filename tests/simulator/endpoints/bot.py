"""The Bot platform: one address a method."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, jsonify, request

from tests.simulator.bot import BotSent
from tests.simulator.call import Call
from tests.simulator.endpoints.endpoint import Work, perform, simulator
from tests.simulator.person import new_id
from tests.simulator.reading import words
from tests.simulator.rules.bot import BOT_RULES

routes = Blueprint("bot", __name__)

MOST_SECONDS = 60.0


@routes.route("/bot<token>/<method>", methods=["GET", "POST"])
def call_method(token: str, method: str) -> Response:
    """Answer a method, or fail as ordered."""
    zalo = simulator()
    call = Call.of_request(zalo.world, request)
    call.bot_token, call.remain = token, zalo.world.bot_rate.count()

    def act() -> tuple[Response, dict[str, Any]]:
        status, body = _answer(call)
        response = jsonify(body)
        response.status_code = status
        return response, {"status": status, "answer": body}

    return perform(Work(zalo, call), "bot", act)


def _answer(call: Call) -> tuple[int, dict[str, Any]]:
    refusal = call.world.rulebook.first_broken(BOT_RULES, call)
    if refusal:
        return _error(*refusal)
    method = _METHODS.get(call.last_segment)
    if method is None:
        return _error(404, "Not Found")
    result = method(call)
    if result is None:
        return _error(408, "Request Timeout")
    return 200, {"ok": True, **({} if result == {} else {"result": result})}


def _error(code: int, words_for: str) -> tuple[int, dict[str, Any]]:
    return code, {"ok": False, "error_code": code, "description": words_for}


def _get_me(call: Call) -> dict[str, Any]:
    number = call.world.bot.token.partition(":")[0]
    name = "bot.motcua"
    return {
        "id": number, "account_name": name, "account_type": "BASIC", "can_join_groups": False,
    }  # fmt: skip


def _get_updates(call: Call) -> dict[str, Any] | None:
    given = str(call.values.get("timeout", "30"))
    seconds = float(given) if given.isdecimal() else 0.0
    return call.world.bot.next_update(min(seconds, MOST_SECONDS))


def _set_webhook(call: Call) -> dict[str, Any]:
    values = call.values
    return call.world.bot.set_webhook(words(values.get("url")), words(values.get("secret_token")))


def _delete_webhook(call: Call) -> dict[str, Any]:
    call.world.bot.webhook = None
    return call.world.bot.describe()


def _send(call: Call) -> dict[str, Any]:
    world, values = call.world, call.values
    user_id = world.bot.user_of(values.get("chat_id"))
    sent = BotSent(new_id(), user_id, call.last_segment, values)
    world.bot.sent.append(sent)
    text = values.get("text") or values.get("caption") or (values.get("sticker") and "[sticker]")
    line = {"from": "bot", "text": words(text), "image_url": values.get("photo")}
    world.write_down(user_id, line)
    return {"message_id": sent.message_id, "date": int(world.clock.now() * 1000)}


_METHODS: dict[str, Callable[[Call], dict[str, Any] | None]] = {
    "getMe": _get_me,
    "getUpdates": _get_updates,
    "setWebhook": _set_webhook,
    "getWebhookInfo": lambda call: call.world.bot.describe(),
    "deleteWebhook": _delete_webhook,
    "sendMessage": _send,
    "sendPhoto": _send,
    "sendSticker": _send,
    "sendChatAction": lambda call: {},
}
