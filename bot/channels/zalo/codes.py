"""What each error code of the platform means for a message.

https://developers.zalo.me/docs/official-account/phu-luc/ma-loi

An answer with a code is a clear "not taken": nothing reached the citizen. A code that is not
in the table is therefore safe to try again; the delivery lane's limit on attempts keeps it to a
few. The template host (ZBS) has codes of its own: -100 is another thing there.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import Enum

from bot.core.errors import (
    Reach,
    SendBlocked,
    SendError,
    SendLater,
    SendNeedsPerson,
    SendRefused,
    SendUnsure,
    SendWait,
)
from bot.core.work.rate import next_minute

log = logging.getLogger(__name__)

MINUTE = 60.0
UNKNOWN_RETRY = 5 * MINUTE
ATTACHMENT_EXPIRED = -100
RATE_REACHED = -32
TOO_LONG, INVALID, NIGHT = -210, -201, -234


class Meaning(Enum):
    """What to do about a code."""

    REFRESH = "refresh the token and try once more"
    WAIT = "not before a certain time"
    BACK_OFF = "try again, each time later"
    PERSON = "somebody must act"
    FINAL = "never again for this message"
    BLOCKED = "never again for this person until they write"


@dataclass(frozen=True)
class Code:
    """One row of a table. ``until`` belongs to WAIT, ``advice`` to PERSON, ``reach`` to both."""

    meaning: Meaning
    reason: str
    advice: str = ""
    reach: Reach = Reach.ACCOUNT
    until: Callable[[datetime], datetime] | None = None


def next_hour(now: datetime) -> datetime:
    """Return the moment one hour on."""
    return now + timedelta(hours=1)


def next_midnight(now: datetime) -> datetime:
    """Return the next 00:01 in Vietnam, which is UTC+7."""
    return _next(now, 17)


def next_morning(now: datetime) -> datetime:
    """Return the next 06:01 in Vietnam, which is UTC+7."""
    return _next(now, 23)


def is_night(now: datetime) -> bool:
    """Whether it is between 22:00 and 06:00 in Vietnam, when broadcasts are refused."""
    return 15 <= now.astimezone(timezone.utc).hour < 23


def _next(now: datetime, hour: int) -> datetime:
    now = now.astimezone(timezone.utc)
    moment = now.replace(hour=hour, minute=1, second=0, microsecond=0)
    return moment if moment > now else moment + timedelta(days=1)


def _wait(reason: str, until: Callable[[datetime], datetime], reach: Reach) -> Code:
    return Code(Meaning.WAIT, reason, "", reach, until)


def _final(reason: str) -> Code:
    return Code(Meaning.FINAL, reason)


def _blocked(reason: str) -> Code:
    return Code(Meaning.BLOCKED, reason)


def _person(reason: str, advice: str, reach: Reach = Reach.ACCOUNT) -> Code:
    return Code(Meaning.PERSON, reason, advice, reach)


_LOGIN = "run `flask --app server zalo login`"
_APP = "open developers.zalo.me, the app: switch it on and grant it what docs/how-to lists"
_OA = "open oa.zalo.me with an administrator of the account"
_MONEY = "open account.zalo.cloud: link or top up the Zalo Cloud Account of the app"
_NOTICES = Reach.NOTICES

TABLE: Mapping[int, Code] = {
    RATE_REACHED: _wait("call rate reached", next_minute, Reach.ACCOUNT),
    -100: _final("attachment expired"),
    -200: Code(Meaning.BACK_OFF, "platform failed to send"),
    -201: _final("a field is invalid"),
    -202: _final("invalid mac"),
    -204: _person("account is disabled", f"{_OA}: see why it is disabled"),
    -205: _person("account does not exist", "check MOTCUA_ZALO_OA_ID"),
    -207: _final("undocumented code of older lists"),
    -208: _final("undocumented code of older lists"),
    -209: _person("app is not activated", _APP),
    -210: _final("a value is over the limit"),
    -211: _wait("out of quota", next_hour, _NOTICES),
    -212: _person("app has not registered this call", _APP),
    -213: _blocked("citizen does not follow"),
    -214: Code(Meaning.BACK_OFF, "article is being processed"),
    -215: _person("invalid app id", "check MOTCUA_ZALO_APP_ID"),
    -216: Code(Meaning.REFRESH, "access token is invalid", _LOGIN),
    -217: _blocked("citizen blocked invitations"),
    -218: _wait("citizen's quota is used up", next_midnight, Reach.ROW),
    -219: _person("app is removed or disabled", _APP),
    -220: Code(Meaning.REFRESH, "access token expired", _LOGIN),
    -221: _person("account must be verified", f"{_OA}: have it verified"),
    -222: _blocked("citizen inactive or banned"),
    -223: _person("account has not authorised this call", f"{_APP}; then {_LOGIN}"),
    -224: _person("account needs a higher package", f"{_OA}: buy or renew the package"),
    -227: _blocked("citizen inactive or banned"),
    -230: _blocked("no interaction in seven days"),
    -232: _blocked("no interaction, or it is too old"),
    -233: _final("message type is not supported"),
    -234: _wait("not at night", next_morning, _NOTICES),
    -235: _person("call is not for this kind of account", f"{_OA}: check the account's kind"),
    -237: _person("group is disabled", f"{_OA}: check the group"),
    -238: _final("asset is used or disabled"),
    -240: _final("call was shut down"),
    -241: _final("asset is used or disabled"),
    -242: _person("app secret proof is wrong", "switch the app's appsecret_proof check off"),
    -244: _blocked("citizen refuses this kind of message"),
    -248: _final("violates the platform's standards"),
    -249: _final("template cannot be sent by user id"),
    -305: _blocked("cannot answer after 48 hours"),
    -311: _final("out of replies"),
    -320: _person("no Zalo Cloud Account is linked", _MONEY, _NOTICES),
    -321: _person("Zalo Cloud Account is out of money", _MONEY, _NOTICES),
    -403: _final("account is not in the group"),
    -1340: _final("form not found"),
    -1341: _final("no access to the form"),
}

_TEMPLATE = "open zalo.cloud, the template: "
_WRONG_DATA = _final("template data is wrong")

TEMPLATES: Mapping[int, Code] = {
    -100: Code(Meaning.BACK_OFF, "unknown error of the template host"),
    -108: _final("phone number is invalid"),
    -109: _final("template id is invalid"),
    -112: _WRONG_DATA,
    -114: _final("citizen cannot receive"),
    -115: _person("Zalo Cloud Account is out of money", _MONEY, _NOTICES),
    -117: _final("no right to the template"),
    -118: _final("no Zalo account has this phone number"),
    -119: _final("citizen cannot receive this template"),
    -120: _person("account has no right to send templates", _APP, _NOTICES),
    -124: Code(Meaning.REFRESH, "access token is invalid", _LOGIN),
    -126: _final("development mode has no money left"),
    -127: _final("development mode reaches only administrators"),
    -131: _final("template is not approved"),
    -133: _wait("not at night", next_morning, _NOTICES),
    -135: _person("account has no right to send templates", _APP, _NOTICES),
    -136: _person("no Zalo Cloud Account is linked", _MONEY, _NOTICES),
    -137: _person("payment failed", _MONEY, _NOTICES),
    -138: _person("app has no right to send templates", _APP, _NOTICES),
    -139: _blocked("citizen refuses this kind of message"),
    -140: _blocked("citizen refuses this kind of message"),
    -141: _blocked("citizen refuses messages of this account"),
    -144: _wait("daily template quota is used up", next_midnight, _NOTICES),
    -146: _person("template disabled for its quality", f"{_TEMPLATE}write it anew", _NOTICES),
    -147: _wait("this template's daily quota is used up", next_midnight, _NOTICES),
    -1351: _person("account has no right to send templates", _APP, _NOTICES),
    -1441: _wait("template quota is used up", next_midnight, _NOTICES),
    -1471: _wait("citizen's template quota is used up", next_midnight, Reach.ROW),
    -1472: _wait("citizen's template quota is used up", next_midnight, Reach.ROW),
    **dict.fromkeys(range(-1129, -1119), _WRONG_DATA),
}

# A template sent by user id goes to the account's host and may be refused in either's words.
TEMPLATES_BY_USER: Mapping[int, Code] = {**TEMPLATES, **TABLE}

TOKEN_CODES: Mapping[int, Code] = {
    -14002: _person("app id is wrong or the app is inactive", "check MOTCUA_ZALO_APP_ID"),
    -14003: _person("callback address is not registered", "see docs/how-to, step Callback"),
    -14004: _person("app secret key is wrong", "check MOTCUA_ZALO_APP_SECRET"),
    -14005: _person("code is used, wrong or older than ten minutes", _LOGIN),
    -14014: _person("refresh token is used, wrong or older than three months", _LOGIN),
    -14018: _person("kind of grant is wrong", "report this as a fault of the program"),
    -14029: _person("app is not approved for this", _APP),
}


_WORDS = {  # our own codes
    "no_refresh_token": _LOGIN,
    "token_key": f"put the former key behind the new one in MOTCUA_TOKEN_KEY, or {_LOGIN}",
}


def needs_refresh(code: int, table: Mapping[int, Code] = TABLE) -> bool:
    """Tell whether a new access token may help."""
    return code in table and table[code].meaning is Meaning.REFRESH


def error_for(code: int, now: datetime, table: Mapping[int, Code] = TABLE) -> SendError:
    """Return the error to raise for ``code``; a token refused a second time needs a person."""
    row = table.get(code)
    if row is None:
        log.warning("event=zalo_unknown_code code=%d", code)
        return SendLater("unknown code", str(code), UNKNOWN_RETRY)
    if row.meaning is Meaning.FINAL:
        return SendRefused(row.reason, str(code))
    if row.meaning is Meaning.BLOCKED:
        return SendBlocked(row.reason, str(code))
    if row.meaning is Meaning.BACK_OFF:
        return SendLater(row.reason, str(code), MINUTE)
    if row.until is not None:
        return SendWait(row.reason, str(code), row.until(now), now, row.reach)
    return SendNeedsPerson(row.reason, str(code), row.advice, row.reach)


def error_for_status(status: int) -> SendError:
    """Return the error for an HTTP answer that carries no code of the platform.

    It was written by something in between. A 4xx was turned away before anything happened;
    after a 2xx without sense or a 5xx nobody knows whether the call was carried out.
    """
    code = f"http_{status}"
    if status in (408, 425, 429):
        return SendLater("turned away for now", code, MINUTE)
    if status in (400, 413, 414, 415, 422, 431):
        return SendRefused("request turned away", code)
    if 300 <= status < 500:
        advice = "check MOTCUA_ZALO_API_URL, and the proxy or firewall on the way"
        return SendNeedsPerson("wrong address or blocked on the way", code, advice)
    return SendUnsure("answer makes no sense", code)


def advice_for(code: str) -> str:
    """Return what to do about a code as it stands in the store, or "" if we cannot say."""
    if code in _WORDS:
        return _WORDS[code]
    number = int(code) if code.lstrip("-").isdecimal() and code.isascii() else 0
    for table in (TABLE, TOKEN_CODES, TEMPLATES):
        if number in table:
            return table[number].advice
    return ""
