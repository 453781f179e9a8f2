"""What each error code of the OA API means for a message.

https://developers.zalo.me/docs/official-account/phu-luc/ma-loi

An answer with a code is a clear "not taken": nothing reached the citizen. A code that is not
in the table is therefore safe to try again; ``SendLater`` does so, and the delivery lane's
limit on attempts keeps it to a few.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import Enum

from bot.core.errors import SendError, SendLater, SendNeedsPerson, SendRefused

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
UNKNOWN_RETRY = 5 * MINUTE


class Meaning(Enum):
    """What to do about a code."""

    REFRESH = "refresh the token and try once more"
    LATER = "try again later"
    MORNING = "try again after 06:00 in Vietnam"
    REFUSED = "final for this message or person"
    PERSON = "somebody must act"


@dataclass(frozen=True)
class Code:
    """One row of the table; ``retry_after`` in seconds."""

    meaning: Meaning
    reason: str
    retry_after: float = 0.0


def _later(reason: str, seconds: float) -> Code:
    return Code(Meaning.LATER, reason, seconds)


def _refused(reason: str) -> Code:
    return Code(Meaning.REFUSED, reason)


def _person(reason: str) -> Code:
    return Code(Meaning.PERSON, reason)


TABLE: Mapping[int, Code] = {
    -32: _later("call rate reached", MINUTE),
    -100: _refused("attachment expired"),
    -200: _later("platform failed to send", MINUTE),
    -201: _refused("a field is invalid"),
    -202: _refused("invalid mac"),
    -204: _person("account is disabled"),
    -205: _person("account does not exist"),
    -207: _refused("undocumented code of older lists"),
    -208: _refused("undocumented code of older lists"),
    -209: _person("app is not activated"),
    -210: _refused("a value is over the limit"),
    -211: _later("out of quota", HOUR),
    -212: _person("app has not registered this call"),
    -213: _refused("citizen does not follow"),
    -214: _later("article is being processed", MINUTE),
    -215: _person("invalid app id"),
    -216: Code(Meaning.REFRESH, "access token is invalid"),
    -217: _refused("citizen blocked invitations"),
    -218: _later("citizen's quota is used up", DAY),
    -219: _person("app is removed or disabled"),
    -220: Code(Meaning.REFRESH, "access token expired"),
    -221: _person("account must be verified"),
    -222: _refused("citizen inactive or banned"),
    -223: _person("account has not authorised this call"),
    -224: _person("account needs a higher package"),
    -227: _refused("citizen inactive or banned"),
    -230: _refused("no interaction in seven days"),
    -232: _refused("no interaction, or it is too old"),
    -233: _refused("message type is not supported"),
    -234: Code(Meaning.MORNING, "not at night"),
    -235: _person("call is not for this kind of account"),
    -237: _person("group is disabled"),
    -238: _refused("asset is used or disabled"),
    -240: _refused("call was shut down"),
    -241: _refused("asset is used or disabled"),
    -242: _person("app secret proof is wrong"),
    -244: _refused("citizen refuses this kind of message"),
    -248: _refused("violates the platform's standards"),
    -249: _refused("template cannot be sent by user id"),
    -305: _refused("cannot answer after 48 hours"),
    -311: _refused("out of replies"),
    -320: _person("no Zalo Cloud Account is linked"),
    -321: _person("Zalo Cloud Account is out of money"),
    -403: _refused("account is not in the group"),
    -1340: _refused("form not found"),
    -1341: _refused("no access to the form"),
}


def needs_refresh(code: int) -> bool:
    """Tell whether a new access token may help."""
    return code in TABLE and TABLE[code].meaning is Meaning.REFRESH


def error_for(code: int, now: datetime) -> SendError:
    """Return the error to raise for ``code``; a token refused a second time needs a person."""
    row = TABLE.get(code, _later("unknown code", UNKNOWN_RETRY))
    if row.meaning is Meaning.REFUSED:
        return SendRefused(row.reason, str(code))
    if row.meaning is Meaning.LATER:
        return SendLater(row.reason, str(code), row.retry_after)
    if row.meaning is Meaning.MORNING:
        return SendLater(row.reason, str(code), seconds_until_morning(now))
    return SendNeedsPerson(row.reason, str(code))


def seconds_until_morning(now: datetime) -> float:
    """Return the seconds from ``now`` (aware) to the next 06:01 in Vietnam, which is UTC+7."""
    now = now.astimezone(timezone.utc)
    opening = now.replace(hour=23, minute=1, second=0, microsecond=0)  # 23:01 UTC = 06:01
    if opening <= now:
        opening += timedelta(days=1)
    return (opening - now).total_seconds()
