"""The Bot platform's methods."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.simulator.reading import is_address, is_text, words
from tests.simulator.rules.rule import Rule

if TYPE_CHECKING:
    from tests.simulator.call import Call

MAX_TEXT = 2000
METHODS = (
    "getMe", "getUpdates", "setWebhook", "getWebhookInfo", "deleteWebhook", "sendMessage",
    "sendPhoto", "sendSticker", "sendChatAction",
)  # fmt: skip
MODES = ("markdown", "html")
HERE = ("127.0.0.1", "localhost")
BAD = 400


def _method(call: Call) -> str:
    return call.last_segment


def _sends(call: Call) -> bool:
    return _method(call).startswith("send")


def _wrong(call: Call, method: str, name: str, most: int, least: int = 1) -> bool:
    return _method(call) == method and not is_text(call.values.get(name), most, least)


def _address(call: Call) -> bool:
    if _method(call) != "setWebhook":
        return False
    url = urlsplit(words(call.values.get("url")))
    return not url.hostname or (url.scheme != "https" and url.hostname not in HERE)


def _mode(call: Call) -> bool:
    return _sends(call) and call.values.get("parse_mode", "html") not in MODES


def _timeout(call: Call) -> bool:
    given = str(call.values.get("timeout", "30"))
    return _method(call) == "getUpdates" and not (given.isascii() and given.isdecimal())


BOT_RULES = (
    Rule("bot-token", 401, "Unauthorized", lambda call: call.bot_token != call.world.bot.token),
    Rule("bot-method", 404, "Not Found", lambda call: _method(call) not in METHODS),
    Rule("bot-text", BAD, "Bad Request: text is invalid",
         lambda call: _wrong(call, "sendMessage", "text", MAX_TEXT)),
    Rule("bot-photo", BAD, "Bad Request: photo is invalid",
         lambda call: _method(call) == "sendPhoto" and not is_address(call.values.get("photo"))),
    Rule("bot-caption", BAD, "Bad Request: caption is too long",
         lambda call: _method(call) == "sendPhoto"
         and not is_text(call.values.get("caption", ""), MAX_TEXT, 0)),
    Rule("bot-sticker", BAD, "Bad Request: sticker is invalid",
         lambda call: _wrong(call, "sendSticker", "sticker", 200)),
    Rule("bot-action", BAD, "Bad Request: action is invalid",
         lambda call: _method(call) == "sendChatAction"
         and call.values.get("action") not in ("typing", "upload_photo")),
    Rule("bot-parse-mode", BAD, "Bad Request: parse_mode is invalid", _mode),
    Rule("bot-timeout", BAD, "Bad Request: timeout is invalid", _timeout),
    Rule("bot-webhook-url", BAD, "Bad Request: url is invalid", _address),
    Rule("bot-webhook-secret", BAD, "Bad Request: secret_token is invalid",
         lambda call: _wrong(call, "setWebhook", "secret_token", 256, 8)),
    Rule("bot-webhook-set", 404, "Not Found: no webhook",
         lambda call: _method(call) == "getWebhookInfo" and not call.world.bot.webhook),
    Rule("bot-one-way", BAD, "Bad Request: a webhook is set",
         lambda call: _method(call) == "getUpdates" and bool(call.world.bot.webhook)),
    Rule("bot-chat", BAD, "Bad Request: chat not found",
         lambda call: _sends(call) and not call.world.bot.person_of(call.values.get("chat_id"))),
    Rule("bot-written", 403, "Forbidden: the user has not written to the bot",
         lambda call: _sends(call) and not call.world.bot.has_heard(call.values.get("chat_id"))),
    Rule("bot-rate", 429, "Too Many Requests", lambda call: call.remain < 0),
)  # fmt: skip
