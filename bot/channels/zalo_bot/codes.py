"""What the platform's answers mean: one table.

https://bot.zaloplatforms.com/docs
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from bot.channels.http import Answer
from bot.core.errors import (
    Reach,
    SendError,
    SendLater,
    SendNeedsPerson,
    SendRefused,
    SendUnsure,
    SendWait,
)

NOTHING_NEW = 408
NO_WEBHOOK = 404
_MINUTE = timedelta(minutes=1)
_COPY_AGAIN = "copy the token from Zalo Bot Creator into MOTCUA_ZALO_BOT_TOKEN and start again"
_CHECK_ADDRESS = "check MOTCUA_ZALO_BOT_API_URL, the token, and the proxy or firewall on the way"

_Maker = Callable[[datetime], SendError]

TABLE: Mapping[int, _Maker] = {
    400: lambda now: SendRefused("bad request", "400"),
    401: lambda now: SendNeedsPerson("the bot's token is refused", "401", _COPY_AGAIN),
    # The platform's word for it is "internal error"; it says no, so asking again doubles nothing.
    403: lambda now: SendLater("refused for now", "403", 60.0),
    404: lambda now: SendNeedsPerson("no such bot or method", "404", _CHECK_ADDRESS),
    408: lambda now: SendLater("the platform took too long", "408"),
    429: lambda now: SendWait("quota is used up", "429", now + _MINUTE, now, Reach.ACCOUNT),
}


def is_done(answer: Answer) -> bool:
    """Tell whether the platform says that it did what was asked."""
    return answer.body is not None and answer.body.get("ok") is True


def code_of(answer: Answer) -> int:
    """Return the platform's code of a refusal, or the HTTP status where it gives none."""
    given = (answer.body or {}).get("error_code")
    return given if isinstance(given, int) and not isinstance(given, bool) else answer.status


def error_for(answer: Answer, now: datetime) -> SendError:
    """Return the error to raise for an answer that is not a yes."""
    code = code_of(answer)
    if _is_plain_no(answer):
        made = TABLE.get(code)
        return made(now) if made else _unknown(code)
    if answer.status in (400, 401, 404, 429):  # turned away, whoever wrote it
        return TABLE[answer.status](now)
    if 300 <= answer.status < 400 or answer.status in (403, 405, 407, 451):
        return SendNeedsPerson("blocked on the way", f"http_{answer.status}", _CHECK_ADDRESS)
    return SendUnsure("answer makes no sense", f"http_{answer.status}")


def _is_plain_no(answer: Answer) -> bool:
    return answer.body is not None and answer.body.get("ok") is False


def _unknown(code: int) -> SendError:
    # From 500 on something broke inside, perhaps after the message had left.
    if code >= 500:
        return SendUnsure("the platform failed", str(code))
    return SendLater("unknown code", str(code))
