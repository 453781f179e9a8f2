"""What the console is given; ``bot.wiring.console`` builds something of this shape."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Any, Protocol, cast

from flask import Request, current_app, request

from bot.core.staff.door import Door
from bot.core.staff.passwords import PasswordRules
from bot.core.staff.roles import Staff

EXTENSION = "motcua_console"


class Account(Protocol):
    """One account."""

    @property
    def staff(self) -> Staff: ...
    @property
    def password_at(self) -> datetime | None: ...
    @property
    def recovery_left(self) -> int: ...


class Invitation(Protocol):
    """Whose enrolment a link is."""

    @property
    def staff(self) -> Staff: ...
    @property
    def totp(self) -> str: ...
    @property
    def ends_at(self) -> datetime: ...


class Session(Protocol):
    """Somebody at one browser."""

    @property
    def id(self) -> int: ...
    @property
    def staff(self) -> Staff: ...
    @property
    def device(self) -> str: ...
    @property
    def begun_at(self) -> datetime: ...
    @property
    def seen_at(self) -> datetime: ...


class Accounts(Protocol):
    """Accounts of staff."""

    def by_id(self, staff_id: int) -> Account | None:
        """Return the account, or None."""

    def invitation(self, token: str, now: datetime) -> Invitation | None:
        """Return what a link is for, or None when it is unknown, used or too old."""

    def enrol(
        self, token: str, password: str, step: int, recovery: Iterable[str], now: datetime
    ) -> bool:
        """Use up a link; False when it was used meanwhile."""

    def set_password(
        self, staff_id: int, password: str, keep_session: int | None, now: datetime
    ) -> None:
        """Set a new hash and end every session but one."""

    def new_recovery(self, staff_id: int, digests: Iterable[str]) -> None:
        """Replace the recovery codes."""


class Sessions(Protocol):
    """Who is logged in."""

    def open(self, staff_id: int, token: str, device: str, now: datetime) -> int:
        """Begin a session and return its number."""

    def find(self, token: str, now: datetime) -> Session | None:
        """Return whose session it is, or None when it has ended."""

    def of(self, staff_id: int, now: datetime) -> Sequence[Session]:
        """Return the open sessions of somebody."""

    def end(self, staff_id: int, number: int) -> bool:
        """End one session of somebody."""

    def end_others(self, staff_id: int, number: int) -> int:
        """End every session of somebody but one."""


class Audit(Protocol):
    """Who did what."""

    def append(
        self, actor: str, action: str, subject: str, detail: Mapping[str, Any], now: datetime
    ) -> int:
        """Add a row."""


class Figures(Protocol):
    """What happened since a moment."""

    @property
    def messages(self) -> int: ...
    @property
    def citizens(self) -> int: ...
    @property
    def waiting(self) -> int: ...
    @property
    def waiting_since(self) -> datetime | None: ...


class Today(Protocol):
    """Counts of the day."""

    def figures(self, since: datetime) -> Figures:
        """Return the counts since ``since``."""


class Deliveries(Protocol):
    """Everything sent."""

    def counts(self) -> Mapping[Any, int]:
        """Return how many rows are in each state."""


class Processes(Protocol):
    """Heartbeats."""

    def alive(self, name: str, now: datetime, within: timedelta) -> Mapping[str, Any] | None:
        """Return the details of a fresh heartbeat, or None."""


class ConsoleStore(Protocol):
    """The part of the operational store the console uses."""

    @property
    def staff(self) -> Accounts: ...
    @property
    def staff_sessions(self) -> Sessions: ...
    @property
    def audit(self) -> Audit: ...
    @property
    def today(self) -> Today: ...
    @property
    def deliveries(self) -> Deliveries: ...
    @property
    def processes(self) -> Processes: ...


class Hasher(Protocol):
    """Keeps passwords unreadable."""

    def hash(self, password: str) -> str:
        """Return what is kept of a password."""


class Province(Protocol):
    """Whose desk this is."""

    @property
    def desk_name(self) -> str: ...
    @property
    def demo(self) -> bool: ...


class ConsoleParts(Protocol):
    """Everything the console needs."""

    @property
    def store(self) -> ConsoleStore: ...
    @property
    def province(self) -> Province: ...
    @property
    def door(self) -> Door: ...
    @property
    def hasher(self) -> Hasher: ...
    @property
    def rules(self) -> PasswordRules: ...
    @property
    def zone(self) -> tzinfo: ...
    @property
    def secure(self) -> bool:
        """Return whether browsers come by https."""

    @property
    def secret(self) -> str:
        """Return what signs the console's cookies."""

    @property
    def login_rate(self) -> str:
        """Return how often one address may try to log in."""

    @property
    def origin_of(self) -> Callable[[str, datetime], str]:
        """Return what makes digests of clients' addresses."""

    @property
    def address_of(self) -> Callable[[Request], str]:
        """Return what tells a client's address."""

    @property
    def draw_qr(self) -> Callable[[str], str]:
        """Return what draws a code as an SVG element."""

    def clock(self) -> datetime:
        """Return the time, in UTC."""


def parts() -> ConsoleParts:
    """Return the parts of the running app."""
    return cast(ConsoleParts, current_app.extensions[EXTENSION])


def origin() -> str:
    """Return the digest of the address of the running request."""
    known = parts()
    return known.origin_of(known.address_of(request), known.clock())


def note(action: str, staff_id: int, **detail: Any) -> None:
    """Write down what somebody did to their own account."""
    who = f"staff:{staff_id}"
    parts().store.audit.append(who, action, who, detail, parts().clock())
