"""What the console is given; ``bot.wiring.console`` builds something of this shape."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Any, Protocol, cast

from flask import Request, current_app, request

from bot.core.staff.door import Door
from bot.core.staff.passwords import PasswordRules
from bot.core.staff.people import By, Member
from bot.core.staff.roles import Role, Staff
from bot.core.work.health import Platform

EXTENSION = "motcua_console"


class Account(Protocol):
    """One account."""

    @property
    def staff(self) -> Staff: ...
    @property
    def enrolled(self) -> bool: ...
    @property
    def locked(self) -> bool: ...
    @property
    def second(self) -> bool:
        """Return whether an authenticator app is joined."""

    @property
    def password_at(self) -> datetime | None: ...
    @property
    def entered_at(self) -> datetime | None: ...
    @property
    def link_until(self) -> datetime | None:
        """Return until when an unused invitation is good, if there is one."""

    @property
    def recovery_left(self) -> int: ...


class Invitation(Protocol):
    """Whose enrolment a link is."""

    @property
    def staff(self) -> Staff: ...
    @property
    def ends_at(self) -> datetime: ...


class OpenInvitation(Protocol):
    """The secret one browser is shown."""

    @property
    def totp(self) -> str: ...
    @property
    def moved(self) -> bool:
        """Return whether another browser had opened the link before."""


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

    def all(self) -> Sequence[Account]:
        """Return every account."""

    def members(self) -> Sequence[Member]:
        """Return what rules about all accounts together need of each."""

    def invitation(self, token: str, now: datetime) -> Invitation | None:
        """Return whose a link is, or None when it is unknown, used or too old."""

    def open_invitation(
        self, token: str, browser: str, fresh: str, now: datetime
    ) -> OpenInvitation | None:
        """Return the secret this browser is shown; ``fresh`` if it is the first or another."""

    def secret_of_invitation(self, token: str, browser: str, now: datetime) -> str | None:
        """Return the secret this browser was shown; None if another came after it."""

    def enrol(
        self,
        token: str,
        browser: str,
        password: str,
        step: int,
        recovery: Iterable[str],
        now: datetime,
    ) -> bool:
        """Use up a link; False when it was used or opened elsewhere meanwhile."""

    def set_password(
        self, staff_id: int, password: str, keep_session: int | None, now: datetime
    ) -> None:
        """Set a new hash and end every session but one."""

    def new_recovery(self, staff_id: int, digests: Iterable[str]) -> None:
        """Replace the recovery codes."""


class People(Protocol):
    """What administrators do to accounts; every act may raise StaffRefused."""

    def add(
        self,
        by: By,
        login: str,
        name: str,
        roles: Collection[Role],
        now: datetime,
        token: str | None = None,
    ) -> Staff:
        """Make an account, enrolled by the link of ``token``."""

    def set_roles(self, by: By, staff_id: int, roles: Collection[Role], now: datetime) -> None:
        """Let somebody do exactly this."""

    def lock(self, by: By, staff_id: int, now: datetime) -> None:
        """Keep somebody out."""

    def unlock(self, by: By, staff_id: int, now: datetime) -> int:
        """Let somebody in again."""

    def reset(self, by: By, staff_id: int, token: str, now: datetime) -> datetime:
        """Take away what somebody logs in with; return until when the new link is good."""


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


class Rated(Protocol):
    """How often an agency was given so many stars."""

    @property
    def agency(self) -> str: ...
    @property
    def stars(self) -> int: ...
    @property
    def count(self) -> int: ...


class Today(Protocol):
    """Counts of the day."""

    def figures(self, since: datetime) -> Figures:
        """Return the counts since ``since``."""

    def wanted_person(self, since: datetime) -> int:
        """Return how many citizens last asked for a person since ``since``."""

    def waiting_for(self, staff_id: int) -> Any:
        """Return the counts ``approve``, ``returned``, ``release``, ``paused``, ``unsure``."""

    def under_way(self, most: int) -> Sequence[Any]:
        """Return notices that go out now: draft_id, title, state, planned, done, total."""

    def ratings(self, since: str) -> Sequence[Rated]:
        """Return what citizens gave since a day, by agency and stars."""


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
    def people(self) -> People: ...
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
    def address(self) -> str:
        """Return the public address, without a slash at its end."""

    @property
    def new_totp(self) -> Callable[[], str]:
        """Return what makes a secret for an authenticator app."""

    @property
    def platforms(self) -> Callable[[datetime], Sequence[Platform]]:
        """Return what tells how the platforms stand."""

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
