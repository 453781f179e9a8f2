"""What can go wrong, and what it means for the citizen and for us.

DeskError
├── SourceUnavailable     a register or service gave no answer      retry later, not "not found"
├── DossierNotFound       every source answered, none has the code
├── PhotoError            a picture could not be used
│   ├── PhotoTooLarge     bytes or pixels over the cap
│   ├── PhotoWrongType    not a picture we read
│   ├── PhotoUnavailable  could not be fetched                      retry once
│   └── PhotoForbidden    its address is not on the allow-list
├── DialogueUnavailable   Rasa is missing, dead or too slow         codes and buttons still work
├── StoreUnavailable      the operational store cannot be reached   alarm
├── SecretUnreadable      kept tokens do not open with our keys     alarm, names the cure
├── SettingsError         the environment is wrong                  names the variable and the cure
└── SendError             a platform did not take a message
    ├── SendLater         try again after ``retry_after`` seconds
    │   └── SendWait      not before ``until``; ``reach`` says what else waits with it
    ├── SendRefused       final for this message (``code``, ``reason``)
    │   └── SendBlocked   final for this citizen until they write again
    ├── SendNeedsPerson   somebody must act: token, package, money  alarm; ``reach`` waits
    └── SendUnsure        sent, answer lost: never resent silently
"""

from __future__ import annotations

from datetime import datetime
from enum import Enum


class DeskError(Exception):
    """Base of every error this project raises on purpose."""


class SourceUnavailable(DeskError):
    """A register gave no answer; the citizen hears "try later", never "not found"."""


class DossierNotFound(DeskError):
    """Every source answered and none knows this code."""


class PhotoError(DeskError):
    """A picture could not be used."""


class PhotoTooLarge(PhotoError):
    """The picture has more bytes or pixels than we open."""


class PhotoWrongType(PhotoError):
    """The bytes are not a picture format we read."""


class PhotoUnavailable(PhotoError):
    """The picture could not be fetched."""


class PhotoForbidden(PhotoError):
    """The picture's address is not one we may fetch from."""


class DialogueUnavailable(DeskError):
    """Rasa cannot answer now; codes, photos and buttons still work."""


class StoreUnavailable(DeskError):
    """The operational store cannot be reached."""


class SecretUnreadable(DeskError):
    """What the store keeps under a key cannot be opened; the message says what to do."""


class SettingsError(DeskError):
    """A setting is missing or wrong; the message names the variable and the cure."""


class Reach(str, Enum):
    """What has to wait when a platform stops taking messages."""

    ROW = "row"  # only this message
    NOTICES = "notices"  # whatever costs money or has hours; answers still go out
    ACCOUNT = "account"  # everything


class SendError(DeskError):
    """A platform did not take a message. ``code`` is the platform's, safe to log."""

    def __init__(self, reason: str, code: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code


class SendLater(SendError):
    """Try again after ``retry_after`` seconds."""

    def __init__(self, reason: str, code: str = "", retry_after: float = 30.0) -> None:
        super().__init__(reason, code)
        self.retry_after = retry_after


class SendWait(SendLater):
    """Try again at ``until`` (UTC), and not before; so must everything within ``reach``."""

    def __init__(
        self, reason: str, code: str, until: datetime, now: datetime, reach: Reach = Reach.ROW
    ) -> None:
        super().__init__(reason, code, max(0.0, (until - now).total_seconds()))
        self.until = until
        self.reach = reach


class SendRefused(SendError):
    """Final for this message."""


class SendBlocked(SendRefused):
    """Final for this person: nothing more is sent to them until they write again."""


class SendNeedsPerson(SendError):
    """Nothing within ``reach`` can be sent until somebody acts; ``advice`` says how."""

    def __init__(
        self, reason: str, code: str = "", advice: str = "", reach: Reach = Reach.ACCOUNT
    ) -> None:
        super().__init__(reason, code)
        self.advice = advice
        self.reach = reach


class SendUnsure(SendError):
    """The request went out and the answer was lost; the row becomes ``unsure``."""


def places(error: BaseException, most: int = 4) -> str:
    """Return where an error arose, innermost first, for logs.

    The error's own words and the values around it may be a citizen's, so neither is used.

    >>> try:
    ...     int("0912345678 x")
    ... except ValueError as error:
    ...     places(error).partition(":")[0]
    '<module>'
    """
    found = []
    trace = error.__traceback__
    while trace is not None:
        found.append(f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}")
        trace = trace.tb_next
    return "<".join(reversed(found[-most:])) or "unknown"
