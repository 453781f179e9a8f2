"""What the web process is given; ``bot.wiring.build_web`` returns something of this shape."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol, cast

from flask import current_app

from bot.core.announcements.announcement import Announcement, Topics
from bot.core.channel import Channel, Echo
from bot.core.desk import Wording
from bot.core.dossiers.slip_page import SlipView
from bot.core.follow.exchange import Event, StateOf
from bot.core.messages import Citizen, Inbound, TimelineEntry
from bot.core.offices.directory import Directory
from bot.core.services.catalogue import Catalogue
from bot.web.hints import Listener

EXTENSION = "motcua"


class WebSettings(Protocol):
    """The settings the web process reads."""

    @property
    def address(self) -> str:
        """Return the public address without a slash at its end."""

    @property
    def secret_key(self) -> str: ...
    @property
    def redis_url(self) -> str: ...
    @property
    def chat_rate(self) -> str: ...
    @property
    def session_rate(self) -> str: ...
    @property
    def metrics_token(self) -> str: ...
    @property
    def web_threads(self) -> int: ...
    @property
    def data_dir(self) -> Path: ...
    @property
    def staff_silence_minutes(self) -> int: ...
    @property
    def hook_secret(self) -> str: ...
    @property
    def timezone(self) -> str: ...
    @property
    def slip_rate(self) -> str: ...
    @property
    def zalo_oa_id(self) -> str: ...
    @property
    def zalo_verifier(self) -> str: ...


class Received(Protocol):
    """What the journal made of one inbound message."""

    @property
    def inbound_id(self) -> int: ...
    @property
    def seq(self) -> int: ...
    @property
    def duplicate(self) -> bool: ...


class Journal(Protocol):
    """Keeps inbound messages."""

    def receive(self, inbounds: Sequence[Inbound], now: datetime) -> Sequence[Received]:
        """Keep new messages; durable when it returns."""

    def is_settled(self, inbound_id: int) -> bool:
        """Return whether the turn of this message is over."""


class Timeline(Protocol):
    """A citizen's talk in order."""

    def messages(self, citizen_id: int, after_seq: int, limit: int) -> Sequence[TimelineEntry]:
        """Return the entries after ``after_seq``."""

    def reply_of(self, inbound_id: int) -> Sequence[TimelineEntry]:
        """Return what was answered to one message."""


class Citizens(Protocol):
    """Who talks to us."""

    def find(self, channel: str, external_id: str) -> Citizen | None:
        """Return the citizen, or None."""

    def open_session(self, channel: str, external_id: str, now: datetime) -> Citizen:
        """Return the citizen, made when new."""


class Deliveries(Protocol):
    """Everything sent."""

    def settle_receipts(self, channel: str, message_ids: Sequence[str], now: datetime) -> Any:
        """Note that messages arrived."""

    def settle_seen(self, channel: str, message_ids: Sequence[str], now: datetime) -> Any:
        """Note that messages were seen."""

    def counts(self) -> Mapping[Any, int]:
        """Return how many rows are in each state."""


class Echoes(Protocol):
    """What left in the account's name."""

    def from_staff(self, channel: str, echo: Echo, now: datetime, silence: timedelta) -> Any:
        """Note that a person wrote; keeps the desk quiet for ``silence``."""

    def of_our_own(self, channel: str, echoes: Sequence[Echo], now: datetime) -> Any:
        """Settle what was lost on the way and came back."""


class Hooks(Protocol):
    """Calls of back offices."""

    def take(self, signature: str, events: Sequence[Event], now: datetime) -> bool:
        """Keep events durably; False for a call that was here before."""


class Processes(Protocol):
    """Heartbeats."""

    def beat(self, name: str, now: datetime, detail: Mapping[str, Any]) -> None:
        """Say that a process is alive."""

    def alive(self, name: str, now: datetime, within: timedelta) -> Mapping[str, Any] | None:
        """Return the details of a fresh heartbeat, or None."""


class LookupFigures(Protocol):
    """What is counted of the codes citizens try."""

    @property
    def wrong(self) -> int: ...
    @property
    def alarm(self) -> bool: ...
    @property
    def alarms(self) -> Sequence[tuple[str, int]]: ...


class Lookups(Protocol):
    """Codes that were tried."""

    def figures(self, now: datetime) -> LookupFigures:
        """Return what is counted now."""


class PublishedNotices(Protocol):
    """Notices for everybody to read."""

    def by_code(self, code: str) -> Announcement | None:
        """Return the notice with the short code printed in it, or None."""

    def named(self, ids: Iterable[int]) -> Mapping[int, Announcement]:
        """Return notices by their ids; unknown ones are left out."""

    def board(
        self,
        now: datetime,
        topic: str | None = None,
        areas: Sequence[str] = (),
        offset: int = 0,
        limit: int = 20,
    ) -> tuple[Sequence[Announcement], int]:
        """Return one page, newest first, expired ones too, and how many there are in all."""


class NoticeFile(Protocol):
    """A document or picture; ``kind`` is its media type."""

    @property
    def kind(self) -> str: ...
    @property
    def data(self) -> bytes: ...


class NoticeFiles(Protocol):
    """The files of notices."""

    def find(self, digest: str) -> NoticeFile | None:
        """Return a file, or None."""


class WebStore(Protocol):
    """The part of the operational store the web process uses."""

    @property
    def journal(self) -> Journal: ...
    @property
    def timeline(self) -> Timeline: ...
    @property
    def citizens(self) -> Citizens: ...
    @property
    def deliveries(self) -> Deliveries: ...
    @property
    def echoes(self) -> Echoes: ...
    @property
    def hooks(self) -> Hooks: ...
    @property
    def lookups(self) -> Lookups: ...
    @property
    def announcements(self) -> PublishedNotices: ...
    @property
    def files(self) -> NoticeFiles: ...
    @property
    def processes(self) -> Processes: ...


class Waker(Protocol):
    """Tells the worker that there is something to do."""

    def notify(self, to: str) -> None:
        """Wake the processes called ``to``; never raises, a missed call costs one poll."""


class Province(Protocol):
    """Whose desk this is."""

    @property
    def desk_name(self) -> str: ...
    @property
    def hotline(self) -> str: ...
    @property
    def portal_url(self) -> str: ...
    @property
    def petition_url(self) -> str: ...
    @property
    def demo(self) -> bool: ...


class Slips(Protocol):
    """Looks up what the link of a slip names."""

    def view(self, text: str, origin: str, now: datetime) -> SlipView:
        """Return what somebody at ``origin`` sees of ``text``."""


class WebParts(Protocol):
    """Everything the web process needs."""

    @property
    def settings(self) -> WebSettings: ...
    @property
    def store(self) -> WebStore: ...
    @property
    def catalogue(self) -> Catalogue: ...
    @property
    def topics(self) -> Topics: ...
    @property
    def directory(self) -> Directory: ...
    @property
    def channels(self) -> Mapping[str, Channel]: ...
    @property
    def waker(self) -> Waker: ...
    @property
    def listen(self) -> Callable[[], Listener] | None: ...
    @property
    def province(self) -> Province: ...
    @property
    def slips(self) -> Slips: ...
    @property
    def wording(self) -> Wording: ...

    @property
    def state_of(self) -> StateOf:
        """Return what knows the province's labels of states."""

    @property
    def origin_of(self) -> Callable[[str, datetime], str]:
        """Return what makes digests of clients' addresses."""

    def clock(self) -> datetime:
        """Return the time, in UTC."""


def parts() -> WebParts:
    """Return the parts of the running app."""
    return cast(WebParts, current_app.extensions[EXTENSION])
